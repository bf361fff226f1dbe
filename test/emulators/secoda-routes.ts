import { type Call, type Reply, reply, type Route } from './exchange.ts';
import { groupEdit, type InputRules } from './secoda-input.ts';
import { invitation, sameAddress } from './secoda-invitation.ts';
import { groupJson, paged, type Pages, type UserFields, userJson } from './secoda-json.ts';
import type { SecodaGroup, SecodaState, SecodaUser } from './secoda-state.ts';

const pageQuery = ['page', 'page_size'];
const groupPath = '/api/v1/auth/group';
const userPath = '/api/v1/user';

/** The groups and users of the workspace. */
export function secodaRoutes(
  state: SecodaState,
  rules: InputRules,
  pages: () => Pages,
  userFields: UserFields,
): Route[] {
  const shown = (user: SecodaUser): boolean => !user.pending || rules.invited !== 'pending';
  const row = (user: SecodaUser) => userJson(user, userFields, state.workspaceId);
  const json = (group: SecodaGroup) => groupJson(group, state.workspaceId, shown, rules.descriptions);
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
    const { email, role, groups } = invitation(call.body, state, rules);
    const known = [...state.users.values()].find((user) => sameAddress(user.email, email));
    const user = known ?? state.addUser({ email, role, pending: true });
    if (known === undefined && (rules.invited === 'kept' || rules.invited === 'pending')) {
      for (const group of groups) state.join(user, group);
    }
    if (email !== null) state.mailed.push(email);
    wrote(call, null, known === undefined);
    if (rules.invitationAnswer === 'nothing') return reply(201, {});
    return reply(201, rules.invitationForm === 'guide' ? [row(user)] : row(user));
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
