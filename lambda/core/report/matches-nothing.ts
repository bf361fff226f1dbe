import { fitsGlob, normaliseAddress } from '../people/address.ts';
import { addressOfAccount } from '../people/identity.ts';
import { fitsAnyName, isInScope } from '../groups/mapping.ts';
import type { DirectorySnapshot, OktaGroup } from '../model/directory.ts';
import { readMarker } from '../groups/marker.ts';
import type { WorkspaceGroup, WorkspaceSnapshot, WorkspaceUser } from '../model/workspace.ts';
import { composed, nameKey, nearest } from '../model/text.ts';
import type { MappingRules, PeopleRules } from '../model/rules.ts';
import { type Warning, warningOf } from '../model/warning.ts';

interface Matchable {
  readonly mapping: MappingRules;
  readonly people: PeopleRules;
  /** Every group that Okta lists, in scope or not. */
  readonly groups: readonly OktaGroup[];
  readonly users: readonly WorkspaceUser[];
  readonly secodaGroups: readonly WorkspaceGroup[];
  /** Who is in Okta, as far as aliases ask; `null` where that is not known. */
  readonly inOkta: KnownAddresses | null;
}

export interface KnownAddresses {
  /** Whether an address, or one that fits a pattern, is among them. */
  readonly fits: (pattern: string) => boolean;
  /** All that are known, to find what was meant. */
  readonly all: Iterable<string>;
}

/** A rule that matches nothing, and where the one it was meant for may be found. */
interface Idle {
  readonly message: string;
  /** What it was looked for as, and among what. */
  readonly text: string;
  readonly glob: boolean;
  readonly among: Iterable<string>;
}

/** So many of the rules are told with the nearest name: it is looked for among everybody's addresses. */
const MOST_NEAREST = 25;

/** The rules of the configuration that match nothing, in its order: one that is meant to protect somebody protects nobody then. */
export function rulesThatMatchNothing(input: Matchable): readonly Warning[] {
  const idle = [...idleGroupRules(input), ...idleAddressRules(input)];
  return idle.map((each, index) => {
    const name = index < MOST_NEAREST ? nearestOf(each) : undefined;
    const found = name === undefined ? '' : `; the nearest is “${name}”`;
    return warningOf('matches-nothing', { group: null, oktaIds: [] }, `${each.message}${found}`);
  });
}

/** More than half of what stands in it was not mistyped. */
function nearestOf({ text, glob, among }: Idle): string | undefined {
  const letters = glob ? text.replaceAll(/[*?]/g, '') : text;
  return letters === '' ? undefined : nearest(text, among, { glob, most: Math.ceil(letters.length / 2) });
}

function* idleGroupRules({ mapping, groups, secodaGroups }: Matchable): Generator<Idle> {
  const names = groups.map(({ name }) => composed(name));
  const inScope = groups.filter((group) => isInScope(group, mapping));
  const scope = new Set(inScope.map(({ name }) => composed(name)));
  const ids = new Set(inScope.map(({ id }) => id));
  const inSecoda = secodaGroups.map(({ name }) => nameKey(name));
  const known = new Set([...groups, ...secodaGroups].flatMap(({ id, name }) => [id, nameKey(name)]));
  const isKnown = (text: string) =>
    known.has(nameKey(text)) ||
    secodaGroups.some(({ description }) => readMarker(description)?.oktaIds.includes(text));
  for (const key of ['include', 'exclude'] as const)
    for (const text of mapping[key]) {
      // What fits anything is no slip, even where there is nothing.
      if (text === '*' || names.some((name) => fitsGlob(text, name))) continue;
      const message = `groups.${key}: ${quoted(text)} fits no group that Okta lists`;
      yield { message, text, glob: true, among: names };
    }
  for (const text of mapping.frozen) {
    if (isKnown(text)) continue;
    const message = `groups.frozen: ${quoted(text)} is neither the id nor the name of a group in Okta or in Secoda, and freezes nothing`;
    yield { message, text, glob: false, among: [...names, ...inSecoda] };
  }
  for (const { match } of mapping.rename) {
    if (fitsAnyName(match, [...scope], mapping)) continue;
    const message = `groups.rename: ${quoted(match)} fits no Okta group in scope`;
    yield { message, text: globLike(match), glob: true, among: scope };
  }
  for (const text of mapping.map.keys()) {
    if (ids.has(text) || scope.has(composed(text))) continue;
    const isListed = groups.some(({ id, name }) => id === text || composed(name) === composed(text));
    const what = isListed
      ? 'is left out by include and exclude'
      : 'is neither the id nor the name of an Okta group in scope';
    const message = `groups.map: ${quoted(text)} ${what}`;
    yield { message, text, glob: false, among: isListed ? [] : [...scope, ...ids] };
  }
}

function* idleAddressRules({ people, users, inOkta }: Matchable): Generator<Idle> {
  const accounts = knownAddresses(users.map(addressOfAccount));
  for (const [key, value] of people.aliases) {
    const from = normaliseAddress(key) ?? '';
    const to = normaliseAddress(value) ?? '';
    if (inOkta?.fits(from) === false) {
      const message = `users.aliases: nobody in the Okta groups in scope has ${quoted(key)}`;
      yield { message, text: from, glob: true, among: inOkta.all };
    } else if (!accounts.fits(to)) {
      const message = `users.aliases: no Secoda account has ${quoted(value)}, which ${quoted(key)} stands for`;
      yield { message, text: to, glob: true, among: accounts.all };
    }
  }
  // A service account, too, can be protected.
  const all = knownAddresses(users.map(({ email }) => email));
  for (const glob of people.protect) {
    const text = normaliseAddress(glob) ?? '';
    if (all.fits(text)) continue;
    const message = `users.protect: ${quoted(glob)} fits no Secoda account and protects nobody`;
    yield { message, text, glob: true, among: all.all };
  }
}

/** What is literal in a regular expression, as a glob: enough to find what was meant. */
function globLike(match: string): string {
  const literal = match.replaceAll(/\\.|\((?:[^()\\]|\\.)*\)|\[(?:[^\]\\]|\\.)*\]|[.+*?|{}^$]+/g, '*');
  return `*${literal}*`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The same, of all that a plan is made from. */
export function idleRules(
  { mapping, people }: Pick<Matchable, 'mapping' | 'people'>,
  { directory, workspace }: { readonly directory: DirectorySnapshot; readonly workspace: WorkspaceSnapshot },
): readonly Warning[] {
  const inOkta = people.aliases.size === 0 ? null : addressesIn(directory, { mapping, people });
  const { groups } = directory;
  const { users, groups: secodaGroups } = workspace;
  return rulesThatMatchNothing({ mapping, people, groups, users, secodaGroups, inOkta });
}

/** Everybody in the Okta groups in scope; `null` where somebody may be missing from what was read. */
function addressesIn(
  { groups, memberships }: DirectorySnapshot,
  { mapping, people }: Pick<Matchable, 'mapping' | 'people'>,
): KnownAddresses | null {
  const written = new Set<string | null>();
  for (const group of groups) {
    if (!isInScope(group, mapping)) continue;
    const membership = memberships.get(group.id);
    if (membership === undefined || membership.people === null || membership.doubt !== null) return null;
    for (const person of membership.people) written.add(person[people.match]);
  }
  return knownAddresses(written);
}

function knownAddresses(written: Iterable<string | null>): KnownAddresses {
  const all = new Set([...written].flatMap((address) => normaliseAddress(address) ?? []));
  const isPattern = /[*?]/;
  return {
    all,
    fits: (text) =>
      all.has(text) || (isPattern.test(text) && all.values().some((each) => fitsGlob(text, each))),
  };
}
