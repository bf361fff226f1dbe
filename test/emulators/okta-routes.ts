import { type Call, type Reply, reply, type Route } from './exchange.ts';
import { type Attributes, parseCriteria } from './okta-criteria.ts';
import { forbidden, notFound, oktaErrorBody } from './okta-errors.ts';
import { appJson, assignmentJson, groupJson, userJson, withStats } from './okta-json.ts';
import type { OktaApp, OktaGroup } from './okta-model.ts';
import { type Limits, paged, type Paging, type SmallPages } from './okta-paging.ts';
import type { OktaState } from './okta-state.ts';

const groupFilter: Attributes<OktaGroup> = {
  id: ({ id }) => id,
  type: ({ type }) => type,
  lastUpdated: ({ lastUpdated }) => lastUpdated,
  lastMembershipUpdated: ({ lastMembershipUpdated }) => lastMembershipUpdated,
};

const groupSearch: Attributes<OktaGroup> = {
  ...groupFilter,
  created: ({ created }) => created,
  'profile.name': ({ name }) => name,
  'profile.description': ({ description }) => description ?? undefined,
};

const groupLimits: Limits = { usual: 10_000, max: 10_000 };
const appLimits: Limits = { usual: 20, max: 200 };
const memberLimits: Limits = { usual: 1000, max: 1000 };

/** Everything under `/api/v1/groups` and `/api/v1/apps`. `below`: of limits of fewer than 20 groups of an app; `statsUpTo`: the largest page of groups with counts. */
export function groupRoutes(
  state: OktaState,
  paging: () => Paging,
  below: SmallPages,
  statsUpTo: number,
): Route[] {
  const assignmentLimits: Limits = { usual: 20, least: { rows: 20, below }, max: 200 };
  const origin = (): string => paging().origin;

  const list = (call: Call): Reply => {
    const { filter, search, q, expand, limit = '10000' } = call.served.query;
    if (expand === 'stats' && Number(limit) > statsUpTo) return reply(500, oktaErrorBody('E0000009'));
    const criteria = [
      parseCriteria('filter', filter, groupFilter),
      parseCriteria('search', search, groupSearch),
    ];
    return paged(call, paging(), groupLimits, {
      all: [...state.groups.values()],
      matches: (group) =>
        !state.hiddenGroups.has(group.id) &&
        (q === undefined || group.name.toLowerCase().startsWith(q.toLowerCase())) &&
        criteria.every((each) => each.matches(group)),
      render: (group) => {
        const json = groupJson(group, origin());
        return expand === 'stats' ? withStats(json, group, appsOf(group)) : json;
      },
    });
  };

  const appsOf = (group: OktaGroup): number =>
    [...state.apps.values()].filter(({ groups }) => groups.has(group)).length;

  const visible = (call: Call, serve: (group: OktaGroup) => Reply): Reply => {
    const id = call.param('id');
    const group = state.groups.get(id);
    if (group === undefined) return notFound('UserGroup', id);
    if (!state.hiddenGroups.has(id)) return serve(group);
    return state.hiddenStatus === 403 ? forbidden() : notFound('UserGroup', id);
  };

  const withApp = (call: Call, serve: (app: OktaApp) => Reply): Reply => {
    const app = state.apps.get(call.param('id'));
    return app === undefined ? notFound('AppInstance', call.param('id')) : serve(app);
  };

  return [
    {
      name: 'okta.group.list',
      method: 'GET',
      path: '/api/v1/groups',
      query: ['limit', 'after', 'filter', 'search', 'q', 'expand'],
      handle: list,
    },
    {
      name: 'okta.group.get',
      method: 'GET',
      path: '/api/v1/groups/:id',
      handle: (call) => visible(call, (group) => reply(200, groupJson(group, origin()))),
    },
    {
      name: 'okta.group.users',
      method: 'GET',
      path: '/api/v1/groups/:id/users',
      query: ['limit', 'after'],
      handle: (call) =>
        visible(call, (group) =>
          paged(call, paging(), memberLimits, {
            all: state.membersOf(group),
            matches: (user) => !state.leavesOut(user, group),
            render: (user) => userJson(user, origin()),
          }),
        ),
    },
    {
      name: 'okta.app.list',
      method: 'GET',
      path: '/api/v1/apps',
      query: ['q', 'limit', 'after'],
      handle: (call) => {
        const { q = '' } = call.served.query;
        return paged(call, paging(), appLimits, {
          all: [...state.apps.values()].map((app, order) => ({ ...app, order })),
          matches: ({ label }) => label.toLowerCase().startsWith(q.toLowerCase()),
          render: (app) => appJson(app, origin()),
        });
      },
    },
    {
      name: 'okta.app.get',
      method: 'GET',
      path: '/api/v1/apps/:id',
      handle: (call) => withApp(call, (app) => reply(200, appJson(app, origin()))),
    },
    {
      name: 'okta.app.groups',
      method: 'GET',
      path: '/api/v1/apps/:id/groups',
      query: ['limit', 'after', 'expand'],
      handle: (call) =>
        withApp(call, (app) =>
          paged(call, paging(), assignmentLimits, {
            all: [...app.groups].sort((a, b) => a.order - b.order),
            matches: ({ id }) => !state.hiddenGroups.has(id),
            render: (group) => assignmentJson(app, group, origin(), call.served.query.expand === 'group'),
          }),
        ),
    },
    {
      name: 'okta.app.group',
      method: 'GET',
      path: '/api/v1/apps/:id/groups/:groupId',
      query: ['expand'],
      handle: (call) =>
        withApp(call, (app) => {
          const id = call.param('groupId');
          const group = [...app.groups].find((each) => each.id === id && !state.hiddenGroups.has(id));
          if (group === undefined) return notFound('ApplicationGroupAssignment', id);
          return reply(200, assignmentJson(app, group, origin(), call.served.query.expand === 'group'));
        }),
    },
  ];
}
