/** The few names, addresses and rules that worlds are made of, so that everything collides with everything. */
import type { ConfigChoice, Written } from './world.ts';

export const NAMES = ['Data', 'Finance', 'Sales', 'Équipe', 'BI', 'Ops', 'Core', 'data', ' Ops '];
export const DESCRIPTIONS = [
  null,
  '',
  'All about data',
  'Two\nlines',
  'Managed by Okta (00gX) via okta. Mine.',
];
export const STATUSES = [
  'ACTIVE',
  'ACTIVE',
  'ACTIVE',
  'ACTIVE',
  'PROVISIONED',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
  'STAGED',
  'HIBERNATING',
];
export const APP = '0oa1emulated5d7';
/** An Okta group that is long gone, as old markers name it. */
export const GHOST = '00g1ghost5d7';

const ADDRESSES = [
  'ada@acme.com',
  'bob@acme.com',
  'rené@acme.com',
  'dan@bücher.example',
  'eve@vendor.io',
  'breakglass@acme.com',
  'gus@acme.com',
  'gus@acme.io',
  'ada.l@acme.io',
  'hal@acme.com',
];
export const ADDRESS_COUNT = ADDRESSES.length;

/** Each makes another text of an address that is still the same one. */
const FORMS: readonly ((address: string) => string)[] = [
  (address) => address,
  (address) => address,
  (address) => address.toUpperCase(),
  (address) => ` ${address}\t`,
  (address) => address.normalize('NFD'),
];
export const FORM_COUNT = FORMS.length;

export function written({ address, form }: Written): string {
  const text = ADDRESSES[address % ADDRESSES.length] ?? '';
  return (FORMS[form % FORMS.length] ?? String)(text);
}

/** As somebody typed it on another machine: the same letters, not composed. */
export const typed = (name: string): string => name.normalize('NFD');

export const nameOf = (n: number): string => NAMES[n % NAMES.length] ?? '';
export const statusOf = (n: number): string => STATUSES[n % STATUSES.length] ?? 'ACTIVE';
export const descriptionOf = (n: number): string | null => DESCRIPTIONS[n % DESCRIPTIONS.length] ?? null;

const INCLUDES = [['*'], ['*'], ['*'], ['*'], ['??*'], ['??*'], ['D*', 'S*', 'É*', 'd*', 'B*'], ['*a*']];
const EXCLUDES = [[], [], [], [], ['BI'], ['D*'], ['?quipe', 'F*'], ['Ops', 'Core']];
const RENAMES = [
  [],
  [],
  [],
  [{ match: '^Fin(.+)$', to: 'Money f$1' }],
  [{ match: '^(Data|Sales)$', to: 'Core' }],
  [{ match: '^(?!X-)', to: 'X-' }],
];
const ELIGIBLE = [undefined, undefined, ['ACTIVE'], ['ACTIVE', 'SUSPENDED', 'PROVISIONED']];
const ALIASES = [
  {},
  {},
  { 'ada@acme.com': 'ada.l@acme.io' },
  { '*@acme.com': '*@acme.io' },
  { '*@acme.com': '*@acme.io', 'ADA@acme.com': 'ada.l@acme.io', 'gus@acme.com': 'gus@acme.com' },
];
const PROTECTED = [
  [],
  ['*a*@acme.com'],
  ['breakglass@acme.com'],
  ['*@vendor.io', 'BREAKGLASS@acme.com'],
  ['?al@acme.com', 'bob@*'],
];
/** More than a world has of anything. */
export const NO_LIMIT = 999;
const LOOSE = {
  groupDeletions: { max: NO_LIMIT },
  memberRemovals: { max: NO_LIMIT },
  removalsPerGroup: { max: NO_LIMIT },
  emptiedGroups: { atLeast: NO_LIMIT },
  additionsPerGroup: { max: NO_LIMIT },
  adoptions: { max: NO_LIMIT },
};
const GUARDS = [
  LOOSE,
  LOOSE,
  LOOSE,
  LOOSE,
  {},
  { ...LOOSE, memberRemovals: { max: 2, percent: 0 } },
  { ...LOOSE, removalsPerGroup: { max: 1, percent: 0 } },
  { ...LOOSE, groupDeletions: { max: 1, percent: 0 }, emptiedGroups: { atLeast: 2 } },
  { ...LOOSE, adoptions: { max: 1 } },
  { ...LOOSE, additionsPerGroup: { max: 1, percent: 0 } },
];

const pick = <T>(pool: readonly T[], n: number): T | undefined => pool[n % pool.length];

/** @param ids the Okta groups' ids, in the order of the world; `names` at the start */
export function configOf(
  choice: ConfigChoice,
  urls: { readonly okta: string; readonly secoda: string },
  groups: readonly { readonly id: string; readonly name: string }[],
): Configuration {
  const map = choice.map.flatMap(({ group, byName, to }) => {
    const found = groups[group % Math.max(1, groups.length)];
    return found === undefined ? [] : [[byName ? found.name : found.id, nameOf(to)] as const];
  });
  const statuses = pick(ELIGIBLE, choice.statuses);
  const selection = {
    all: { all: true },
    app: { app: APP },
    search: { search: 'type eq "OKTA_GROUP" or type eq "APP_GROUP"' },
  }[choice.selection];
  return {
    name: pick(['okta', 'okta', 'okta-eu'], choice.name) ?? 'okta',
    okta: {
      orgUrl: urls.okta,
      groups: selection,
      shortCutsFrom: choice.shortCuts ? 0 : 200,
    },
    secoda: { url: urls.secoda },
    groups: {
      include: pick(INCLUDES, choice.include) ?? [],
      exclude: pick(EXCLUDES, choice.exclude) ?? [],
      rename: pick(RENAMES, choice.rename) ?? [],
      map: Object.fromEntries(map),
      whenGone: choice.whenGone,
    },
    users: {
      match: choice.match,
      ...(statuses === undefined ? {} : { statuses }),
      aliases: pick<Readonly<Record<string, string>>>(ALIASES, choice.aliases) ?? {},
      protect: pick(PROTECTED, choice.protect) ?? [],
      invite: choice.invite < 2 ? false : { role: 'viewer' },
    },
    guard: {
      ...(pick<Guards>(GUARDS, choice.guard) ?? {}),
      ...(choice.invite === 3 ? { invitations: { max: 1 } } : {}),
      // Drawn from what has nothing to do with it.
      overLimit: choice.include % 2 === 0 ? 'refuse' : 'hold',
    },
  };
}

interface Limit {
  readonly max: number;
  readonly percent?: number;
}

export interface Guards {
  readonly groupDeletions?: Limit;
  readonly memberRemovals?: Limit;
  readonly removalsPerGroup?: Limit;
  readonly emptiedGroups?: { readonly atLeast: number };
  readonly additionsPerGroup?: Limit;
  readonly adoptions?: { readonly max: number };
  readonly invitations?: { readonly max: number };
  readonly overLimit?: 'refuse' | 'hold';
}

/** The configuration as a file holds it: the model and the sync read the same text. */
export interface Configuration {
  readonly name: string;
  readonly okta: { readonly orgUrl: string; readonly groups: object; readonly shortCutsFrom: number };
  readonly secoda: { readonly url: string };
  readonly groups: {
    readonly include: readonly string[];
    readonly exclude: readonly string[];
    readonly rename: readonly { readonly match: string; readonly to: string }[];
    readonly map: Readonly<Record<string, string>>;
    readonly whenGone: ConfigChoice['whenGone'];
  };
  readonly users: {
    readonly match: ConfigChoice['match'];
    readonly statuses?: readonly string[];
    readonly aliases: Readonly<Record<string, string>>;
    readonly protect: readonly string[];
    readonly invite: false | { readonly role: string };
  };
  readonly guard: Guards;
}
