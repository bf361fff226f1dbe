import type { JsonObject } from './json.ts';
import type { OktaApp, OktaGroup, OktaUser } from './okta-model.ts';

/** A user object as the users and members lists give it: about two kilobytes. */
export function userJson(user: OktaUser, origin: string): JsonObject {
  const joined = user.status === 'STAGED' || user.status === 'PROVISIONED' ? null : user.created;
  return {
    id: user.id,
    status: user.status,
    created: user.created,
    activated: user.status === 'STAGED' ? null : user.created,
    statusChanged: user.statusChanged,
    lastLogin: joined,
    lastUpdated: user.lastUpdated,
    passwordChanged: joined,
    realmId: 'guo1emulatedrealm5d7',
    type: { id: 'oty1emulatedtypes5d7' },
    profile: user.profile,
    credentials: {
      password: {},
      recovery_question: { question: 'What was the name of your first school?' },
      emails: [
        { value: user.profile.email, status: 'VERIFIED', type: 'PRIMARY' },
        { value: user.profile.secondEmail, status: 'VERIFIED', type: 'SECONDARY' },
      ],
      provider: { type: 'OKTA', name: 'OKTA' },
    },
    _links: {
      schema: { href: `${origin}/api/v1/meta/schemas/user/osc1emulatedschem5d7` },
      type: { href: `${origin}/api/v1/meta/types/user/oty1emulatedtypes5d7` },
      self: { href: `${origin}/api/v1/users/${user.id}` },
    },
  };
}

export function groupJson(group: OktaGroup, origin: string): JsonObject {
  const href = `${origin}/api/v1/groups/${group.id}`;
  return {
    id: group.id,
    created: group.created,
    lastUpdated: group.lastUpdated,
    lastMembershipUpdated: group.lastMembershipUpdated,
    objectClass: [group.type === 'APP_GROUP' ? 'okta:windows_security_principal' : 'okta:user_group'],
    type: group.type,
    profile: { name: group.name, description: group.description },
    _links: {
      self: { href },
      logo: [
        {
          name: 'medium',
          href: `${origin}/assets/img/logos/groups/odyssey/okta-medium.png`,
          type: 'image/png',
        },
        {
          name: 'large',
          href: `${origin}/assets/img/logos/groups/odyssey/okta-large.png`,
          type: 'image/png',
        },
      ],
      users: { href: `${href}/users` },
      apps: { href: `${href}/apps` },
    },
  };
}

/** What `expand=stats` adds to a group. */
export function withStats(json: JsonObject, group: OktaGroup, appsCount: number): JsonObject {
  const stats = {
    usersCount: group.members.size,
    appsCount,
    groupPushMappingsCount: 0,
    hasAdminPrivilege: false,
  };
  return { ...json, _embedded: { stats } };
}

/** A group's assignment to an app; the group itself only with `expand=group`. */
export function assignmentJson(
  app: OktaApp,
  group: OktaGroup,
  origin: string,
  expanded: boolean,
): JsonObject {
  return {
    id: group.id,
    lastUpdated: group.lastUpdated,
    priority: 0,
    profile: {},
    _links: {
      app: { href: `${origin}/api/v1/apps/${app.id}` },
      self: { href: `${origin}/api/v1/apps/${app.id}/groups/${group.id}` },
      group: { href: `${origin}/api/v1/groups/${group.id}` },
    },
    ...(expanded ? { _embedded: { group: groupJson(group, origin) } } : {}),
  };
}

export function appJson(app: OktaApp, origin: string): JsonObject {
  return {
    id: app.id,
    name: 'bookmark',
    label: app.label,
    status: 'ACTIVE',
    created: app.created,
    lastUpdated: app.created,
    signOnMode: 'BOOKMARK',
    _links: { groups: { href: `${origin}/api/v1/apps/${app.id}/groups` } },
  };
}
