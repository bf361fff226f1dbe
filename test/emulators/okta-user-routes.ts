import { type Call, type Reply, reply, type Route } from './exchange.ts';
import { type Attributes, parseCriteria } from './okta-criteria.ts';
import { forbidden, notFound } from './okta-errors.ts';
import { groupJson, userJson } from './okta-json.ts';
import type { OktaUser } from './okta-model.ts';
import { type Limits, paged, type Paging } from './okta-paging.ts';
import type { OktaState } from './okta-state.ts';

const profileFields = [
  'login',
  'email',
  'firstName',
  'lastName',
  'department',
  'displayName',
  'employeeNumber',
];

const userAttributes: Attributes<OktaUser> = {
  id: ({ id }) => id,
  status: ({ status }) => status,
  created: ({ created }) => created,
  statusChanged: ({ statusChanged }) => statusChanged,
  lastUpdated: ({ lastUpdated }) => lastUpdated,
  ...Object.fromEntries(
    profileFields.map((field) => [
      `profile.${field}`,
      ({ profile }: OktaUser) => (typeof profile[field] === 'string' ? profile[field] : undefined),
    ]),
  ),
};

const userLimits: Limits = { usual: 200, max: 200 };

/** Everything under `/api/v1/users`. */
export function userRoutes(state: OktaState, paging: () => Paging): Route[] {
  const origin = (): string => paging().origin;

  const list = (call: Call): Reply => {
    const { filter, search, q } = call.served.query;
    const criteria = [
      parseCriteria('filter', filter, userAttributes),
      parseCriteria('search', search, userAttributes),
    ];
    // Okta leaves out deactivated people unless the request speaks of the status.
    const all = criteria.some(({ attributes }) => attributes.has('status'));
    return paged(call, paging(), userLimits, {
      all: [...state.users.values()],
      matches: (user) =>
        state.seesUser(user) &&
        (all || user.status !== 'DEPROVISIONED') &&
        (q === undefined || beginsWith(user, q.toLowerCase())) &&
        criteria.every((each) => each.matches(user)),
      render: (user) => userJson(user, origin()),
    });
  };

  const found = (call: Call, serve: (user: OktaUser) => Reply): Reply => {
    const user = state.findUser(call.param('id'));
    if (user !== undefined && (state.seesUser(user) || state.unseenStatus === 200)) return serve(user);
    return user === undefined || state.unseenStatus === 404
      ? notFound('User', call.param('id'))
      : forbidden();
  };

  return [
    {
      name: 'okta.user.list',
      method: 'GET',
      path: '/api/v1/users',
      query: ['limit', 'after', 'filter', 'search', 'q'],
      handle: list,
    },
    {
      name: 'okta.user.get',
      method: 'GET',
      path: '/api/v1/users/:id',
      handle: (call) => found(call, (user) => reply(200, userJson(user, origin()))),
    },
    {
      name: 'okta.user.groups',
      method: 'GET',
      path: '/api/v1/users/:id/groups',
      query: ['limit', 'after'],
      handle: (call) =>
        found(call, (user) =>
          paged(call, paging(), userLimits, {
            all: [...user.groups].sort((a, b) => a.order - b.order),
            matches: ({ id }) => !state.hiddenGroups.has(id),
            render: (group) => groupJson(group, origin()),
          }),
        ),
    },
  ];
}

function beginsWith({ profile }: OktaUser, start: string): boolean {
  return ['firstName', 'lastName', 'email'].some((field) => {
    const value = profile[field];
    return typeof value === 'string' && value.toLowerCase().startsWith(start);
  });
}
