import type { Change, Plan } from '../../core/plan/change.ts';
import type { GroupMemory, Memory } from '../../core/model/memory.ts';
import { createIdentity, type Identity } from '../../core/people/identity.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import { type ChangeOutcome, notAttempted } from '../../core/report/report.ts';
import { type Due, dueNow, reconcile } from '../../core/plan/reconcile.ts';
import { type Verified, verify } from '../../core/plan/verify.ts';
import type { Lease } from '../../ports.ts';
import type { Reading } from '../checkpoints.ts';
import type { ApplyTask, RunContext } from '../context.ts';
import type { Claim } from './claim.ts';
import { doneBefore } from './done-before.ts';
import { peopleNow, sendChange, type Sending, type Sent } from './send-change.ts';
import type { Prepared, Settled, SettledBySending, ToSend } from './under-lease.ts';

/** The most writes made at a stretch, on one set of fresh reads. */
export const SLICE_WRITES = 30;
/** Whether a change counts against Secoda's limit on writes: a DELETE does not. */
export const isMetered = (change: Change | undefined): boolean => change?.action !== 'delete';

/** A slice under its lease, planned anew on reads that were made for it. */
interface SliceInput {
  readonly context: RunContext;
  readonly task: ApplyTask;
  /** The changes of the slice, by their positions in the plan. */
  readonly planned: ReadonlyMap<number, Change>;
  /** Both sides, read again at the start of this slice, and what planning makes of them. */
  readonly reading: Reading;
  readonly fresh: Plan;
  readonly memory: Memory;
  readonly lease: Lease;
  readonly claim: Claim;
  /** What of it is to be written, by the position in the plan; ascending. */
  readonly pending: readonly number[];
  /**
   * When the run began (epoch milliseconds), if this slice was cut off earlier, nobody knows where: what both sides agree on
   * by now may have been done then. `null` if it was not.
   */
  readonly cutOffSince: number | null;
}

/** What was approved and still holds is to be written, one after the other. */
export function prepareSlice(input: SliceInput): Prepared<number, ChangeOutcome> {
  const { context, planned, reading, fresh, pending, lease } = input;
  const { rules, sources } = context;
  const { groups, users } = reading.workspace;
  const identity = createIdentity(rules.people, users);
  const standing = new Map(groups.map((group) => [group.id, group]));
  const people = { identity, now: peopleNow(sources, rules, lease) };
  return {
    keys: pending,
    // All that may become due of these changes in this slice, whoever waits for one of them.
    changes: pending
      .flatMap((position) => planned.get(position) ?? [])
      .flatMap((change) => reconcile(change, fresh).change ?? []),
    invited: new Map(),
    copies: fresh.copies,
    next(position) {
      const change = planned.get(position);
      if (change === undefined) throw new Error(`a slice has no change ${position}`);
      const due = dueNow(change, fresh, standing.values(), rules.name, identity);
      return Promise.resolve(
        due.change === null
          ? whyNothing(input, position, change, due, identity)
          : toSend(input, position, due.change, due, people, standing),
      );
    },
  };
}

/** Nothing is to be written of a change: it was done before the slice was cut off, or waits, or is no longer wanted. */
function whyNothing(
  input: SliceInput,
  position: number,
  planned: Change,
  due: Due,
  identity: Identity,
): Settled<ChangeOutcome> {
  const { cutOffSince: since, memory, reading, context } = input;
  const { groups } = reading.workspace;
  const cutOff = { groups, identity, memory, name: context.rules.name };
  const done = due.agreed && since !== null ? doneBefore(planned, { ...cutOff, since }) : null;
  if (done === null) {
    // A group that is written again after those that its people wait for has time until then.
    if (due.waiting.length > 0 && planned.again) return { outcome: null };
    const isGone = planned.action !== 'delete' || !groups.some(({ id }) => id === planned.secodaId);
    return { outcome: notAttempted(due.reason ?? '', due.agreed && due.waiting.length === 0 && isGone) };
  }
  if ('group' in done) return answered(input, position, { ...done, refused: null }, due, identity);
  const outcome = held(done.outcome, due);
  return planned.action === 'delete' ? { outcome, forget: planned.secodaId ?? '' } : { outcome };
}

/** `standing`: Secoda's groups as its list and its answers since show them; `people.now`: those of now, asked for after a refusal. */
function toSend(
  input: SliceInput,
  position: number,
  change: Change,
  due: Due,
  people: { readonly identity: Identity; readonly now: Sending['identity'] },
  standing: Map<string, WorkspaceGroup>,
): ToSend<ChangeOutcome> {
  const { lease, claim } = input;
  const { writer } = input.task;
  const { secodaId, content } = change;
  const send = async (): Promise<SettledBySending<ChangeOutcome>> => {
    if (content === null) {
      if (change.action !== 'delete' || secodaId === null)
        throw new Error(`a change of ${change.name} says nothing of what it is to hold`);
      await writer.remove(secodaId, lease);
      return { outcome: applied(change), forget: secodaId };
    }
    const current = secodaId === null ? null : standing.get(secodaId);
    if (current === undefined) throw new Error(`a change is about ${secodaId}, which is not listed`);
    const write: Sending['send'] = ({ fields }) =>
      current === null
        ? writer.create({ ...content, ...fields }, new Set(standing.keys()), lease)
        : writer.update(current, fields, lease);
    const sending = { change: { ...change, content }, current, send: write, identity: people.now, claim };
    const sent = await sendChange(sending);
    standing.set(sent.group.id, sent.group);
    return { ...answered(input, position, sent, due, people.identity), did: sent.written };
  };
  return {
    asked: change,
    refused: (why) => notAttempted(why),
    failed: ({ message }) => ({ ...applied(change), outcome: 'failed', error: message }),
    send,
  };
}

/** Compares what Secoda shows of a change with what was asked. */
function answered(
  { memory, context }: SliceInput,
  position: number,
  { group, refused, ...sent }: Sent,
  { waiting, reason }: Due,
  identity: Identity,
): Settled<ChangeOutcome> {
  const { sources } = context;
  const written = { ...sent.written, secodaId: group.id };
  const asked = written.content ?? group;
  const verified = verify(written, asked, group, identity, sources.clock.now(), refused);
  const before = memory.groups.get(group.id);
  const due = { waiting, reason };
  return {
    outcome: held(outcomeOf(written, verified, before, identity), due),
    remember: verified.memory,
    shown: { position, written, group, before, refused, due },
  };
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
