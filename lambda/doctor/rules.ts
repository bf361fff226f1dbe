import pMap from 'p-map';
import { normaliseAddress } from '../core/identity.ts';
import { type KnownAddresses, rulesThatMatchNothing } from '../core/matches-nothing.ts';
import type { SyncRules } from '../core/rules.ts';
import { AccessError, SourceError } from '../errors.ts';
import { OKTA_WIDTH, type Sources } from '../run/read.ts';
import { fine, type Finding, untold } from './finding.ts';

const CHECK = 'Rules';
/** The findings on what is read here. */
const LISTS = /^(Okta: (app|groups)|Secoda: users)$/;

/**
 * The rules of the configuration that match nothing, a line each. Reads all groups and accounts, and asks Okta for each alias
 * alone, since reading everybody would take as long as a run: of an alias with a `*`, only a run tells.
 */
export async function rulesFindings(
  { rules, sources }: { readonly rules: SyncRules; readonly sources: Sources },
  before: readonly Finding[],
): Promise<readonly Finding[]> {
  const lists = before.filter(({ check, ok }) => LISTS.test(check) && ok === true);
  if (lists.length < 2) return [untold(CHECK)];
  try {
    return await look(rules, sources);
  } catch (error) {
    if (error instanceof SourceError || error instanceof AccessError) return [untold(CHECK, error.message)];
    throw error;
  }
}

async function look(
  rules: SyncRules,
  { directory, workspace, people }: Sources,
): Promise<readonly Finding[]> {
  const [groups, users] = await Promise.all([directory.groups(), workspace.users()]);
  const inOkta = await aliasesInOkta(rules, people);
  const idle = rulesThatMatchNothing({ ...rules, groups, users, inOkta });
  if (idle.length > 0) return idle.map(({ message }) => ({ ...untold(CHECK, message), cure: CURE }));
  const unasked = [...rules.people.aliases.keys()].some((key) => inOkta === null || key.includes('*'));
  return [
    fine(
      CHECK,
      unasked ? 'each matches something, as far as can be told without a plan' : 'each matches something',
    ),
  ];
}

const CURE = 'Correct it, or take it out of the configuration.';

/** `null` without the right to read users. */
async function aliasesInOkta(
  { people: { aliases, match } }: SyncRules,
  people: Sources['people'],
): Promise<KnownAddresses | null> {
  const exact = [...aliases.keys()].filter((key) => !key.includes('*'));
  try {
    const found = await pMap(exact, (key) => people.byEmail(key), { concurrency: OKTA_WIDTH });
    const all = new Set(found.flat().map((person) => normaliseAddress(person[match]) ?? ''));
    return { all: [], fits: (text) => text.includes('*') || all.has(text) };
  } catch (error) {
    if (error instanceof AccessError) return null;
    throw error;
  }
}
