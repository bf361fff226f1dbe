import pMap from 'p-map';
import { createIdentity, type Identity } from '../../core/identity.ts';
import { readMarker } from '../../core/marker.ts';
import type { Memory } from '../../core/memory.ts';
import type { Fingerprint, WorkspaceGroup } from '../../core/model.ts';
import { changeOf, type JoinOutcome } from '../../core/onboard-report.ts';
import { type Join, type Joiner, type OktaRecord, stillBelongs } from '../../core/onboard.ts';
import type { SyncRules } from '../../core/rules.ts';
import { verify } from '../../core/verify.ts';
import { TurnOver, WriteError } from '../../errors.ts';
import { mergeMemory } from '../../memory-file.ts';
import type { Added, Adder, Archive, People, Turn, Turns } from '../../ports.ts';
import { type Note, noteOf } from '../note.ts';
import { memoryOf } from '../missed.ts';
import { OKTA_WIDTH, type Sources } from '../read.ts';

/** Okta is asked again about people read longer ago than this (milliseconds). */
const FRESH_MS = 30_000;
/** So many server failures in a row on writes mean that Secoda is down. */
const BREAKER = 10;

export interface SliceInput {
  readonly sources: Sources;
  readonly people: People;
  readonly archive: Archive;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly adder: Adder;
  readonly turns: Turns;
}

/** Plain data. */
export interface SliceResult {
  readonly outcomes: readonly JoinOutcome[];
  /** Server failures in a row, up to the end of this slice. */
  readonly failures: number;
  /** Why nothing more may be written in this run; `null` to go on. */
  readonly stop: Note | null;
  /** Until a next write could go out, in milliseconds; 0 when nothing is left to write. */
  readonly waitMs: number;
}

/**
 * Writes joins one after the other, in one turn, each on fresh reads of both sides. What the turn did not suffice for has no
 * outcome. `failures`: server failures in a row before. `again`: the slice was cut off earlier, nobody knows where; who is there
 * by now was added then.
 */
export async function writeJoins(
  input: SliceInput,
  joins: readonly Join[],
  { failures: failuresBefore, again }: { readonly failures: number; readonly again: boolean },
): Promise<SliceResult> {
  const { rules, turns, archive } = input;
  const identity = createIdentity(rules.people, []);
  const asking = askAgain(input);
  // Ahead of the turn, so that nobody waits for our reading; whatever is old by then is asked again.
  for (const join of joins) for (const joiner of join.add) await asking(joiner);

  const outcomes: JoinOutcome[] = [];
  let failures = failuresBefore;
  let stop: Note | null = null;
  const turn = await turns.take();
  try {
    const memory = await memoryOf(archive, rules.name);
    for (const join of joins) {
      try {
        outcomes.push(await writeJoin({ ...input, memory, identity, asking, turn, again }, join));
        failures = 0;
      } catch (error) {
        if (error instanceof TurnOver) break;
        if (error instanceof WriteError) {
          outcomes.push(failed(join, error.message));
          failures = error.server ? failures + 1 : 0;
          if (failures < BREAKER) continue;
        }
        stop = noteOf(error);
        break;
      }
    }
  } finally {
    await turn.release();
  }
  const done = outcomes.length === joins.length || stop !== null;
  return { outcomes, failures, stop, waitMs: done ? 0 : await turns.due() };
}

function failed({ secodaId }: Join, error: string): JoinOutcome {
  return { secodaId, outcome: 'failed', added: [], unsettled: [], dropped: [], news: false, error };
}

type Asking = (joiner: Joiner) => Promise<readonly OktaRecord[]>;

interface JoinInput extends SliceInput {
  readonly memory: Memory;
  readonly identity: Identity;
  readonly asking: Asking;
  readonly turn: Turn;
  readonly again: boolean;
}

async function writeJoin(input: JoinInput, join: Join): Promise<JoinOutcome> {
  const { sources, rules, identity, asking, turn, again } = input;
  const { secodaId } = join;
  const result = { secodaId, added: [], unsettled: [], dropped: [], news: false, error: null };

  const belongs = await pMap(
    join.add,
    async (joiner) => (await asking(joiner)).some((record) => stillBelongs(join, joiner, record, identity)),
    { concurrency: OKTA_WIDTH },
  );
  const gone = join.add.filter((_, index) => belongs[index] !== true);
  const dropped = gone.map(({ user }) => [user.id, 'Okta says otherwise by now'] as const);
  const staying = join.add.filter((_, index) => belongs[index] === true);
  if (staying.length === 0)
    return { ...result, dropped, outcome: 'not-attempted', error: 'nobody belongs into it any more' };

  const group = await sources.workspace.group(secodaId);
  const marker = readMarker(group?.description ?? '');
  if (group === null || marker?.via !== rules.name || !marker.oktaIds.some((id) => join.oktaIds.includes(id)))
    return { ...result, dropped, outcome: 'not-attempted', error: 'the group is not as it was found' };
  const before = new Set(group.userIds);
  const missing = staying.filter(({ user }) => !before.has(user.id));
  if (missing.length === 0) {
    if (!again) return { ...result, dropped, outcome: 'already' };
    return { ...result, dropped, outcome: 'applied', added: staying.map(({ user }) => user.id) };
  }

  await turn.renew();
  const { asked, group: shown } = await send(input, group, missing);
  return { ...(await settle(input, { ...join, add: missing }, asked, shown)), dropped };
}

/** Some workspaces refuse people as members until they first sign in: that must not keep the others out. */
async function send(
  { adder, turn }: JoinInput,
  group: WorkspaceGroup,
  missing: readonly Joiner[],
): Promise<Added> {
  const ids = missing.map(({ user }) => user.id);
  try {
    return await adder.add(group.id, ids, turn);
  } catch (error) {
    const invited = new Set(missing.filter(({ user }) => user.active === false).map(({ user }) => user.id));
    if (!(error instanceof WriteError) || error.server || invited.size === 0) throw error;
    const others = ids.filter((id) => !invited.has(id));
    const added = others.length > 0 ? await adder.add(group.id, others, turn) : null;
    const asked = added?.asked ?? { ...group };
    return { asked: { ...asked, userIds: [...asked.userIds, ...invited] }, group: added?.group ?? group };
  }
}

/** Compares what was asked with what Secoda shows, and remembers it: nobody is asked for again each time. */
async function settle(
  { archive, memory, sources, fingerprint }: JoinInput,
  join: Join,
  asked: Added['asked'],
  shown: WorkspaceGroup,
): Promise<Omit<JoinOutcome, 'dropped'>> {
  const { secodaId, add } = join;
  const users = add.map(({ user }) => user);
  const identity = createIdentity({ match: 'email', statuses: [], aliases: new Map(), protect: [] }, users);
  const verified = verify(changeOf(join), asked, shown, identity, sources.clock.now(), fingerprint);
  await mergeMemory(archive, { remember: [verified.memory], forget: [] });
  const present = new Set(shown.userIds);
  const added = users.map(({ id }) => id).filter((id) => present.has(id));
  const unsettled = users.map(({ id }) => id).filter((id) => !present.has(id));
  const known = new Set(memory.groups.get(secodaId)?.unsettled.map(({ userId }) => userId));
  return {
    secodaId,
    outcome: unsettled.length === 0 ? 'applied' : 'unsettled',
    added,
    unsettled,
    news: unsettled.some((id) => !known.has(id)),
    error: null,
  };
}

/** Asks Okta about somebody, at most every half minute. */
function askAgain({ people, sources: { clock } }: SliceInput): Asking {
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
