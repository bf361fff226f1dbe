/** What a call needs to be allowed to read. */
export type Right = 'groups' | 'apps' | 'users';

/** The OAuth scope that a service app has to be granted for each right. */
export const SCOPES: Readonly<Record<Right, string>> = {
  groups: 'okta.groups.read',
  apps: 'okta.apps.read',
  users: 'okta.users.read',
};

/** What the admin role behind a token or service app has to allow, in words that complete "a role that may …". */
export const ROLES: Readonly<Record<Right, string>> = {
  groups: 'view groups and their members (Read-Only Administrator, for example)',
  apps: 'view applications and the groups assigned to them (Read-Only Administrator, for example)',
  users: 'view users and the groups they are in (Read-Only Administrator, for example)',
};
