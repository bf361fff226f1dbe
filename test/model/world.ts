/** A random world as plain data: what a seed makes, what shrinks, and what is printed where a night goes wrong. */
import fc from 'fast-check';
import { type Edit, EDITS, OKTA_EDITS } from './hands.ts';
import { ADDRESS_COUNT, DESCRIPTIONS, FORM_COUNT, NAMES, STATUSES } from './pools.ts';

/** An address as somebody wrote it: which one, and in which form. */
export interface Written {
  readonly address: number;
  readonly form: number;
}

export interface PersonChoice extends Written {
  readonly status: number;
  /** What Okta has as login: the address, or something else. */
  readonly ownLogin: boolean;
  /** The Okta groups they are in. */
  readonly groups: readonly number[];
}

export interface OktaGroupChoice {
  readonly name: number;
  readonly nfd: boolean;
  readonly type: 'OKTA_GROUP' | 'APP_GROUP';
  readonly assigned: boolean;
  readonly description: number;
}

export interface AccountChoice extends Written {
  readonly kind: AccountKind;
}

/** `hidden` is in groups without being on the users list, `service` is on it and nobody's account, `blank` has no address. */
export type AccountKind = 'active' | 'pending' | 'disabled' | 'hidden' | 'service' | 'blank';

/** The group that mirrors a wanted group, as an earlier run left it and others have changed it since. */
export interface MirrorChoice {
  /** `wiped` lost its marker. */
  readonly fate: 'there' | 'absent' | 'wiped';
  readonly name: number | null;
  /** Who is in without belonging there, or the other way round. */
  readonly drift: readonly number[];
  readonly ghost: boolean;
}

/** Any other group of the workspace. */
export interface OtherChoice {
  /** `marked` names any Okta groups, `copy` has the marker of the group before it. */
  readonly kind: 'marked' | 'foreign' | 'hand-made' | 'copy';
  /** The Okta groups that its marker names; for one made by hand, the first lends its name. */
  readonly groups: readonly number[];
  readonly name: number | null;
  readonly members: readonly number[];
}

export interface ConfigChoice {
  readonly name: number;
  readonly selection: 'all' | 'app' | 'search';
  readonly include: number;
  readonly exclude: number;
  readonly rename: number;
  /** Which Okta groups are mapped to which name, by id or by their name at the start. */
  readonly map: readonly { readonly group: number; readonly byName: boolean; readonly to: number }[];
  readonly whenGone: 'delete' | 'empty' | 'keep';
  readonly match: 'email' | 'login';
  readonly statuses: number;
  readonly aliases: number;
  readonly protect: number;
  readonly guard: number;
  readonly shortCuts: boolean;
  readonly invite: number;
}

/** What the workspace makes of what it is sent, where that is not known of Secoda. */
export interface Manners {
  readonly invited: 'kept' | 'dropped' | 'refused' | 'pending';
  readonly disabled: 'kept' | 'dropped' | 'refused';
  readonly serviceAccounts: 'kept' | 'dropped' | 'refused';
  /** Whether a refusal names who is refused. */
  readonly namesRefused: boolean;
  readonly patchNeedsName: boolean;
  readonly duplicateNames: 'allowed' | 'refused';
  readonly descriptionLimit: number;
  readonly longDescription: 'refused' | 'truncated';
  readonly pageSize: number;
  /** Whether the users list shows people who were invited and have not signed in. */
  readonly listsInvited: boolean;
}

export type Request =
  | { readonly kind: 'full' }
  | { readonly kind: 'group'; readonly group: number; readonly by: 'id' | 'okta' | 'secoda' }
  | { readonly kind: 'onboard'; readonly people: readonly number[] }
  | { readonly kind: 'events'; readonly events: readonly EventChoice[] }
  | { readonly kind: 'plan' };

/** An event of Okta's about a person, a group or both, whether it is true or not. */
export interface EventChoice {
  readonly type: (typeof EVENTS)[number];
  readonly person: number;
  readonly group: number;
}

export const EVENTS = [
  'group.user_membership.remove',
  'group.user_membership.add',
  'user.lifecycle.deactivate',
  'user.account.update_profile',
  'group.profile.update',
  'group.lifecycle.create',
  'group.lifecycle.delete',
] as const;

/** What goes wrong during a run, at the nth request of a kind. */
export interface Trouble {
  readonly kind: 'lost' | 'late' | 'refused' | 'broken' | 'down' | 'cut' | 'edit' | 'second';
  readonly on: number;
  readonly nth: number;
  readonly edits: readonly Edit[];
}

export interface Night {
  readonly hours: number;
  readonly edits: readonly Edit[];
  /** New values of some keys of the configuration. */
  readonly config: Partial<ConfigChoice>;
  /** `guard lost`: the file of what counts along is. */
  readonly memory: 'kept' | 'lost' | 'old' | 'guard lost';
  readonly request: Request;
  readonly trouble: Trouble | null;
  /** Whether a plan that is refused is approved; never one of events. */
  readonly approve: boolean;
}

export interface World {
  readonly people: readonly PersonChoice[];
  readonly groups: readonly OktaGroupChoice[];
  readonly accounts: readonly AccountChoice[];
  readonly mirrors: readonly MirrorChoice[];
  readonly others: readonly OtherChoice[];
  readonly config: ConfigChoice;
  readonly manners: Manners;
  readonly nights: readonly Night[];
}

const some = fc.nat({ max: 23 });
const few = (max: number) => fc.uniqueArray(some, { maxLength: max });
const often = <T>(usual: T, others: fc.Arbitrary<T>, weight = 3): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others });
const address = fc.nat({ max: ADDRESS_COUNT - 1 });
const form = fc.nat({ max: FORM_COUNT - 1 });

const person: fc.Arbitrary<PersonChoice> = fc.record({
  address,
  form,
  status: fc.nat({ max: STATUSES.length - 1 }),
  ownLogin: often(false, fc.boolean(), 6),
  groups: few(5),
});

const people = fc
  .tuple(
    fc.uniqueArray(person, { minLength: 3, maxLength: 8, selector: (each) => each.address }),
    fc.array(person, { maxLength: 1 }),
  )
  .map((parts) => parts.flat());

const group: fc.Arbitrary<OktaGroupChoice> = fc.record({
  name: fc.nat({ max: NAMES.length - 1 }),
  nfd: fc.boolean(),
  type: often<OktaGroupChoice['type']>('OKTA_GROUP', fc.constant('APP_GROUP'), 6),
  assigned: often(true, fc.boolean(), 6),
  description: fc.nat({ max: DESCRIPTIONS.length - 1 }),
});

const groups = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.uniqueArray(group, { minLength: 2, maxLength: 6, selector: (each) => each.name }),
  },
  { weight: 1, arbitrary: fc.array(group, { minLength: 1, maxLength: 5 }) },
);

const account: fc.Arbitrary<AccountChoice> = fc.record({
  address,
  form,
  kind: often<AccountChoice['kind']>(
    'active',
    fc.constantFrom('pending', 'disabled', 'hidden', 'service', 'blank'),
    5,
  ),
});

const accounts = fc
  .tuple(
    fc.uniqueArray(account, { minLength: 5, maxLength: 10, selector: (each) => each.address }),
    fc.array(account, { maxLength: 1 }),
  )
  .map((parts) => parts.flat());

const mirror: fc.Arbitrary<MirrorChoice> = fc.record({
  fate: often<MirrorChoice['fate']>('there', fc.constantFrom('absent', 'wiped'), 4),
  name: often<number | null>(null, fc.nat({ max: NAMES.length - 1 }), 6),
  drift: few(3),
  ghost: often(false, fc.boolean(), 12),
});

const other: fc.Arbitrary<OtherChoice> = fc.record({
  kind: fc.constantFrom('marked', 'foreign', 'hand-made', 'copy'),
  groups: fc.uniqueArray(some, { minLength: 1, maxLength: 3 }),
  name: often<number | null>(null, fc.nat({ max: NAMES.length - 1 })),
  members: few(5),
});

const mapped = fc.record({
  group: some,
  byName: often(false, fc.boolean()),
  to: fc.nat({ max: NAMES.length - 1 }),
});

const config: fc.Arbitrary<ConfigChoice> = fc.record({
  name: fc.nat({ max: 2 }),
  selection: fc.constantFrom('all', 'app', 'search'),
  include: fc.nat({ max: 7 }),
  exclude: fc.nat({ max: 7 }),
  rename: fc.nat({ max: 5 }),
  map: fc.array(mapped, { maxLength: 4 }),
  whenGone: often<ConfigChoice['whenGone']>('delete', fc.constantFrom('empty', 'keep'), 2),
  match: often<ConfigChoice['match']>('email', fc.constant('login')),
  statuses: fc.nat({ max: 3 }),
  aliases: fc.nat({ max: 4 }),
  protect: fc.nat({ max: 4 }),
  guard: fc.nat({ max: 9 }),
  shortCuts: fc.boolean(),
  invite: fc.nat({ max: 3 }),
});

const edit = (kinds: readonly Edit['kind'][]): fc.Arbitrary<Edit> =>
  fc.record({
    kind: fc.constantFrom(...kinds, ...kinds.filter((kind) => OFTEN.includes(kind))),
    a: some,
    b: some,
    c: some,
  });

/** What happens most in a company, and what changes most here. */
const OFTEN: readonly Edit['kind'][] = ['join', 'leave', 'status', 'rename', 'remove', 'unassign', 'assign'];

const event: fc.Arbitrary<EventChoice> = fc.record({
  type: fc.constantFrom(...EVENTS),
  person: some,
  group: some,
});

const ofGroup = fc.record({
  kind: fc.constant('group' as const),
  group: some,
  by: fc.constantFrom('id', 'okta', 'secoda'),
});
const ofEvents = fc.record({
  kind: fc.constant('events' as const),
  events: fc.array(event, { minLength: 1, maxLength: 3 }),
});
const ofPeople = fc.record({ kind: fc.constant('onboard' as const), people: few(3) });

const request: fc.Arbitrary<Request> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Request>({ kind: 'full' }) },
  { weight: 2, arbitrary: ofGroup },
  { weight: 1, arbitrary: ofEvents },
  { weight: 1, arbitrary: ofPeople },
  { weight: 1, arbitrary: fc.constant<Request>({ kind: 'plan' }) },
);

const trouble: fc.Arbitrary<Trouble> = fc.record({
  kind: fc.constantFrom('lost', 'late', 'refused', 'broken', 'down', 'cut', 'edit', 'second'),
  on: some,
  nth: fc.integer({ min: 1, max: 4 }),
  edits: fc.array(edit(OKTA_EDITS), { minLength: 1, maxLength: 2 }),
});

/** What somebody changes of the configuration between two nights: one or two keys, mostly none. */
const changed: fc.Arbitrary<Partial<ConfigChoice>> = often<Partial<ConfigChoice>>(
  {},
  fc
    .tuple(
      config,
      fc.subarray(['map', 'exclude', 'rename', 'whenGone', 'aliases', 'protect', 'guard', 'statuses'], {
        minLength: 1,
        maxLength: 2,
      }),
    )
    .map(([from, keys]) => Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)))),
);

const night: fc.Arbitrary<Night> = fc.record({
  hours: often(24, fc.constantFrom(1, 12, 200)),
  edits: fc.array(edit(EDITS), { maxLength: 4 }),
  config: changed,
  memory: often<Night['memory']>('kept', fc.constantFrom('lost', 'old', 'guard lost'), 6),
  request,
  trouble: often<Trouble | null>(null, trouble, 2),
  approve: fc.boolean(),
});

/** What makes losses and gains that the guard counts. */
const COUNTED: readonly Edit['kind'][] = [
  'leave',
  'status',
  'remove',
  'add',
  'hire',
  's-join',
  's-add',
  's-wipe',
];

/** Many small runs, one right after the other, after a night that put all in order. */
const smallRuns: fc.Arbitrary<readonly Night[]> = fc
  .tuple(
    night,
    fc.integer({ min: 1, max: 4 }),
    fc.array(
      fc.record({
        hours: fc.constantFrom(0, 0, 1),
        edits: fc.array(edit(COUNTED), { minLength: 1, maxLength: 3 }),
        memory: often<Night['memory']>('kept', fc.constantFrom('lost', 'guard lost'), 6),
        request: fc.oneof(ofGroup, ofGroup, ofEvents, ofPeople),
        approve: often(false, fc.boolean()),
      }),
      { minLength: 3, maxLength: 5 },
    ),
  )
  .map(([first, groups, more]) => [
    { ...first, request: { kind: 'full' }, approve: true },
    ...more.map((each, n) => {
      const request = each.request.kind === 'group' ? { ...each.request, group: n % groups } : each.request;
      return { ...each, request, config: {}, trouble: null };
    }),
  ]);

const manners: fc.Arbitrary<Manners> = fc.record({
  invited: often<Manners['invited']>('kept', fc.constantFrom('dropped', 'refused', 'pending'), 2),
  disabled: often<Manners['disabled']>('kept', fc.constantFrom('dropped', 'refused'), 2),
  serviceAccounts: often<Manners['serviceAccounts']>('kept', fc.constantFrom('dropped', 'refused')),
  namesRefused: fc.boolean(),
  patchNeedsName: often(false, fc.constant(true)),
  duplicateNames: often<Manners['duplicateNames']>('allowed', fc.constant('refused')),
  descriptionLimit: fc.constantFrom(10_000, 300),
  longDescription: fc.constantFrom('refused', 'truncated'),
  pageSize: fc.constantFrom(100, 2),
  listsInvited: often(true, fc.boolean()),
});

const usual: fc.Arbitrary<World> = fc.record({
  people,
  groups,
  accounts,
  mirrors: fc.array(mirror, { maxLength: 6 }),
  others: fc.array(other, { maxLength: 2 }),
  config,
  manners,
  nights: fc.array(night, { minLength: 2, maxLength: 3 }),
});

/** Where the guard's limits are low. */
const guarded: fc.Arbitrary<World> = fc
  .tuple(usual, smallRuns, fc.integer({ min: 5, max: 9 }))
  .map(([world, nights, guard]) => ({ ...world, config: { ...world.config, guard }, nights }));

/** Memory is lost, nothing happens, and then groups are united and taken apart. */
const remapped: fc.Arbitrary<World> = fc
  .tuple(usual, night, night, fc.array(mapped, { minLength: 2, maxLength: 5 }))
  .map(([world, quiet, then, map]) => {
    const full = { request: { kind: 'full' }, approve: true } as const;
    const nights: Night[] = [
      { ...quiet, ...full, memory: 'lost', config: {}, trouble: null },
      { ...then, ...full, memory: 'kept', edits: [], config: { map } },
      { ...quiet, ...full, memory: 'kept', edits: [], config: {}, trouble: null },
    ];
    return { ...world, nights };
  });

export const worlds: fc.Arbitrary<World> = fc.oneof(
  { weight: 3, arbitrary: usual },
  { weight: 1, arbitrary: guarded },
  { weight: 1, arbitrary: remapped },
);
