import { UsageError } from '../../errors.ts';
import { checkPrivateKey, type ServiceApp } from '../../settings/okta-credentials.ts';

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

/** The service app's key as the JSON of a JWK, whatever form it came in. Throws `UsageError`; the key is never shown. */
export function privateJwk({ privateKey, keyId }: ServiceApp): string {
  const checked = checkPrivateKey(privateKey);
  if ('problem' in checked)
    throw new UsageError([`The private key of the Okta service app cannot be used: ${checked.problem}`]);
  const kid = keyId ?? checked.ownId;
  return JSON.stringify({ ...checked.key.export({ format: 'jwk' }), ...(kid === undefined ? {} : { kid }) });
}
