import pMap from 'p-map';
import type { Baseline, Change } from '../../core/plan/change.ts';
import { contentOf } from '../../core/groups/content.ts';
import { createIdentity, type Identity } from '../../core/people/identity.ts';
import { readMarker } from '../../core/groups/marker.ts';
import type { Memory } from '../../core/model/memory.ts';
import type { Fingerprint } from '../../core/model/fingerprint.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import { changeOf, type JoinOutcome, NO_JOIN } from '../../core/report/onboard-report.ts';
import { type Join, type Joiner, type OktaRecord, stillBelongs } from '../../core/plan/join.ts';
import { lostBy } from '../../core/plan/refused-write.ts';
import type { GuardRules, SyncRules } from '../../core/model/rules.ts';
import { verify } from '../../core/plan/verify.ts';
import { LeaseOver } from '../../errors.ts';
import { memoryOf, mergeMemory } from '../../archive/memory.ts';
import type { Adder, Archive, Lease, Leases, PersonCache } from '../../ports.ts';
import { type FailedWrite, failedWrite } from '../write/breaker.ts';
import { type Claim, openClaim, refusedByNow } from '../write/claim.ts';
import { type ErrorRecord, errorRecordOf } from '../error-record.ts';
import { OKTA_WIDTH } from '../read/read-members.ts';
import type { Sources } from '../context.ts';
import { peopleNow, sendChange, type Sending } from '../write/send-change.ts';

/** Okta is asked again about people read longer ago than this (milliseconds). */
const FRESH_MS = 30_000;

interface JoinSliceInput {
  readonly sources: Sources;
  readonly people: PersonCache;
  readonly archive: Archive;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly adder: Adder;
  readonly leases: Leases;
  readonly runId: string;
  readonly guard: GuardRules;
}

/** Plain data. */
interface JoinSliceResult {
  readonly outcomes: readonly JoinOutcome[];
  /** Server failures in a row, up to the end of this slice. */
  readonly failures: number;
  /** Why nothing more may be written in this run; `null` to go on. */
  readonly stop: ErrorRecord | null;
  /** Until a next write could go out, in milliseconds; 0 when nothing is left to write. */
  readonly waitMs: number;
}

/**
 * Writes joins one after the other, in one lease, each on fresh reads of both sides. What the lease did not suffice for has no
 * outcome. `failures`: server failures in a row before. `again`: the slice was cut off earlier, nobody knows where; who is there
 * by now was added then.
 */
export async function writeJoins(
  input: JoinSliceInput,
  joins: readonly Join[],
  before: { readonly failures: number; readonly baseline: Baseline; readonly again: boolean },
): Promise<JoinSliceResult> {
  const { rules, leases, archive, sources } = input;
  const identity = createIdentity(rules.people, []);
  const asking = askAgain(input);
  // Ahead of the lease, so that nobody waits for our reading; whatever is old by then is asked again.
  for (const join of joins) for (const joiner of join.add) await asking(joiner);

  const sent: Change[] = [];
  const outcomes: JoinOutcome[] = [];
  let { failures } = before;
  let stop: ErrorRecord | null = null;
  const lease = await leases.take();
  try {
    const memory = await memoryOf(archive, rules.name);
    const accounts = peopleNow(sources, rules, lease);
    const claim = openClaim({
      ...input,
      ...before,
      ...sources,
      name: rules.name,
      mayLeave: null,
      byOperator: false,
    });
    const refusals = await claim.add(joins.map((join) => changeOf(join)));
    if (refusals.length > 0)
      outcomes.push(...joins.map((join) => unwritten(join, 'not-attempted', refusedByNow(refusals))));
    const common = { ...input, memory, identity, asking, lease, again: before.again, accounts, claim };
    for (const join of refusals.length > 0 ? [] : joins) {
      try {
        const { outcome, failed } = await writeJoin({ ...common, failures }, join);
        outcomes.push(outcome);
        const written = outcome.outcome === 'applied' || outcome.outcome === 'unsettled';
        if (written) sent.push({ ...changeOf(join), remove: outcome.lost });
        if (failed?.unknown === true) sent.push(changeOf(join));
        failures = failed?.failures ?? 0;
        if (failed?.stop) {
          stop = errorRecordOf(failed.stop);
          break;
        }
      } catch (error) {
        if (error instanceof LeaseOver) break;
        stop = errorRecordOf(error);
        break;
      }
    }
    await claim.settle(sent);
  } finally {
    await lease.release();
  }
  const done = outcomes.length === joins.length || stop !== null;
  return { outcomes, failures, stop, waitMs: done ? 0 : await leases.due() };
}

function unwritten({ secodaId }: Join, outcome: JoinOutcome['outcome'], error: string): JoinOutcome {
  return { ...NO_JOIN, secodaId, outcome, error };
}

type Asking = (joiner: Joiner) => Promise<readonly OktaRecord[]>;

interface JoinInput extends JoinSliceInput {
  readonly memory: Memory;
  readonly identity: Identity;
  readonly asking: Asking;
  readonly lease: Lease;
  readonly again: boolean;
  readonly failures: number;
  readonly accounts: Sending['identity'];
  readonly claim: Claim;
}

/** What came of a join. What could not be read for it is thrown; only a write can have `failed`. */
async function writeJoin(
  input: JoinInput,
  join: Join,
): Promise<{ readonly outcome: JoinOutcome; readonly failed: FailedWrite | null }> {
  const { sources, rules, identity, asking, lease, again } = input;
  const { secodaId } = join;
  const result = { ...NO_JOIN, secodaId };
  const ends = (outcome: JoinOutcome) => ({ outcome, failed: null });

  const belongs = await pMap(
    join.add,
    async (joiner) => (await asking(joiner)).some((record) => stillBelongs(join, joiner, record, identity)),
    { concurrency: OKTA_WIDTH },
  );
  const gone = join.add.filter((_, index) => belongs[index] !== true);
  const dropped = gone.map(({ user }) => [user.id, 'Okta says otherwise by now'] as const);
  const staying = join.add.filter((_, index) => belongs[index] === true);
  if (staying.length === 0)
    return ends({
      ...result,
      dropped,
      outcome: 'not-attempted',
      error: 'nobody belongs into it any more',
    });

  const group = await sources.workspace.group(secodaId);
  const marker = readMarker(group?.description ?? '');
  if (group === null || marker?.via !== rules.name || !marker.oktaIds.some((id) => join.oktaIds.includes(id)))
    return ends({ ...result, dropped, outcome: 'not-attempted', error: 'the group is not as it was found' });
  const before = new Set(group.userIds);
  const missing = staying.filter(({ user }) => !before.has(user.id));
  if (missing.length === 0) {
    if (!again) return ends({ ...result, dropped, outcome: 'already' });
    return ends({ ...result, dropped, outcome: 'applied', added: staying.map(({ user }) => user.id) });
  }

  await lease.renew();
  try {
    return ends({ ...(await add(input, { ...join, add: missing }, group)), dropped });
  } catch (error) {
    const failed = failedWrite(error, input.failures);
    if (failed === null) throw error;
    return { outcome: unwritten(join, 'failed', failed.message), failed };
  }
}

/** Adds people, and remembers what Secoda shows of it: nobody is asked for again each time. */
async function add(
  { adder, lease, accounts, claim, archive, memory, sources, fingerprint }: JoinInput,
  join: Join,
  current: WorkspaceGroup,
): Promise<Omit<JoinOutcome, 'dropped'>> {
  const { secodaId } = join;
  const users = join.add.map(({ user }) => user);
  const ids = users.map(({ id }) => id);
  const content = { ...contentOf(current), userIds: [...current.userIds, ...ids] };
  const send: Sending['send'] = ({ leftOut }) => adder.add(secodaId, ids, new Set(leftOut), lease);
  const members = current.userIds.map((userId) => ({ userId, email: null }));
  const change = { ...changeOf(join), content, before: { ...contentOf(current), members } };
  const { written, group, refused } = await sendChange({ change, current, send, identity: accounts, claim });
  const joiners = { match: 'email', statuses: [], aliases: new Map(), protect: [] } as const;
  const identity = refused === null ? createIdentity(joiners, users) : await accounts();
  const asked = written.content ?? content;
  const now = sources.clock.now();
  const verified = verify(written, asked, group, identity, now, fingerprint, refused);
  await mergeMemory(archive, { remember: [verified.memory], forget: [] });
  const present = new Set(group.userIds);
  const unsettled = ids.filter((id) => !present.has(id));
  const known = new Set(memory.groups.get(secodaId)?.unsettled.map(({ userId }) => userId));
  const lost = lostBy(written);
  return {
    secodaId,
    outcome: unsettled.length + lost.length === 0 ? 'applied' : 'unsettled',
    added: ids.filter((id) => present.has(id)),
    unsettled,
    lost,
    news: lost.length > 0 || unsettled.some((id) => !known.has(id)),
    error: refused,
  };
}

/** Asks Okta about somebody, at most every half minute. */
function askAgain({ people, sources: { clock } }: JoinSliceInput): Asking {
  const known = new Map<string, { readonly at: number; readonly record: OktaRecord | null }>();
  const ask = async (id: string): Promise<OktaRecord | null> => {
    const found = known.get(id);
    const at = clock.now();
    if (found !== undefined && at - found.at < FRESH_MS) return found.record;
    const person = await people.person(id);
    const groupIds = person === null ? null : await people.groupsOf(id);
    const record = person === null || groupIds === null ? null : { person, groupIds };
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
