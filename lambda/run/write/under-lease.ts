import { type Change, keyOf } from '../../core/plan/change.ts';
import type { CopyNote, GroupMemory } from '../../core/model/memory.ts';
import { AccessError, Interrupted, LeaseOver, WriteError } from '../../errors.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import type { InvitedInto } from '../../core/people/invitations.ts';
import { accessIn, type Asked, type Did, fatesOf, type Intents, openIntents } from './ledger.ts';
import { mergeMemory } from '../../archive/memory.ts';
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

/** What is to be done about one thing, decided just before: nothing, with its outcome, or this. */
export interface ToSend<O> {
  readonly asked: Asked;
  /** Throws where Secoda did not do it. `did`: what it did in fact, where that is not what was asked; `unsure`: nobody knows whether it did. */
  readonly send: () => Promise<Settled<O> & { readonly did?: Asked; readonly unsure?: boolean }>;
  /** The guard is against it by now. */
  readonly refused: (why: string) => O;
  /** `null`: it is left, and the end of the run says why. */
  readonly failed: (failure: FailedWrite) => O | null;
}

/** What is written under one lease, on reads made under it, one after the other. */
interface LeaseWork<K, O> {
  /** What names each thing to be written: a change by its position in the plan, an invitation by its address. */
  readonly keys: readonly K[];
  /** Whether the first write counts against Secoda's limit: a DELETE does not. */
  readonly metered: boolean;
  /** Server failures in a row before it. */
  readonly failures: number;
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
  readonly invited: ReadonlyMap<string, readonly InvitedInto[]>;
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

/** Takes the lease, and writes as far as it suffices. Throws only where nothing came of anything. */
export async function underLease<K, O>(
  context: RunContext,
  task: WritingTask,
  work: LeaseWork<K, O>,
): Promise<LeaseEnd<K, O>> {
  const { clock, listen } = context.sources;
  const { runId, leases } = task;
  const { keys, metered, failures } = work;
  const nothing = { outcomes: [], shown: [], left: keys, failures, stop: null, due: 0 };
  const due = metered ? await leases.due() : 0;
  if (due > LONGEST_SLEEP_MS) return { ...nothing, due };
  if (due > 0) {
    listen({ kind: 'waiting', ms: due, reason: 'budget' });
    await clock.sleep(due);
  }
  const lease = await leases.take(metered);
  try {
    const claim = openClaim({ ...context, runId, ...work.bounds });
    const intents = await openIntents(context, task);
    const prepared = await work.prepare(lease, claim);
    return { ...nothing, ...(await inTurn(context, { claim, intents }, work, prepared)) };
  } catch (error) {
    if (error instanceof LeaseOver && !(error instanceof Interrupted)) return nothing;
    throw error;
  } finally {
    await lease.release();
  }
}

/** Notes what is about to be written, writes it, and notes what in fact was: one after the other, up to what ends it. */
async function inTurn<K, O>(
  { archive }: RunContext,
  { claim, intents }: { readonly claim: Claim; readonly intents: Intents },
  { told, ...work }: LeaseWork<K, O>,
  { keys, changes, invited, next, copies = [] }: Prepared<K, O>,
): Promise<Omit<LeaseEnd<K, O>, 'due'>> {
  const settled = new Map<K, Settled<O>>();
  const outcomes: (readonly [K, O])[] = [];
  const did: Did[] = [];
  let { failures } = work;
  let stop: Error | null = null;
  const refused = await claimAll(changes, [...invited.keys()], claim);
  const asked = [...changes, ...invited.keys()].filter((each) => !refused.has(nameOf(each)));
  if (asked.length > 0) await intents.begin(asked.flatMap((each) => accessIn(each, invited)));
  for (const key of keys) {
    const one: Written<O> = await writeOne(() => next(key), refused, failures);
    ({ failures, stop } = one);
    if (one.did !== null) did.push(one.did);
    if (one.settled !== null) {
      settled.set(key, one.settled);
      const { outcome } = one.settled;
      if (outcome !== null) outcomes.push([key, outcome]);
      if (outcome !== null) told?.(key, outcome, outcomes.length);
    }
    if (stop !== null) break;
  }
  const all = [...settled.values()];
  const learned = { remember: all.flatMap((each) => each.remember ?? []), copies };
  try {
    await mergeMemory(archive, { ...learned, forget: all.flatMap((each) => each.forget ?? []) });
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
  return { outcomes, shown: all.flatMap(({ shown }) => shown ?? []), left, failures, stop };
}

function nameOf(asked: Asked): string {
  return typeof asked === 'string' ? asked : keyOf(asked);
}

interface Written<O> {
  readonly settled: Settled<O> | null;
  readonly did: Did | null;
  readonly failures: number;
  /** Why nothing more may be written; `LeaseOver` where the next lease goes on. */
  readonly stop: Error | null;
}

async function writeOne<O>(
  decide: () => Promise<Settled<O> | ToSend<O>>,
  refused: ReadonlyMap<string, string>,
  failures: number,
): Promise<Written<O>> {
  let sending: ToSend<O> | null = null;
  try {
    const next = await decide();
    if ('outcome' in next) return { settled: next, did: null, failures, stop: next.stop ?? null };
    const why = refused.get(nameOf(next.asked));
    if (why !== undefined)
      return { settled: { outcome: next.refused(why) }, did: null, failures, stop: null };
    sending = next;
    const { did: asked = next.asked, unsure = false, ...settled } = await next.send();
    const did = { asked, unsure, group: settled.stands ?? settled.shown?.group ?? null };
    return { settled, did, failures: 0, stop: settled.stop ?? null };
  } catch (error) {
    const did = sending === null ? null : { asked: sending.asked, group: null, unsure: true };
    const failure = sending === null ? null : failedWrite(error, failures);
    // Not about this write alone. Only where the lease ended is it known that nothing was sent.
    if (failure === null)
      return {
        settled: null,
        did: error instanceof LeaseOver ? null : did,
        failures,
        stop: unforeseen(error),
      };
    const outcome = sending?.failed(failure) ?? null;
    const settled = outcome === null ? null : { outcome };
    return { settled, did: failure.unknown ? did : null, failures: failure.failures, stop: failure.stop };
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
