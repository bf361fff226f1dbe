import { type Change, keyOf } from '../../core/plan/change.ts';
import type { CopyNote, GroupMemory, Memory } from '../../core/model/memory.ts';
import type { ApprovedSlice } from '../../core/guard/guard.ts';
import { createIdentity, type Identity } from '../../core/people/identity.ts';
import type { Fingerprint } from '../../core/model/fingerprint.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import { type ChangeOutcome, notAttempted } from '../../core/report/report.ts';
import { makePlan } from '../../core/plan/plan.ts';
import { type Due, dueNow, reconcile } from '../../core/plan/reconcile.ts';
import type { SyncRules } from '../../core/model/rules.ts';
import { type Verified, verify } from '../../core/plan/verify.ts';
import { LeaseOver } from '../../errors.ts';
import type { Lease, WorkspaceWriter } from '../../ports.ts';
import { failedWrite } from './breaker.ts';
import { type Claim, claimChanges } from './claim.ts';
import { doneBefore } from './done-before.ts';
import type { WrittenGroup } from '../checkpoints.ts';
import type { Reading } from '../reading.ts';
import type { Sources } from '../context.ts';
import { peopleNow, sendChange, type Sending, type Sent } from './send-change.ts';

/** The most writes made at a stretch, on one set of fresh reads. */
export const SLICE_WRITES = 30;
/** Whether a change counts against Secoda's limit on writes: a DELETE does not. */
export const isMetered = (change: Change | undefined): boolean => change?.action !== 'delete';

interface SliceInput {
  readonly sources: Sources;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly nextRunAt: number | null;
  readonly writer: WorkspaceWriter;
  readonly lease: Lease;
  /** Read again at the start of this slice. */
  readonly reading: Reading;
  readonly memory: Memory;
  readonly approved: ApprovedSlice;
  /** Okta ids that the plan leaves alone. */
  readonly leftAlone: readonly string[];
  /** Where it is noted, before the first write, what this slice takes and gives. */
  readonly claim: Claim;
  /** Which of its changes are to be written, by their position in it; ascending. */
  readonly pending: readonly number[];
  /** Where each of its changes stands in the plan. */
  readonly positions: readonly number[];
  /**
   * When the run began (epoch milliseconds), if this slice was cut off earlier, nobody knows where: what both sides agree on
   * by now may have been done then. `null` if it was not.
   */
  readonly cutOffSince: number | null;
  /** Server failures in a row before this slice. */
  readonly failures: number;
  /** Called for each change as soon as its fate is known, with its position in the slice. */
  readonly settle: (index: number, outcome: ChangeOutcome) => void;
}

export interface SliceResult {
  readonly remember: readonly GroupMemory[];
  /** Secoda ids of groups that no longer exist. */
  readonly forget: readonly string[];
  /** Copied markers that this slice's reads brought to light. */
  readonly copies: readonly CopyNote[];
  readonly shown: readonly WrittenGroup[];
  /** What was written, or perhaps was. */
  readonly effective: readonly Change[];
  /** Changes the lease did not suffice for, by their position in the slice. */
  readonly left: readonly number[];
  readonly failures: number;
  /** Why nothing more may be written in this run; `null` to go on. */
  readonly stop: Error | null;
}

/** Plans the slice's groups anew on fresh reads and writes what was approved and still holds, one after the other. */
export async function writeSlice(input: SliceInput): Promise<SliceResult> {
  const { reading, memory, approved, pending, positions, rules, sources, fingerprint, claim } = input;
  const identity = createIdentity(rules.people, reading.workspace.users);
  const changes = pending.flatMap((index) => approved.changes[index] ?? []);
  const targets = new Set(changes.flatMap(({ oktaIds }) => oktaIds));
  const now = sources.clock.now();
  const { nextRunAt, leftAlone, cutOffSince: since } = input;
  const { groups } = reading.workspace;
  const cutOff = since === null ? null : { groups, identity, memory, name: rules.name, since };
  const fresh = makePlan({ ...reading, rules, memory, targets, leftAlone, now, nextRunAt, fingerprint });
  const known = new Set(groups.map(({ id }) => id));
  /** Secoda's groups as its list and its answers since show them. */
  const standing = new Map(groups.map((group) => [group.id, group]));
  const remember: GroupMemory[] = [];
  const forget: string[] = [];
  const shown: WrittenGroup[] = [];
  const effective: Change[] = [];
  let { failures } = input;
  const result = (left: readonly number[], stop: Error | null): SliceResult => {
    return { remember, forget, copies: fresh.copies, shown, effective, failures, left, stop };
  };
  const accept = (index: number, { group, refused, ...sent }: Sent, { waiting, reason }: Due) => {
    const written = { ...sent.written, secodaId: group.id };
    standing.set(group.id, group);
    const outcome = judgeAnswer(written, group, refused, identity, input, remember);
    const before = memory.groups.get(group.id) ?? null;
    const due = { waiting, reason };
    shown.push({ position: positions[index] ?? -1, written, group, before, refused, due });
    input.settle(index, held(outcome, due));
  };
  const { writer, lease } = input;
  const people = peopleNow(sources, rules, lease);
  /** `null`: the group is gone, as it should be. */
  const write = async ({ content, ...change }: Change): Promise<Sent | null> => {
    const { secodaId } = change;
    if (content === null) {
      if (change.action === 'delete' && secodaId !== null) await writer.remove(secodaId, lease);
      return null;
    }
    const current = secodaId === null ? null : standing.get(secodaId);
    if (current === undefined) throw new Error(`a change is about ${secodaId}, which is not listed`);
    const send: Sending['send'] = ({ fields }) =>
      current === null
        ? writer.create({ ...content, ...fields }, known, lease)
        : writer.update(current, fields, lease);
    return sendChange({ change: { ...change, content }, current, send, identity: people, claim });
  };

  // All that may become due of these changes in this slice, whoever waits for one of them.
  const wanted = changes.flatMap((planned) => reconcile(planned, fresh).change ?? []);
  const refusedNow = await claimChanges(wanted, claim);
  for (const [at, index] of pending.entries()) {
    const planned = approved.changes[index];
    if (planned === undefined) throw new Error(`a slice has no change ${index}`);
    const due = dueNow(planned, fresh, standing.values(), rules.name, identity);
    const { change } = due;
    if (change === null) {
      const done = due.agreed && cutOff !== null ? doneBefore(planned, cutOff) : null;
      if (done === null) {
        // A group that is written again after those that its people wait for has time until then.
        const needless = due.agreed && (planned.action !== 'delete' || !standing.has(planned.secodaId ?? ''));
        if (due.waiting.length === 0 || !planned.again)
          input.settle(index, notAttempted(due.reason ?? '', needless));
      } else if ('group' in done) accept(index, { ...done, refused: null }, due);
      else {
        if (planned.action === 'delete') forget.push(planned.secodaId ?? '');
        input.settle(index, held(done.outcome, due));
      }
      continue;
    }
    const against = refusedNow.get(keyOf(change));
    if (against !== undefined) {
      input.settle(index, notAttempted(against));
      continue;
    }
    try {
      const sent = await write(change);
      effective.push(sent?.written ?? change);
      failures = 0;
      if (sent === null) {
        forget.push(change.secodaId ?? '');
        input.settle(index, applied(change));
        continue;
      }
      known.add(sent.group.id);
      accept(index, sent, due);
    } catch (error) {
      if (error instanceof LeaseOver) return result(pending.slice(at), null);
      const failed = failedWrite(error, failures);
      if (failed === null) throw error;
      input.settle(index, { ...applied(change), outcome: 'failed', error: failed.message });
      // Where Secoda did not answer, nobody knows whether it did it.
      if (failed.unknown) effective.push(change);
      ({ failures } = failed);
      if (failed.stop !== null) return result(pending.slice(at + 1), failed.stop);
    }
  }
  return result([], null);
}

/** What became of a change of which a part has to wait. */
export function held(
  outcome: ChangeOutcome,
  { waiting, reason }: Pick<Due, 'waiting' | 'reason'>,
): ChangeOutcome {
  if (waiting.length === 0) return outcome;
  const error = [outcome.error, reason].filter((each) => each !== null).join('; ');
  return { ...outcome, outcome: 'unsettled', news: true, error };
}

function applied(written: Change): ChangeOutcome {
  return { outcome: 'applied', written, unsettled: [], news: false, error: null };
}

/** Compares Secoda's answer with what was asked, and adds what is to be remembered. */
function judgeAnswer(
  written: Change,
  group: WorkspaceGroup,
  refused: string | null,
  identity: Identity,
  { memory, sources, fingerprint }: SliceInput,
  remember: GroupMemory[],
): ChangeOutcome {
  const asked = written.content ?? group;
  const verified = verify(written, asked, group, identity, sources.clock.now(), fingerprint, refused);
  remember.push(verified.memory);
  return outcomeOf(written, verified, memory.groups.get(group.id), identity);
}

/** `unsettled` when Secoda accepted the write and did not honour all of it. */
export function outcomeOf(
  written: Change,
  { unsettled, shortfall, memory }: Verified,
  before: GroupMemory | undefined,
  identity: Identity,
): ChangeOutcome {
  const whole = unsettled.length === 0 && shortfall === null;
  const remembered = new Set(before?.unsettled.map(({ userId }) => userId));
  return {
    outcome: whole ? 'applied' : 'unsettled',
    written,
    unsettled: unsettled.map((id) => identity.addressOfUser(id) ?? id),
    news:
      (shortfall !== null && before?.answered !== memory.answered && before?.shortfall !== shortfall) ||
      unsettled.some((id) => !remembered.has(id)),
    error: shortfall,
  };
}
