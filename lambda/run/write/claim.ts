import { type Baseline, type Change, keyOf } from '../../core/plan/change.ts';
import { judgeAgain } from '../../core/guard/guard.ts';
import { type GuardRefusal, grownTooMuch } from '../../core/guard/guard-rules.ts';
import { lostBy } from '../../core/plan/refused-write.ts';
import { effectsOf, isNothing, NOTHING_RECENT, type RecentEntry, recentOf } from '../../core/guard/recent.ts';
import { noteRecent } from '../../archive/recent.ts';
import type { RunContext } from '../context.ts';

/** What is held against the limits, and how. */
export interface ClaimBounds {
  /** What the limits are held against, as the plan was judged. */
  readonly baseline: Baseline;
  /** Secoda ids of the only people who may be taken out; `null` for anybody. */
  readonly mayLeave: readonly string[] | null;
  /** Approved by its digest, over whatever limit. */
  readonly byOperator: boolean;
}

type ClaimInput = Pick<RunContext, 'archive' | 'sources' | 'rules' | 'guard'> &
  ClaimBounds & { readonly runId: string };

/**
 * What is about to be written at a stretch, noted before the first write of it, so that it counts along in whatever runs next,
 * also when this one is killed. Only to be used under the lease. Where a method gives reasons why something may not be written,
 * as the guard sees it by now, nothing of that was noted.
 */
export interface Claim {
  /** Of these changes, those whose groups would grow too much by now. To be asked after a refusal. */
  grown(changes: readonly Change[]): readonly Change[];
  /** Notes these changes and addresses. */
  add(changes: readonly Change[], invited?: readonly string[]): Promise<readonly GuardRefusal[]>;
  /** Notes of a change which of its members lose their place because Secoda refuses them: nobody approved that. */
  lose(change: Change): Promise<readonly GuardRefusal[]>;
  /** Takes back whatever of it was not written after all. */
  settle(written: readonly Change[], invited?: readonly string[]): Promise<void>;
}

/** Nothing is noted yet. */
export function openClaim(input: ClaimInput): Claim {
  const planned = notesOf(input);
  // Beside what an operator approved, which does not count along, a refused member does.
  const unplanned = input.byOperator ? notesOf({ ...input, byOperator: false }) : null;
  return {
    grown: (changes) => planned.grown(changes),
    add: (changes, invited = []) => planned.put({ changes, invited }, true),
    async lose(change) {
      const unnamed = lostBy(change).filter(
        ({ userId }) => input.mayLeave?.includes(userId) === false,
      ).length;
      if (unnamed > 0) return [waits(unnamed)];
      const notes = unplanned ?? planned;
      const others = notes.held().changes.filter(({ secodaId }) => secodaId !== change.secodaId);
      const lost = unplanned === null ? change : unforeseen(change);
      return notes.put({ ...notes.held(), changes: [...others, lost] }, true);
    },
    async settle(written, invited = []) {
      const foreseen = unplanned === null ? written : written.map(withoutUnforeseen);
      await planned.put({ changes: foreseen, invited }, false);
      await unplanned?.put({ changes: written.map(unforeseen), invited: [] }, false);
    },
  };
}

interface Held {
  readonly changes: readonly Change[];
  readonly invited: readonly string[];
}

/** One entry of the file. */
function notesOf({ archive, sources, rules, runId, guard, baseline, byOperator: approved }: ClaimInput) {
  let noted: RecentEntry | null = null;
  let held: Held = { changes: [], invited: [] };
  let recent = NOTHING_RECENT;
  return {
    grown: (changes: readonly Change[]) =>
      approved ? [] : grownTooMuch(changes, { baseline, recent }, guard),
    held: () => held,
    /** Replaces what is noted. `judged`: unless a limit is against it. */
    async put(next: Held, judged: boolean): Promise<readonly GuardRefusal[]> {
      const effects = effectsOf(next.changes, next.invited, baseline.due);
      const before = effectsOf(held.changes, held.invited, baseline.due);
      if (JSON.stringify(effects) === JSON.stringify(before)) return [];
      const entry = { at: sources.clock.now(), runId, approved, ...effects };
      const refusals = await noteRecent(archive, rules.name, { before: noted, entry }, (lately) => {
        recent = recentOf(lately, entry.at);
        return judged ? judgeAgain({ ...next, baseline, recent }, guard, approved) : [];
      });
      if (refusals.length > 0) return refusals;
      noted = entry;
      held = next;
      return [];
    },
  };
}

function waits(count: number): GuardRefusal {
  const message = `take out ${count} whom no event names; that waits for the next full run`;
  return { rule: 'memberRemovals', message, count, limit: 0 };
}

function unforeseen(change: Change): Change {
  return { ...change, action: 'update', add: [], adopted: false, remove: lostBy(change) };
}

function withoutUnforeseen(change: Change): Change {
  const lost = lostBy(change);
  return { ...change, remove: change.remove.filter((each) => !lost.includes(each)) };
}

/**
 * Notes what these changes take and give, or these invitations. Returned is, by its key or address, what may not be written by now, and why: all
 * that takes or adopts, where a limit is broken, and what gives as well where nobody knows what was done lately.
 */
export async function claimAll(
  changes: readonly Change[],
  invited: readonly string[],
  claim: Claim,
): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>();
  const refuse = (those: readonly Change[], why: readonly GuardRefusal[]) => {
    if (why.length > 0) for (const change of those) refused.set(keyOf(change), refusedByNow(why));
  };
  const takes = ({ remove, adopted, action }: Change) => remove.length > 0 || adopted || action === 'delete';
  const left = () => changes.filter((change) => !refused.has(keyOf(change)));
  let why = await claim.add(changes, invited);
  if (why.length > 0) for (const email of invited) refused.set(email, refusedByNow(why));
  if (changes.length === 0) return refused;
  refuse(claim.grown(changes), why);
  if (refused.size > 0) why = await claim.add(left());
  refuse(left().filter(takes), why);
  if (refused.size === 0) return refused;
  const others = left();
  refuse(
    others.filter((change) => !isNothing(effectsOf([change]))),
    await claim.add(others),
  );
  return refused;
}

/** As an outcome says it. */
function refusedByNow(refusals: readonly GuardRefusal[]): string {
  return `the guard refuses it by now: ${refusals.map(({ message }) => message).join('; ')}`;
}
