import { keyOf } from '../../core/model/workspace.ts';
import type { Change } from '../../core/plan/change.ts';
import { judgeAgain } from '../../core/guard/guard.ts';
import { byWhom } from '../../core/guard/hold.ts';
import { type GuardRefusal, grownTooMuch } from '../../core/guard/guard-rules.ts';
import { lostBy } from '../../core/plan/refused-write.ts';
import { effectsOf, isNothing, NOTHING_RECENT, type RecentEntry, recentOf } from '../../core/guard/recent.ts';
import { noteRecent } from '../../archive/recent-file.ts';
import type { SliceTask } from '../checkpoints.ts';
import type { RunContext } from '../context.ts';

/** What is held against the limits, and how. */
export interface ClaimBounds extends Pick<SliceTask, 'baseline' | 'mayLeave'> {
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
  /** What of a change the rules judge: all but what an operator approved. */
  judged(change: Change): Change;
  /** Of these changes, those whose groups would grow too much by now. To be asked after a refusal. */
  grown(changes: readonly Change[]): readonly Change[];
  /** Notes these changes and addresses. */
  add(changes: readonly Change[], invited?: readonly string[]): Promise<readonly GuardRefusal[]>;
  /** Notes of a change which of its members lose their place because Secoda refuses them: nobody approved that. */
  lose(change: Change): Promise<readonly GuardRefusal[]>;
  /** Takes back whatever of it was not written after all. */
  settle(written: readonly Change[], invited?: readonly string[]): Promise<void>;
}

/** Nothing is noted yet. What an operator approved does not count along, and is noted apart from what does. */
export function openClaim(input: ClaimInput): Claim {
  const { byOperator, mayLeave } = input;
  const [word, rules] = [notesOf(input, true), notesOf(input, false)];
  const halves = (changes: readonly Change[]) => changes.map((change) => byWhom(change, byOperator));
  const approved = (changes: readonly Change[]) => halves(changes).map((each) => each.approved);
  const judged = (changes: readonly Change[]) => halves(changes).map((each) => each.judged);
  const put = async (changes: readonly Change[], invited: readonly string[], isJudged: boolean) => {
    const [theirs, others] = byOperator ? [invited, []] : [[], invited];
    const why = await rules.put({ changes: judged(changes), invited: others }, isJudged);
    return why.length > 0 ? why : word.put({ changes: approved(changes), invited: theirs }, isJudged);
  };
  return {
    judged: (change) => byWhom(change, byOperator).judged,
    grown: (changes) => rules.grown(judged(changes)),
    add: (changes, invited = []) => put(changes, invited, true),
    async lose(change) {
      const lost = lostBy(change).filter(({ userId }) => mayLeave?.includes(userId) !== true).length;
      if (lost > 0 && mayLeave !== null) return [waits(lost, mayLeave)];
      const others = rules.held().changes.filter(({ secodaId }) => secodaId !== change.secodaId);
      return rules.put({ ...rules.held(), changes: [...others, ...judged([change])] }, true);
    },
    async settle(written, invited = []) {
      await put(written, invited, false);
    },
  };
}

interface Held {
  readonly changes: readonly Change[];
  readonly invited: readonly string[];
}

/** One entry of the file. */
function notesOf({ archive, sources, rules, runId, guard, baseline }: ClaimInput, approved: boolean) {
  let noted: RecentEntry | null = null;
  let held: Held = { changes: [], invited: [] };
  let recent = NOTHING_RECENT;
  return {
    grown: (changes: readonly Change[]) => grownTooMuch(changes, { baseline, recent }, guard),
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

function waits(count: number, mayLeave: ClaimBounds['mayLeave']): GuardRefusal {
  const message =
    mayLeave === 'nobody'
      ? `take out ${count} more, while others are held; that waits for their approval`
      : `take out ${count} whom no event names; that waits for the next full run`;
  return { rule: 'memberRemovals', message, count, limit: 0 };
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
  const takes = (change: Change) => {
    const { remove, adopted, action } = claim.judged(change);
    return remove.length > 0 || adopted || action === 'delete';
  };
  const left = () => changes.filter((change) => !refused.has(keyOf(change)));
  let why = await claim.add(changes, invited);
  if (why.length > 0) for (const email of invited) refused.set(email, refusedByNow(why));
  if (changes.length === 0 || why.length === 0) return refused;
  refuse(claim.grown(changes), why);
  if (refused.size > 0) why = await claim.add(left());
  refuse(left().filter(takes), why);
  if (why.length === 0) return refused;
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
