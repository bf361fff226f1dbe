import type { Change } from '../core/change.ts';
import { createIdentity, type Identity } from '../core/identity.ts';
import type { GroupMemory, Memory } from '../core/memory.ts';
import type { Fingerprint, GroupContent, WorkspaceGroup } from '../core/model.ts';
import { type ChangeOutcome, notAttempted } from '../core/outcome.ts';
import { makePlan } from '../core/plan.ts';
import { reconcile } from '../core/reconcile.ts';
import type { SyncRules } from '../core/rules.ts';
import { type Verified, verify } from '../core/verify.ts';
import { AccessError, TurnOver, WriteError } from '../errors.ts';
import type { WorkspaceWriter, WriteGate } from '../ports.ts';
import type { Shown } from './look-again.ts';
import type { Reading, Sources } from './read.ts';

/** The most writes made at a stretch, on one set of fresh reads. */
export const SLICE_WRITES = 30;
/** So many server failures in a row on writes mean that Secoda is down: stop instead of working through the list. */
const BREAKER = 10;

export interface SliceInput {
  readonly sources: Sources;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly nextRunAt: number | null;
  readonly writer: WorkspaceWriter;
  readonly gate: WriteGate;
  /** Read again at the start of this slice. */
  readonly reading: Reading;
  readonly memory: Memory;
  /** Approved changes, at most `SLICE_WRITES`. */
  readonly changes: readonly Change[];
  /** Server failures in a row before this slice. */
  readonly failures: number;
  /** Called for each change as soon as its fate is known. */
  readonly settle: (change: Change, outcome: ChangeOutcome) => void;
}

export interface SliceResult {
  readonly remember: readonly GroupMemory[];
  /** Secoda ids of groups that no longer exist. */
  readonly forget: readonly string[];
  readonly shown: readonly Shown[];
  /** Changes the turn did not suffice for. */
  readonly left: readonly Change[];
  readonly failures: number;
  /** Why nothing more may be written in this run; `null` to go on. */
  readonly stop: Error | null;
}

/** Plans the slice's groups anew on fresh reads and writes what was approved and still holds, one after the other. */
export async function writeSlice(input: SliceInput): Promise<SliceResult> {
  const { reading, memory, changes, rules, sources, fingerprint } = input;
  const identity = createIdentity(rules.people, reading.workspace.users);
  const targets = new Set(changes.flatMap(({ oktaIds }) => oktaIds));
  const now = sources.clock.now();
  const fresh = makePlan({
    ...reading,
    rules,
    memory,
    targets,
    now,
    nextRunAt: input.nextRunAt,
    fingerprint,
  });
  const known = new Set(reading.workspace.groups.map(({ id }) => id));
  const remember: GroupMemory[] = [];
  const forget: string[] = [];
  const shown: Shown[] = [];
  let { failures } = input;

  for (const [index, approved] of changes.entries()) {
    const { change, reason } = reconcile(approved, fresh);
    if (change === null) {
      input.settle(approved, notAttempted(reason));
      continue;
    }
    const rest = () => ({ remember, forget, shown, failures });
    try {
      const group = await write(change, input, known, identity);
      failures = 0;
      if (group === null) {
        forget.push(change.secodaId ?? '');
        input.settle(approved, {
          outcome: 'applied',
          written: change,
          unsettled: [],
          news: false,
          error: null,
        });
        continue;
      }
      known.add(group.id);
      const written = { ...change, secodaId: group.id };
      const outcome = judgeAnswer(written, group, identity, input, remember);
      shown.push({ change: approved, written, group, before: memory.groups.get(group.id) });
      input.settle(approved, outcome);
    } catch (error) {
      if (error instanceof TurnOver) return { ...rest(), left: changes.slice(index), stop: null };
      if (!(error instanceof WriteError || error instanceof AccessError)) throw error;
      input.settle(approved, {
        outcome: 'failed',
        written: change,
        unsettled: [],
        news: false,
        error: error.message,
      });
      failures = error instanceof WriteError && error.server ? failures + 1 : 0;
      const stop = error instanceof AccessError ? error : failures >= BREAKER ? brokenBy(error) : null;
      if (stop !== null) return { ...rest(), left: changes.slice(index + 1), stop };
    }
  }
  return { remember, forget, shown, failures, left: [], stop: null };
}

/** Sends the one write of this change. `null`: the group is gone, as it should be. */
async function write(
  { action, secodaId, content, add }: Change,
  { writer, gate }: SliceInput,
  known: ReadonlySet<string>,
  identity: Identity,
): Promise<WorkspaceGroup | null> {
  if (content === null) {
    if (action === 'delete' && secodaId !== null) await writer.remove(secodaId, gate);
    return null;
  }
  const send = (body: GroupContent) =>
    secodaId === null ? writer.create(body, known, gate) : writer.update(secodaId, body, gate);
  try {
    return await send(content);
  } catch (error) {
    // Some workspaces refuse people as members until they first sign in: that must not keep the others out.
    const invited = new Set(
      add.filter(({ userId }) => identity.user(userId)?.active === false).map(({ userId }) => userId),
    );
    if (!(error instanceof WriteError) || error.server || invited.size === 0) throw error;
    return await send({ ...content, userIds: content.userIds.filter((id) => !invited.has(id)) });
  }
}

/** Compares Secoda's answer with what was asked, and adds what is to be remembered. */
function judgeAnswer(
  written: Change,
  group: WorkspaceGroup,
  identity: Identity,
  { memory, sources, fingerprint }: SliceInput,
  remember: GroupMemory[],
): ChangeOutcome {
  const asked = written.content ?? group;
  const verified = verify(written, asked, group, identity, sources.clock.now(), fingerprint);
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
      (shortfall !== null && before?.answered !== memory.answered) ||
      unsettled.some((id) => !remembered.has(id)),
    error: shortfall,
  };
}

function brokenBy(last: Error): Error {
  return new WriteError(
    `Secoda failed ${BREAKER} writes in a row, so the run stopped; the last one: ${last.message}`,
    true,
  );
}
