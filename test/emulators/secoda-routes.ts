import { type Call, type Reply, reply, type Route } from './exchange.ts';
import { fieldsOf, groupEdit, InputError, type InputRules, strings, text } from './secoda-input.ts';
import { groupJson, paged, type Pages, type UserFields, userJson } from './secoda-json.ts';
import type { SecodaGroup, SecodaState, SecodaUser } from './secoda-state.ts';

const pageQuery = ['page', 'page_size'];
const groupPath = '/api/v1/auth/group';
const userPath = '/api/v1/user';
const roles = ['admin', 'editor', 'viewer', 'guest'];

/** The groups and users of the workspace. */
export function secodaRoutes(
  state: SecodaState,
  rules: InputRules,
  pages: () => Pages,
  userFields: UserFields,
): Route[] {
  const shown = (user: SecodaUser): boolean => !user.pending || rules.invited !== 'pending';
  const row = (user: SecodaUser) => userJson(user, userFields, state.workspaceId);
  const json = (group: SecodaGroup) => groupJson(group, state.workspaceId, shown);
  const wrote = ({ served: { method, path } }: Call, groupId: string | null, effective: boolean): void =>
    state.recordWrite(method, path, groupId, effective);

  const found = (call: Call, serve: (group: SecodaGroup) => Reply): Reply => {
    const group = state.groups.get(call.param('id'));
    return group === undefined ? reply(404, { detail: 'Not found.' }) : serve(group);
  };

  const create = (call: Call): Reply => {
    const { name = '', description = '', icon = null, users = [] } = groupEdit(call.body, state, rules, null);
    const group = state.addGroup({ name, description, icon, users });
    wrote(call, group.id, true);
    return reply(201, json(group));
  };

  const update = (call: Call): Reply =>
    found(call, (group) => {
      wrote(call, group.id, state.edit(group, groupEdit(call.body, state, rules, group.id)));
      return reply(200, json(group));
    });

  const remove = (call: Call): Reply =>
    found(call, (group) => {
      state.removeGroup(group);
      wrote(call, group.id, true);
      return reply(204);
    });

  const invite = (call: Call): Reply => {
    const fields = fieldsOf(call.body, ['emails', 'role', 'groups', 'teams']);
    const emails = strings('emails', fields.emails);
    const role = fields.role === undefined ? 'viewer' : text('role', fields.role);
    if (!roles.includes(role)) throw new InputError('role', `"${role}" is not a valid choice.`);
    if (fields.teams !== undefined) strings('teams', fields.teams);
    const groups = strings('groups', fields.groups ?? []).map((id) => {
      const group = state.groups.get(id);
      if (group === undefined) throw new InputError('groups', `Invalid pk "${id}" - object does not exist.`);
      return group;
    });
    for (const email of emails) {
      if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new InputError('emails', 'Enter a valid email address.');
    }
    const known = new Set([...state.users.values()].map(({ email }) => email?.toLowerCase()));
    const invited = emails.filter((email) => !known.has(email.toLowerCase()));
    const users = invited.map((email) => state.addUser({ email, role, pending: true }));
    if (rules.invited === 'kept' || rules.invited === 'pending') {
      for (const group of groups) state.edit(group, { users: [...group.users, ...users] });
    }
    state.mailed.push(...emails);
    wrote(call, null, users.length > 0);
    return reply(201, users.map(row));
  };

  return [
    {
      name: 'secoda.group.list',
      method: 'GET',
      path: groupPath,
      query: pageQuery,
      handle: (call) => paged(call, pages(), [...state.groups.values()], json),
    },
    { name: 'secoda.group.create', method: 'POST', path: groupPath, body: 'json', handle: create },
    {
      name: 'secoda.group.get',
      method: 'GET',
      path: `${groupPath}/:id`,
      handle: (call) => found(call, (group) => reply(200, json(group))),
    },
    { name: 'secoda.group.update', method: 'PATCH', path: `${groupPath}/:id`, body: 'json', handle: update },
    { name: 'secoda.group.delete', method: 'DELETE', path: `${groupPath}/:id`, handle: remove },
    {
      name: 'secoda.user.list',
      method: 'GET',
      path: userPath,
      query: pageQuery,
      handle: (call) =>
        paged(
          call,
          pages(),
          [...state.users.values()].filter(
            ({ hidden, pending }) => !hidden && (!pending || state.listsInvited),
          ),
          row,
        ),
    },
    { name: 'secoda.user.invite', method: 'POST', path: userPath, body: 'json', handle: invite },
  ];
}
