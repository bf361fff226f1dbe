import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { contentOf, fingerprintOf } from '../../../lambda/core/groups/settled-content.ts';
import type { WorkspaceGroup } from '../../../lambda/core/model/workspace.ts';
import type { Change } from '../../../lambda/core/plan/change.ts';
import { type ChangeOutcome, notAttempted } from '../../../lambda/core/report/report.ts';
import { memoryOf } from '../../../lambda/archive/state-file.ts';
import type { RunEvent } from '../../../lambda/ports.ts';
import type { Written, WrittenGroup } from '../../../lambda/run/checkpoints.ts';
import type { RunContext } from '../../../lambda/run/context.ts';
import { memoryCheckpoints } from '../../../lambda/run/workflow.ts';
import { lookOnceMore, outcomesOf } from '../../../lambda/run/write/write.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { change, member, removal } from '../../render/plans.ts';
import { at, managed, NOW, rulesOf, users } from '../../core/world.ts';

const stamped = (group: WorkspaceGroup, updatedAt: string | null = 'T1') => ({ ...group, updatedAt });
const GROUP = stamped(managed('s1', 'Data', ['g1'], ['u1', 'u2']));
const WRITTEN = change({
  ...{ action: 'update', name: 'Data', secodaId: 's1', oktaIds: ['g1'], content: contentOf(GROUP) },
  add: [member(at('u2'), 'u2')],
});
const APPLIED: ChangeOutcome = {
  outcome: 'applied',
  written: WRITTEN,
  unsettled: [],
  news: false,
  error: null,
};
const SHOWN: WrittenGroup = {
  ...{ position: 3, written: WRITTEN, group: GROUP, before: undefined, refused: null },
  due: { waiting: [], reason: null },
};
const DELETION = change({
  action: 'delete',
  name: 'Old',
  secodaId: 's9',
  remove: [removal(at('u1'), 'u1'), removal(null, 'u9')],
});

/** The last look at this, where Secoda lists these groups by then. */
async function look(groups: readonly WorkspaceGroup[], ...written: readonly Written[]) {
  const checkpoints = memoryCheckpoints();
  const archive = memoryArchive();
  const steps: string[] = [];
  const context = z
    .custom<RunContext>(() => true)
    .parse({
      ...{ checkpoints, archive, rules: rulesOf({}) },
      sources: { clock: { now: () => NOW }, workspace: { groups: () => Promise.resolve(groups) } },
      workflow: { step: (name: string, work: () => unknown) => (steps.push(name), work()) },
    });
  const list = await checkpoints.users.put('users', { users: users('u1', 'u2'), readAt: 0 });
  const kept = [];
  for (const [n, each] of written.entries())
    kept.push({ written: await checkpoints.written.put(`w${n}`, each), toSee: 1, users: list });
  const end = await lookOnceMore(context, list, { kept, stopped: null, why: '' });
  const last = end.kept.at(-1);
  const found =
    last !== undefined && 'key' in last && last.key === 'look-again'
      ? await checkpoints.written.get(last)
      : null;
  const { groups: remembered } = await memoryOf(archive, 'okta');
  return { outcomes: found?.outcomes, steps, kept: end.kept.length, remembered: [...remembered.values()] };
}
const written = (shown: Partial<WrittenGroup> = {}, ...outcomes: Written['outcomes']): Written => ({
  outcomes,
  shown: [{ ...SHOWN, ...shown }],
});
const QUIET = { outcomes: [], steps: ['look-again'], kept: 2, remembered: [] };

describe('the last look', () => {
  it('finds nothing to say of a group that shows what it answered, or was edited since, or does not say when it was', async () => {
    expect(await look([GROUP], written())).toEqual(QUIET);
    expect(await look([stamped({ ...GROUP, userIds: [] }, 'T2')], written())).toEqual(QUIET);
    const untold = stamped(GROUP, null);
    expect(await look([{ ...untold, userIds: [] }], written({ group: untold }))).toEqual(QUIET);
  });

  it('finds what a group does not show that answered it, and remembers that', async () => {
    const shows = { ...GROUP, userIds: ['u1'] };
    const { outcomes, remembered } = await look([shows], written());
    const outcome = { ...APPLIED, outcome: 'unsettled', unsettled: [at('u2')], news: true };
    expect(outcomes).toEqual([[3, outcome]]);
    expect(remembered).toMatchObject([
      { secodaId: 's1', answered: fingerprintOf(shows), unsettled: [{ userId: 'u2' }] },
    ]);
  });

  it('compares with the group as it answered where the change said nothing of what it is to hold', async () => {
    const { outcomes } = await look(
      [{ ...GROUP, userIds: ['u2'] }],
      written({ written: { ...WRITTEN, content: null } }),
    );
    expect(outcomes).toMatchObject([[3, { outcome: 'unsettled', unsettled: [at('u1')] }]]);
  });

  it('finds a group that is not listed, and remembers nothing of it', async () => {
    const error = 'Secoda accepted the write, but does not list the group afterwards';
    const outcome = { ...APPLIED, outcome: 'unsettled', news: true, error };
    expect(await look([], written())).toEqual({ ...QUIET, outcomes: [[3, outcome]] });
  });

  it('finds a group that was deleted and is listed, with all who were to lose it', async () => {
    const deleted = { ...APPLIED, written: DELETION };
    const told: Written = { outcomes: [[5, deleted]], shown: [] };
    const error = 'Secoda accepted the deletion, but lists the group afterwards';
    const outcome = { ...deleted, outcome: 'unsettled', unsettled: [at('u1'), 'u9'], news: true, error };
    expect(await look([managed('s9', 'Old', ['g9'])], told)).toEqual({ ...QUIET, outcomes: [[5, outcome]] });
    expect(await look([], told)).toEqual(QUIET);
    const failed: Written = { outcomes: [[5, { ...deleted, outcome: 'failed' }]], shown: [] };
    expect(await look([managed('s9', 'Old', ['g9'])], failed)).toEqual(QUIET);
    expect(await look([GROUP], { outcomes: [[3, APPLIED]], shown: [] })).toEqual(QUIET);
  });

  it('lets be what was written before the last write of a group', async () => {
    const earlier = written({ position: 1, group: { ...GROUP, userIds: [] } });
    expect(await look([GROUP], earlier, written())).toEqual({ ...QUIET, kept: 3 });
    const { outcomes } = await look([{ ...GROUP, userIds: ['u1'] }], earlier, written());
    expect(outcomes?.map(([position]) => position)).toEqual([3]);
  });

  it('is not taken where nothing was written, or the run was stopped', async () => {
    const context = z.custom<RunContext>(() => true).parse({});
    const ref = { key: 'k', version: null };
    const none = { kept: [{ written: ref, toSee: 0, users: ref }], stopped: null, why: 'w' };
    expect(await lookOnceMore(context, ref, none)).toEqual({ kept: [ref], stopped: null, why: 'w' });
    const stopped = { kept: [{ written: ref, toSee: 1, users: ref }], stopped: new Error('x'), why: 'x' };
    expect(await lookOnceMore(context, ref, stopped)).toEqual({ ...stopped, kept: [ref] });
    const small = { kept: [{ written: { outcomes: [] }, toSee: 1, users: ref }], stopped: null, why: 'w' };
    expect(await lookOnceMore(context, ref, small)).toEqual({ ...small, kept: [{ outcomes: [] }] });
  });

  it('that fails stops the run, with what was written', async () => {
    const ref = { key: 'k', version: null };
    const step = () => Promise.reject(new Error('no archive'));
    const context = z.custom<RunContext>(() => true).parse({ workflow: { step } });
    const end = await lookOnceMore(context, ref, {
      kept: [{ written: ref, toSee: 1, users: ref }],
      stopped: null,
      why: '',
    });
    expect(end).toEqual({ kept: [ref], stopped: new Error('no archive'), why: 'no archive' });
  });
});

describe('what became of each change', () => {
  const [one, two, three] = ['A', 'B', 'C'].map((name) => change({ action: 'update', name, secodaId: name }));
  if (!one || !two || !three) throw new Error('there are three');
  const changes = [one, two, { ...three, held: true as const }];
  const outcomes = async (...told: readonly (readonly (readonly [number, ChangeOutcome])[])[]) => {
    const heard: RunEvent[] = [];
    const kept = told.map((each) => ({ outcomes: each }));
    const found = await outcomesOf({ changes }, { kept, why: 'why' }, memoryCheckpoints(), (event) =>
      heard.push(event),
    );
    return { found: changes.map((each) => found.get(each)), heard };
  };
  const part = (fields: Partial<Change>, more: Partial<ChangeOutcome> = {}): ChangeOutcome => ({
    ...APPLIED,
    written: { ...one, ...fields },
    ...more,
  });

  it('was not attempted where no step tells of it, which is told, unless it is held', async () => {
    const outcome = notAttempted('why');
    const heard = [{ kind: 'outcome', change: two, outcome, done: 2, total: 3 }];
    expect(await outcomes([[0, APPLIED]])).toEqual({ found: [APPLIED, outcome, undefined], heard });
    expect(
      await outcomes([
        [0, APPLIED],
        [1, APPLIED],
        [9, APPLIED],
      ]),
    ).toEqual({
      ...{ found: [APPLIED, APPLIED, undefined], heard: [] },
    });
  });

  it('is both of what was written of it in two parts', async () => {
    const before = { name: 'Old', description: '', members: [] };
    const first = part({
      add: [member(at('u1'), 'u1')],
      remove: [removal(at('u3'), 'u3')],
      renamedFrom: 'Old',
      before,
    });
    const then = part(
      {
        add: [member(at('u2'), 'u2'), member(at('u1'), 'u1')],
        remove: [removal(at('u4'), 'u4')],
        before: null,
      },
      { outcome: 'unsettled', news: true },
    );
    const { found } = await outcomes(
      [
        [0, first],
        [1, APPLIED],
      ],
      [[0, then]],
    );
    expect(found[0]).toEqual({
      ...then,
      written: {
        ...{ ...one, before, renamedFrom: 'Old' },
        add: [member(at('u1'), 'u1'), member(at('u2'), 'u2')],
        remove: [removal(at('u3'), 'u3'), removal(at('u4'), 'u4')],
      },
    });
    const renamed = part({ renamedFrom: 'Later' });
    expect((await outcomes([[0, part({})]], [[0, renamed]])).found[0]?.written?.renamedFrom).toBe('Later');
  });

  it('is the part that was attempted, and the later one where only one was written', async () => {
    const [not, done, failed] = [notAttempted('x'), part({}), part({}, { outcome: 'failed', written: null })];
    const both = async (a: ChangeOutcome, b: ChangeOutcome) => (await outcomes([[0, a]], [[0, b]])).found[0];
    expect(await both(not, done)).toBe(done);
    expect(await both(done, not)).toBe(done);
    expect(await both(failed, done)).toBe(done);
    expect(await both(done, failed)).toBe(failed);
  });
});
