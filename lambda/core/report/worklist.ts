import type { GroupRef, Unmatched } from '../model/workspace.ts';
import type { Access, Fate } from './ledger-entry.ts';
import { byText, sameName } from '../model/text.ts';

/** Since when somebody is unmatched: what the complete runs of a deployment saw. */
interface Waiting {
  readonly email: string;
  /** ISO 8601. */
  readonly since: string;
  /** In how many complete runs, one after the other. */
  readonly runs: number;
}

/** Somebody who was unmatched in the last complete run, and is no more. */
export type Resolved = Pick<Waiting, 'email' | 'since'>;

/** What the last complete run left for people to do. */
export interface Worklist {
  readonly runId: string;
  readonly waiting: readonly Waiting[];
  readonly resolved: readonly Resolved[];
}

/** The worklist after a complete run that began at `at` (epoch milliseconds). A run that is told twice counts once. */
export function nextWorklist(
  before: Worklist | null,
  unmatched: readonly Pick<Unmatched, 'email'>[],
  runId: string,
  at: number,
): Worklist {
  if (before?.runId === runId) return before;
  const known = new Map(before?.waiting.map((each) => [each.email, each]));
  const since = new Date(at).toISOString();
  const waiting = [...new Set(unmatched.map(({ email }) => email))].sort(byText).map((email) => {
    const found = known.get(email);
    return { email, since: found?.since ?? since, runs: (found?.runs ?? 0) + 1 };
  });
  return { runId, waiting, resolved: resolvedBy(before, unmatched) };
}

/** Who was unmatched before and is no more. */
export function resolvedBy(before: Worklist | null, unmatched: readonly Pick<Unmatched, 'email'>[]) {
  const still = new Set(unmatched.map(({ email }) => email));
  return (before?.waiting ?? []).flatMap(({ email, since }) => (still.has(email) ? [] : [{ email, since }]));
}

/** One person's access to one group, changed by a run. */
export interface AccessChange extends Pick<Access, 'change' | 'group'> {
  /** When it was found out what became of it, or where only a record tells, when its run began (ISO 8601). */
  readonly at: string;
  readonly runId: string;
  readonly person: Omit<Access['person'], 'userId'>;
  /** `null` where the record is of a release that kept none. */
  readonly cause: string | null;
  /** `seen`: by a look, after the run was killed; `not-seen`: Secoda did not honour it; `unknown`: nobody can tell. */
  readonly outcome: Fate;
  /** As stated; for an approved change, by whoever asked for the run that was refused. */
  readonly requestedBy: string | null;
  readonly approved: { readonly digest: string; readonly by: string | null; readonly runId: string } | null;
}

/** Whose changes of access are asked for: a person's, by any of these addresses (`null`: anybody's), or those of groups. */
export interface About {
  readonly addresses: readonly string[] | null;
  /** Names, ids of either side, or patterns of names; empty for all. */
  readonly groups: readonly string[];
}

/** Whether a text is the name or an id of this group. */
export function isGroup(given: string, { secodaId, oktaIds, name }: GroupRef): boolean {
  return given === secodaId || oktaIds.includes(given) || sameName(given, name);
}
