import type { Change } from '../../core/plan/change.ts';
import type { CopyNote, GroupMemory } from '../../core/model/memory.ts';
import { AccessError, Interrupted, LeaseOver, WriteError } from '../../errors.ts';
import { type GroupRef, keyOf, type WorkspaceGroup } from '../../core/model/workspace.ts';

import { accessIn, type Asked, type Did, fatesOf, type Intents, openIntents } from './ledger-entries.ts';
import { mergeMemory } from '../../archive/state-file.ts';
import type { Lease } from '../../ports.ts';
import type { WrittenGroup } from '../checkpoints.ts';
import type { RunContext, WritingTask } from '../context.ts';
import { unforeseen } from '../error-record.ts';
import { type Claim, claimAll, type ClaimBounds, openClaim } from './claim.ts';

/** Waits longer than this are left to the workflow: a step may not sleep through an invocation. */
const LONGEST_SLEEP_MS = 2 * 60_000;
/** So many server failures in a row on writes mean that Secoda is down: stop instead of working through the list. */
const BREAKER = 10;

/** What came of one thing that was to be written, and what is to be remembered of it. */
export interface Settled<O> {
  /** `null`: nothing is to be told of it now. */
  readonly outcome: O | null;
  readonly remember?: GroupMemory;
  /** Secoda id of a group that no longer exists. */
  readonly forget?: string;
  /** For the last look. */
  readonly shown?: WrittenGroup;
  /** The group as Secoda showed it, where that is not in `shown`. */
  readonly stands?: WorkspaceGroup;
  /** Why nothing more may be written behind it. */
  readonly stop?: Error;
}

/** What came of something that was sent. */
export interface SettledBySending<O> extends Settled<O> {
  /** What Secoda did in fact, where that is not what was asked. */
  readonly did?: Asked;
  /** Nobody knows whether it did it. */
  readonly unsure?: boolean;
}

/** What is to be done about one thing, decided just before: nothing, with its outcome, or this. */
export interface ToSend<O> {
  readonly asked: Asked;
  /** Throws where Secoda did not do it. */
  readonly send: () => Promise<SettledBySending<O>>;
  /** The guard is against it by now. */
  readonly refused: (why: string) => O;
  readonly failed: (failure: FailedWrite) => O;
}

/** What is written under one lease, on reads made under it, one after the other. */
export interface LeaseWork<K, O> {
  /** What names each thing to be written: a change by its position in the plan, an invitation by its address. */
  readonly keys: readonly K[];
  /** Whether the first write counts against Secoda's limit: a DELETE does not. */
  readonly metered: boolean;
  readonly bounds: ClaimBounds;
  /** Reads what the writes rest on. Throws `LeaseOver` where that took too long. */
  readonly prepare: (lease: Lease, claim: Claim) => Promise<Prepared<K, O>>;
  /** Called for each as soon as its outcome is known; `done`: how many are, with this one. */
  readonly told?: (key: K, outcome: O, done: number) => void;
}

export interface Prepared<K, O> {
  /** In the order they are to be written in. */
  readonly keys: readonly K[];
  /** All that may be asked for: noted before the first write. */
  readonly changes: readonly Change[];
  /** By their addresses, the groups they are invited into. */
  readonly invited: ReadonlyMap<string, readonly GroupRef[]>;
  /** Decides about one of them. */
  readonly next: (key: K) => Promise<Settled<O> | ToSend<O>>;
  /** Copied markers that the reads brought to light. */
  readonly copies?: readonly CopyNote[];
}

export interface LeaseEnd<K, O> {
  readonly outcomes: readonly (readonly [K, O])[];
  readonly shown: readonly WrittenGroup[];
  /** What the lease did not suffice for. */
  readonly left: readonly K[];
  /** Server failures in a row, up to the end of it. */
  readonly failures: number;
  /** Why nothing more may be written in this run; `null` to go on. */
  readonly stop: Error | null;
  /** Milliseconds to be waited elsewhere, since the lease was not even taken; 0 otherwise. */
  readonly due: number;
}

/**
 * Takes the lease, notes what is about to be written, writes it one after the other as far as the lease suffices, and notes what in
 * fact was. `failures`: server failures in a row before it. Throws only where nothing came of anything.
 */
export async function underLease<K, O>(
  context: RunContext,
  task: WritingTask,
  work: LeaseWork<K, O>,
  failures: number,
): Promise<LeaseEnd<K, O>> {
  const { clock, listen } = context.sources;
  const { leases } = task;
  const nothing = { outcomes: [], shown: [], left: work.keys, failures, stop: null, due: 0 };
  const due = work.metered ? await leases.due() : 0;
  if (due > LONGEST_SLEEP_MS) return { ...nothing, due };
  if (due > 0) {
    listen({ kind: 'waiting', ms: due, reason: 'budget' });
    await clock.sleep(due);
  }
  const lease = await leases.take(work.metered);
  try {
    const claim = openClaim({ ...context, runId: task.runId, ...work.bounds });
    const intents = await openIntents(context, task);
    const prepared = await work.prepare(lease, claim);
    const refused = await begin(prepared, claim, intents);
    const tally = new Tally<K, O>(failures);
    for (const key of prepared.keys) {
      let sending: ToSend<O> | null = null;
      try {
        const next = await prepared.next(key);
        const why = 'asked' in next ? refused.get(nameOf(next.asked)) : undefined;
        if (!('asked' in next)) tally.settle(key, next);
        else if (why !== undefined) tally.settle(key, { outcome: next.refused(why) });
        else {
          sending = next;
          tally.sent(key, next, await next.send());
        }
      } catch (error) {
        tally.fail(key, sending, error);
      }
      const last = tally.outcomes.at(-1);
      if (last?.[0] === key) work.told?.(...last, tally.outcomes.length);
      if (tally.stop !== null) break;
    }
    return await settle(context, { claim, intents }, prepared, tally);
  } catch (error) {
    if (error instanceof LeaseOver && !(error instanceof Interrupted)) return nothing;
    throw error;
  } finally {
    await lease.release();
  }
}

/** Notes all that may be asked for. Returned is, by its key or address, what may not be, and why. */
async function begin<K, O>(
  { changes, invited }: Prepared<K, O>,
  claim: Claim,
  intents: Intents,
): Promise<ReadonlyMap<string, string>> {
  const refused = await claimAll(changes, [...invited.keys()], claim);
  const asked = [...changes, ...invited.keys()].filter((each) => !refused.has(nameOf(each)));
  if (asked.length > 0) await intents.begin(asked.flatMap((each) => accessIn(each, invited)));
  return refused;
}

/** Notes what in fact was done: in the memory, for the guard, in the ledger. */
async function settle<K, O>(
  { archive }: RunContext,
  { claim, intents }: { readonly claim: Claim; readonly intents: Intents },
  { keys, invited, copies = [] }: Prepared<K, O>,
  { settled, did, outcomes, failures, stop: before }: Tally<K, O>,
): Promise<LeaseEnd<K, O>> {
  const all = [...settled.values()];
  const remember = all.flatMap((each) => each.remember ?? []);
  let stop = before;
  try {
    await mergeMemory(archive, { remember, copies, forget: all.flatMap((each) => each.forget ?? []) });
    const done = did.map((each) => each.asked);
    await claim.settle(
      done.filter((each) => typeof each !== 'string'),
      done.filter((each) => typeof each === 'string'),
    );
    await intents.settle(did.flatMap((each) => fatesOf(each, invited)));
  } catch (error) {
    stop = stop === null || stop instanceof LeaseOver ? unforeseen(error) : stop;
  }
  if (stop instanceof LeaseOver && !(stop instanceof Interrupted)) stop = null;
  // What was written stays written, and has to be told.
  else if (stop !== null && settled.size === 0) throw stop;
  const left = keys.filter((key) => !settled.has(key));
  return { outcomes, shown: all.flatMap(({ shown }) => shown ?? []), left, failures, stop, due: 0 };
}

function nameOf(asked: Asked): string {
  return typeof asked === 'string' ? asked : keyOf(asked);
}

/** What came of one lease so far. */
class Tally<K, O> {
  readonly settled = new Map<K, Settled<O>>();
  readonly outcomes: (readonly [K, O])[] = [];
  readonly did: Did[] = [];
  /** Server failures in a row. */
  failures: number;
  /** Why nothing more may be written; `LeaseOver` where the next lease goes on. */
  stop: Error | null = null;

  constructor(failures: number) {
    this.failures = failures;
  }

  settle(key: K, settled: Settled<O>): void {
    this.settled.set(key, settled);
    this.stop = settled.stop ?? null;
    if (settled.outcome !== null) this.outcomes.push([key, settled.outcome]);
  }

  sent(key: K, { asked }: ToSend<O>, { did = asked, unsure = false, ...settled }: SettledBySending<O>): void {
    this.did.push({ asked: did, unsure, group: settled.stands ?? settled.shown?.group ?? null });
    this.failures = 0;
    this.settle(key, settled);
  }

  /** `sending`: `null` where nothing was sent. */
  fail(key: K, sending: ToSend<O> | null, error: unknown): void {
    const failure = sending === null ? null : failedWrite(error, this.failures);
    // Only where the lease ended is it known that nothing was sent.
    if (sending !== null && (failure === null ? !(error instanceof LeaseOver) : failure.unknown))
      this.did.push({ asked: sending.asked, group: null, unsure: true });
    if (failure !== null) {
      if (sending !== null) this.settle(key, { outcome: sending.failed(failure) });
      this.failures = failure.failures;
    }
    this.stop = failure === null ? unforeseen(error) : failure.stop;
  }
}

/** What a write that failed means for those behind it. */
interface FailedWrite {
  readonly message: string;
  /** Secoda did not answer, so that nobody knows whether it did it. */
  readonly unknown: boolean;
  /** Server failures in a row, this one included. */
  readonly failures: number;
  /** Why nothing more may be written in this run; `null` to go on. */
  readonly stop: Error | null;
}

/** `failures`: server failures in a row before it. `null`: the error is not about this write alone. */
function failedWrite(error: unknown, failures: number): FailedWrite | null {
  if (error instanceof AccessError)
    return { message: error.message, unknown: false, failures: 0, stop: error };
  if (!(error instanceof WriteError)) return null;
  const { message, server } = error;
  if (!server) return { message, unknown: false, failures: 0, stop: null };
  const broken = `Secoda failed ${BREAKER} writes in a row, so the run stopped; the last one: ${message}`;
  const stop = failures + 1 >= BREAKER ? new WriteError(broken, true) : null;
  return { message, unknown: true, failures: failures + 1, stop };
}
