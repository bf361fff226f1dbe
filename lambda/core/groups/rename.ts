import { composed } from '../model/order.ts';
import type { InTime, MappingRules } from '../model/rules.ts';

/** So many names are tried together; only where one of them takes too long, they are tried one by one. */
const TOGETHER = 100;

/** What the rules make of a name; or the rule that takes too long on it. */
export type Renamed = { readonly name: string } | { readonly tooSlow: string };

/** Applies the rename rules to Okta names, in order, the first that fits wins. */
export function renamesOf(
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
