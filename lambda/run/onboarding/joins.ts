import pMap from 'p-map';
import { contentOf } from '../../core/groups/settled-content.ts';
import type { JudgedOnboarding } from '../../core/guard/judge-plan.ts';
import { createIdentity } from '../../core/people/identity.ts';
import { readMarker } from '../../core/groups/marker.ts';
import type { Memory } from '../../core/model/memory.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import { NO_BASELINE } from '../../core/plan/change.ts';
import { type Join, type Joiner, type OktaRecord, stillBelongs } from '../../core/plan/join.ts';
import { lostBy } from '../../core/plan/refused-write.ts';
import { verify } from '../../core/plan/verify.ts';
import { type ChangeOutcome, notAttempted } from '../../core/report/report.ts';
import { memoryOf } from '../../archive/state-file.ts';
import type { CheckpointRef, Lease } from '../../ports.ts';
import type { SliceOutcomes } from '../checkpoints.ts';
import type { AddingTask, RunContext } from '../context.ts';
import { OKTA_WIDTH } from '../read/read-members.ts';
import type { Claim } from '../write/claim.ts';
import type { LeaseStep, Slices, SliceWork } from '../write/lease-by-lease.ts';
import { peopleNow, sendChange, type Sending, type Sent } from '../write/send-change.ts';
import { SLICE_WRITES } from '../write/slice.ts';
import { keepWritten } from '../write/slice-step.ts';
import type { Settled, SettledBySending, ToSend } from '../write/under-lease.ts';

/** Okta is asked again about people read longer ago than this (milliseconds). */
const FRESH_MS = 30_000;

/** What of an onboarding is to be written. */
interface JoinPlan extends Pick<JudgedOnboarding, 'passed'> {
  readonly onboarding: CheckpointRef;
  readonly joins: number;
  /** When the run began, in epoch milliseconds. */
  readonly startedAt: number;
}

/** The joins of an onboarding, a slice at a time, each written on fresh reads of both sides. */
export function slicesOfJoins(
  task: AddingTask,
  context: RunContext,
  plan: JoinPlan,
): Slices<number, ChangeOutcome, SliceOutcomes> {
  return {
    name: 'slice',
    count: Math.ceil(plan.joins / SLICE_WRITES),
    startedAt: plan.startedAt,
    begin: (step) => beginJoins(task, context, plan, step),
  };
}

async function beginJoins(
  task: AddingTask,
  context: RunContext,
  plan: JoinPlan,
  step: LeaseStep<number>,
): Promise<SliceWork<number, ChangeOutcome, SliceOutcomes>> {
  const { checkpoints } = context;
  const again = await checkpoints.isRetry(step.name);
  const { joins, memberships, due = [] } = await checkpoints.onboarding.get(plan.onboarding);
  const first = step.at * SLICE_WRITES;
  const pending = step.pending ?? [...joins.keys()].slice(first, first + SLICE_WRITES);
  const changes = pending.flatMap((position) => joins[position] ?? []);
  const asking = askAgain(context);
  // Ahead of the lease, so that nobody waits for our reading; whatever is old by then is asked again.
  for (const { add } of changes) for (const joiner of add) await asking(joiner);
  const baseline = { ...NO_BASELINE, memberships, due };
  return {
    keys: pending,
    metered: true,
    bounds: { baseline, mayLeave: null, byOperator: plan.passed.includes('additionsPerGroup') },
    async prepare(lease, claim) {
      const memory = await memoryOf(context.archive, context.rules.name);
      const accounts = peopleNow(context.sources, context.rules, lease);
      const input = { context, task, memory, asking, lease, again, accounts, claim };
      return {
        keys: pending,
        changes,
        invited: new Map(),
        next: (position) => {
          const join = joins[position];
          if (join === undefined) throw new Error(`the onboarding has no join ${position}`);
          return nextOf(input, join);
        },
      };
    },
    keep: (end, attempt) => keepWritten(context, step, end, attempt),
    waits: (left) => left.length > 0,
  };
}

type Asking = (joiner: Joiner) => Promise<readonly OktaRecord[]>;

interface JoinInput {
  readonly context: RunContext;
  readonly task: AddingTask;
  readonly memory: Memory;
  readonly asking: Asking;
  readonly lease: Lease;
  /** The slice was cut off earlier, nobody knows where: who is there by now was added then. */
  readonly again: boolean;
  readonly accounts: Sending['identity'];
  readonly claim: Claim;
}

/** Decides about a join. What could not be read for it is thrown. */
async function nextOf(input: JoinInput, join: Join): Promise<Settled<ChangeOutcome> | ToSend<ChangeOutcome>> {
  const { context, asking, lease, again } = input;
  const { sources, rules } = context;
  const identity = createIdentity(rules.people, []);
  const belongs = await pMap(
    join.add,
    async (joiner) => (await asking(joiner)).some((record) => stillBelongs(join, joiner, record, identity)),
    { concurrency: OKTA_WIDTH },
  );
  const dropped = join.add.filter((_, index) => belongs[index] !== true).map(({ userId }) => userId);
  const no = (error: string) => ({ outcome: { ...notAttempted(error), dropped } });
  const staying = join.add.filter((_, index) => belongs[index] === true);
  if (staying.length === 0) return no('nobody belongs into it any more');

  const group = await sources.workspace.group(join.secodaId);
  const marker = readMarker(group?.description ?? '');
  if (group === null || marker?.via !== rules.name || !marker.oktaIds.some((id) => join.oktaIds.includes(id)))
    return no('the group is not as it was found');
  const before = new Set(group.userIds);
  const missing = staying.filter(({ userId }) => !before.has(userId));
  if (missing.length === 0) {
    const there = { outcome: 'applied', unsettled: [], news: false, error: null, dropped } as const;
    const written = { ...join, add: staying };
    return { outcome: again ? { ...there, written } : { ...there, written: null, needless: true } };
  }
  await lease.renew();
  return {
    asked: join,
    refused: (why) => notAttempted(why),
    failed: ({ message }) => ({ ...notAttempted(message), outcome: 'failed' }),
    send: () => add(input, { ...join, add: missing }, group, dropped),
  };
}

/** Adds people; what Secoda shows of it is to be remembered: nobody is asked for again each time. */
async function add(
  input: JoinInput,
  join: Join,
  current: WorkspaceGroup,
  dropped: readonly string[],
): Promise<SettledBySending<ChangeOutcome>> {
  const { lease, accounts, claim, task } = input;
  const ids = join.add.map(({ userId }) => userId);
  const content = { ...contentOf(current), userIds: [...current.userIds, ...ids] };
  /** For the first attempt: before another one somebody may have changed the group. */
  let read: WorkspaceGroup | undefined = current;
  const send: Sending['send'] = ({ leftOut }) => {
    const before = read;
    read = undefined;
    return task.adder.add(join.secodaId, ids, new Set(leftOut), lease, before);
  };
  const members = current.userIds.map((userId) => ({ userId, email: null }));
  const change = { ...join, content, before: { ...contentOf(current), members } };
  const sent = await sendChange({ change, current, send, identity: accounts, claim });
  return { ...(await answered(input, join, sent, dropped)), did: sent.written };
}

/** Of whom it was to add, who is there: other members are no matter of an onboarding. */
async function answered(
  { accounts, memory, context: { sources } }: JoinInput,
  { add: asked, secodaId }: Join,
  { written, group, refused }: Sent,
  dropped: readonly string[],
): Promise<Settled<ChangeOutcome>> {
  const joiners = { match: 'email', statuses: [], aliases: new Map(), protect: [] } as const;
  const users = asked.map(({ user }) => user);
  const identity = refused === null ? createIdentity(joiners, users) : await accounts();
  const now = sources.clock.now();
  const verified = verify(written, written.content ?? group, group, identity, now, refused);
  const present = new Set(group.userIds);
  const missing = asked.filter(({ userId }) => !present.has(userId));
  const known = new Set(memory.groups.get(secodaId)?.unsettled.map(({ userId }) => userId));
  const lost = lostBy(written);
  const outcome: ChangeOutcome = {
    outcome: missing.length + lost.length === 0 ? 'applied' : 'unsettled',
    written,
    unsettled: [...missing, ...lost].map(({ email, userId }) => email ?? userId),
    news: lost.length > 0 || missing.some(({ userId }) => !known.has(userId)),
    error: refused,
    dropped,
  };
  return { outcome, remember: verified.memory, stands: group };
}

/** Asks Okta about somebody, at most every half minute. */
function askAgain({ sources: { people, clock } }: RunContext): Asking {
  const known = new Map<string, { readonly at: number; readonly record: OktaRecord | null }>();
  const ask = async (id: string): Promise<OktaRecord | null> => {
    const found = known.get(id);
    const at = clock.now();
    if (found !== undefined && at - found.at < FRESH_MS) return found.record;
    const person = await people.person(id);
    const groups = person && (await people.groupsOf(id));
    const record = person && groups && { person, groupIds: groups.map((group) => group.id) };
    known.set(id, { at, record });
    return record;
  };
  return async ({ personIds }) => {
    const records: OktaRecord[] = [];
    for (const id of personIds) {
      const record = await ask(id);
      if (record !== null) records.push(record);
    }
    return records;
  };
}
