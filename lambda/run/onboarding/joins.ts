import pMap from 'p-map';
import { contentOf } from '../../core/groups/content.ts';
import { createIdentity } from '../../core/people/identity.ts';
import { readMarker } from '../../core/groups/marker.ts';
import type { Memory } from '../../core/model/memory.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import { changeOf, judgedJoin, type JoinOutcome, NO_JOIN } from '../../core/report/onboard-report.ts';
import { type Join, type Joiner, type OktaRecord, stillBelongs } from '../../core/plan/join.ts';
import { lostBy } from '../../core/plan/refused-write.ts';
import { verify } from '../../core/plan/verify.ts';
import { memoryOf } from '../../archive/memory.ts';
import type { CheckpointRef, Lease } from '../../ports.ts';
import type { AddingTask, RunContext } from '../context.ts';
import { OKTA_WIDTH } from '../read/read-members.ts';
import type { Claim } from '../write/claim.ts';
import type { LeaseStep, Slices, SliceWork } from '../write/lease-by-lease.ts';
import { peopleNow, sendChange, type Sending } from '../write/send-change.ts';
import type { Settled, ToSend } from '../write/under-lease.ts';

/** The most groups written at a stretch. */
const SLICE_JOINS = 30;
/** Okta is asked again about people read longer ago than this (milliseconds). */
const FRESH_MS = 30_000;

/** What of an onboarding is to be written. */
interface JoinPlan {
  readonly onboarding: CheckpointRef;
  readonly joins: number;
  /** The rules that an operator's word lets it pass. */
  readonly passed: readonly string[];
  /** When the run began, in epoch milliseconds. */
  readonly startedAt: number;
}

/** The joins of an onboarding, a slice at a time, each written on fresh reads of both sides. */
export function slicesOfJoins(
  task: AddingTask,
  context: RunContext,
  plan: JoinPlan,
): Slices<number, JoinOutcome, CheckpointRef> {
  return {
    name: 'slice',
    count: Math.ceil(plan.joins / SLICE_JOINS),
    startedAt: plan.startedAt,
    begin: (step) => beginJoins(task, context, plan, step),
  };
}

async function beginJoins(
  task: AddingTask,
  context: RunContext,
  plan: JoinPlan,
  step: LeaseStep<number>,
): Promise<SliceWork<number, JoinOutcome, CheckpointRef>> {
  const { checkpoints } = context;
  const again = await checkpoints.isRetry(step.name);
  const { joins, memberships, due = [] } = await checkpoints.onboarding.get(plan.onboarding);
  const first = step.at * SLICE_JOINS;
  const pending = step.pending ?? [...joins.keys()].slice(first, first + SLICE_JOINS);
  const asking = askAgain(context);
  // Ahead of the lease, so that nobody waits for our reading; whatever is old by then is asked again.
  for (const { add } of pending.flatMap((position) => joins[position] ?? []))
    for (const joiner of add) await asking(joiner);
  const baseline = { groupsInScope: 0, managedGroups: 0, memberships, due };
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
        changes: pending.map((position) => judgedJoin(joinAt(joins, position))),
        invited: new Map(),
        next: (position) => nextOf(input, joinAt(joins, position)),
      };
    },
    keep: ({ outcomes }) =>
      checkpoints.joined.put(
        step.name,
        outcomes.map(([, outcome]) => outcome),
      ),
    waits: (left) => left.length > 0,
  };
}

function joinAt(joins: readonly Join[], position: number): Join {
  const join = joins[position];
  if (join === undefined) throw new Error(`the onboarding has no join ${position}`);
  return join;
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
async function nextOf(input: JoinInput, join: Join): Promise<Settled<JoinOutcome> | ToSend<JoinOutcome>> {
  const { context, asking, lease, again } = input;
  const { sources, rules } = context;
  const { secodaId } = join;
  const identity = createIdentity(rules.people, []);
  const belongs = await pMap(
    join.add,
    async (joiner) => (await asking(joiner)).some((record) => stillBelongs(join, joiner, record, identity)),
    { concurrency: OKTA_WIDTH },
  );
  const gone = join.add.filter((_, index) => belongs[index] !== true);
  const dropped = gone.map(({ user }) => [user.id, 'Okta says otherwise by now'] as const);
  const result = { ...NO_JOIN, secodaId, dropped };
  const no = (error: string) => ({ outcome: { ...result, outcome: 'not-attempted', error } as const });
  const staying = join.add.filter((_, index) => belongs[index] === true);
  if (staying.length === 0) return no('nobody belongs into it any more');

  const group = await sources.workspace.group(secodaId);
  const marker = readMarker(group?.description ?? '');
  if (group === null || marker?.via !== rules.name || !marker.oktaIds.some((id) => join.oktaIds.includes(id)))
    return no('the group is not as it was found');
  const before = new Set(group.userIds);
  const missing = staying.filter(({ user }) => !before.has(user.id));
  if (missing.length === 0) {
    if (!again) return { outcome: { ...result, outcome: 'already' } };
    return { outcome: { ...result, outcome: 'applied', added: staying.map(({ user }) => user.id) } };
  }
  await lease.renew();
  const unwritten = { ...NO_JOIN, secodaId };
  return {
    asked: changeOf(join),
    refused: (error) => ({ ...unwritten, outcome: 'not-attempted', error }),
    failed: ({ message: error }) => ({ ...unwritten, outcome: 'failed', error }),
    async send() {
      const asked = { ...join, add: missing };
      const { outcome, remember, stands } = await add(input, asked, group);
      return {
        outcome: { ...outcome, dropped },
        remember,
        stands,
        did: { ...changeOf(asked), remove: outcome.lost },
      };
    },
  };
}

/** Adds people; what Secoda shows of it is to be remembered: nobody is asked for again each time. */
async function add(
  { task: { adder }, lease, accounts, claim, memory, context }: JoinInput,
  join: Join,
  current: WorkspaceGroup,
) {
  const { sources, fingerprint } = context;
  const { secodaId } = join;
  const users = join.add.map(({ user }) => user);
  const ids = users.map(({ id }) => id);
  const content = { ...contentOf(current), userIds: [...current.userIds, ...ids] };
  /** For the first attempt: before another one somebody may have changed the group. */
  let read: WorkspaceGroup | undefined = current;
  const send: Sending['send'] = ({ leftOut }) => {
    const before = read;
    read = undefined;
    return adder.add(secodaId, ids, new Set(leftOut), lease, before);
  };
  const members = current.userIds.map((userId) => ({ userId, email: null }));
  const change = { ...changeOf(join), content, before: { ...contentOf(current), members } };
  const { written, group, refused } = await sendChange({ change, current, send, identity: accounts, claim });
  const joiners = { match: 'email', statuses: [], aliases: new Map(), protect: [] } as const;
  const identity = refused === null ? createIdentity(joiners, users) : await accounts();
  const asked = written.content ?? content;
  const now = sources.clock.now();
  const verified = verify(written, asked, group, identity, now, fingerprint, refused);
  const present = new Set(group.userIds);
  const unsettled = ids.filter((id) => !present.has(id));
  const known = new Set(memory.groups.get(secodaId)?.unsettled.map(({ userId }) => userId));
  const lost = lostBy(written);
  const outcome: Omit<JoinOutcome, 'dropped'> = {
    secodaId,
    outcome: unsettled.length + lost.length === 0 ? 'applied' : 'unsettled',
    added: ids.filter((id) => present.has(id)),
    unsettled,
    lost,
    news: lost.length > 0 || unsettled.some((id) => !known.has(id)),
    error: refused,
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
    const groups = person === null ? null : await people.groupsOf(id);
    const record =
      person === null || groups === null ? null : { person, groupIds: groups.map((group) => group.id) };
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
