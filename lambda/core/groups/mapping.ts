import type { Skipped } from '../plan/change.ts';
import { fitsAny } from '../people/address.ts';
import type { OktaGroup } from '../model/directory.ts';
import { byText, composed, nameKey } from '../model/text.ts';
import type { InTime, MappingRules } from '../model/rules.ts';

/** One Secoda name with the Okta groups that map to it. */
export interface Wanted {
  readonly name: string;
  /** Ascending. */
  readonly oktaIds: readonly string[];
  /** The Okta description, when exactly one group feeds this one and has any. */
  readonly description: string | null;
}

/** The listed Okta groups after the mapping. */
export interface Mapped {
  /** By name. */
  readonly wanted: readonly Wanted[];
  readonly skipped: readonly Skipped[];
  /** Ids of the Okta groups that `include` and `exclude` let in. */
  readonly inScope: ReadonlySet<string>;
}

/** Whether include and exclude let a group in, by its Okta name. */
export function isInScope(okta: OktaGroup, rules: MappingRules): boolean {
  return fitsAny(rules.include, okta.name) && !fitsAny(rules.exclude, okta.name);
}

/** An Okta group, the name that it arrives at, and the key of `map` that it goes by, if any. */
interface Source {
  readonly okta: OktaGroup;
  readonly name: string;
  readonly key: string | undefined;
}

/** Applies the mapping rules to every listed Okta group. `marked`: the Okta ids in our markers. */
export function mapGroups(
  groups: readonly OktaGroup[],
  rules: MappingRules,
  marked: ReadonlySet<string> = new Set(),
): Mapped {
  const named = new Map([...rules.map].map(([key, name]) => [composed(key), name]));
  // A key that is the id of one group is not the name of another: whoever may name groups could take its place.
  const ids = new Set(groups.map(({ id }) => id));
  const listed = groups.filter((okta) => isInScope(okta, rules));
  const names = listed.map(({ name }) => name);
  const renames = renamesOf(rules, names);
  const skipped: Skipped[] = [];
  const sources = listed.flatMap((okta): Source[] => {
    const byName = composed(okta.name);
    const key = [okta.id, ...(ids.has(byName) ? [] : [byName])].find((each) => named.has(each));
    const mapped = key === undefined ? undefined : named.get(key);
    const renamed = mapped === undefined ? renames.get(okta.name) : { name: mapped };
    if (renamed === undefined || 'tooSlow' in renamed) {
      const reason = `the rename rule ${JSON.stringify(renamed?.tooSlow)} takes longer than a second on its name: write it without nested repetitions, or name the group in groups.map`;
      skipped.push({ group: okta.name, oktaIds: [okta.id], reason });
      return [];
    }
    return [{ okta, key, name: nameKey(renamed.name) }];
  });

  const wanted: Wanted[] = [];
  const arriving = Map.groupBy(sources, ({ name }) => name);
  for (const [name, found] of [...arriving].sort(([a], [b]) => byText(a, b))) {
    const reason = problemOf(name, found);
    const known = reason === null ? found : toldApart(name, found, marked);
    const description = (known.length === 1 && known[0]?.okta.description) || null;
    if (known.length > 0) wanted.push({ name, oktaIds: idsOf(known), description });
    const others = found.filter((each) => !known.includes(each));
    if (reason !== null) skipped.push({ group: name, oktaIds: idsOf(others), reason });
  }
  return { wanted, skipped, inScope: new Set(listed.map(({ id }) => id)) };
}

function idsOf(sources: readonly Source[]): readonly string[] {
  return sources.map(({ okta }) => okta.id).sort(byText);
}

/** Of groups that arrive at one name, those whom a marker tells from an app's: the app may have named its own so. */
function toldApart(name: string, found: readonly Source[], marked: ReadonlySet<string>): readonly Source[] {
  const known = found.filter(({ okta }) => marked.has(okta.id) || okta.isAppGroup !== true);
  const clear = known.some(({ okta }) => marked.has(okta.id)) && problemOf(name, known) === null;
  return clear ? known : [];
}

function problemOf(name: string, found: readonly Source[]): string | null {
  if (name === '') return 'it has no name in Okta, or the rename rules leave none of it';
  const keys = new Set(found.map(({ key }) => key));
  // A name in `map` means one group: who makes a second one of that name may not put people into the first one's place.
  if (found.length === 1 || (keys.size === found.length && !keys.has(undefined))) return null;
  const names = found.map(({ okta }) => `“${okta.name}” (${okta.id})`).sort(byText);
  return `${found.length} Okta groups arrive at this name without being mapped to it together: ${names.join(', ')}; name each by its id in groups.map to unite them`;
}

/** So many names are tried together; only where one of them takes too long, they are tried one by one. */
const TOGETHER = 100;

/** What the rules make of a name; or the rule that takes too long on it. */
type Renamed = { readonly name: string } | { readonly tooSlow: string };

/** Applies the rename rules to Okta names, in order, the first that fits wins. */
function renamesOf(
  { rename, inTime = endless }: Pick<MappingRules, 'rename' | 'inTime'>,
  names: readonly string[],
): ReadonlyMap<string, Renamed> {
  const rules = rename.map(({ match, to }) => ({ match, to, pattern: renamePattern(match) }));
  const renamed = (written: string, limit: InTime): Renamed => {
    const name = composed(written);
    for (const { match, to, pattern } of rules) {
      const fits = limit(`${match}\0${name}`, () => pattern.test(name));
      if (fits === null) return { tooSlow: match };
      if (fits) return { name: name.replace(pattern, to) };
    }
    return { name };
  };
  const all = (some: readonly string[], limit: InTime) =>
    some.map((name): [string, Renamed] => [name, renamed(name, limit)]);
  if (rules.length === 0) return new Map(all(names, endless));
  const found = new Map<string, Renamed>();
  for (let n = 0; n < names.length; n += TOGETHER) {
    const some = names.slice(n, n + TOGETHER);
    const about = JSON.stringify([rename.map(({ match }) => match), some]);
    const together = inTime(about, () => all(some, endless)) ?? all(some, inTime);
    for (const [name, end] of together) found.set(name, end);
  }
  return found;
}

/** Whether a rule fits one of these names; a rule that takes too long to tell does, as far as anybody knows. */
export function fitsAnyName(
  match: string,
  names: readonly string[],
  { inTime = endless }: Pick<MappingRules, 'inTime'>,
): boolean {
  const pattern = renamePattern(match);
  return inTime(JSON.stringify([match, names]), () => names.some((name) => pattern.test(name))) ?? true;
}

/** The regular expression of a rename rule, for names that are `composed`. Throws `SyntaxError` when it is none. */
export function renamePattern(match: string): RegExp {
  return new RegExp(composed(match), 'u');
}

function endless<T>(_: string, work: () => T): T {
  return work();
}
