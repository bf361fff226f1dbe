import { describe, expect, it } from 'vitest';
import { applyInSteps, type Traps } from './killed-steps.ts';
import { membersOf, smallWorld } from './small-world.ts';
import { type Scenario, scenario } from './scenario.ts';

/** One of three groups gains a hire. */
function oneHire(stand: Scenario, active = true) {
  const [pair] = smallWorld(stand).pairs;
  if (!pair) throw new Error('empty world');
  const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
  stand.secoda.state.addUser({ email: 'hire@acme.com', pending: !active });
  stand.okta.state.join(hire, pair.okta);
  const leave = () => {
    stand.okta.state.leave(hire, pair.okta);
    stand.jump(300_000);
  };
  return { pair, leave };
}

/** Kills the run once at the first update, or another one, before it is sent or after it was answered. */
function atUpdate(moment: 'before' | 'after', meanwhile: () => void = () => undefined, nth = 1): Traps {
  let count = 0;
  return ({ kill }, _, edges) => ({
    edges: {
      ...edges,
      writer: {
        ...edges.writer,
        async update(...args) {
          const dies = ++count === nth;
          if (dies && moment === 'before') {
            meanwhile();
            return kill();
          }
          const group = await edges.writer.update(...args);
          if (!dies) return group;
          meanwhile();
          return kill();
        },
      },
    },
  });
}

/** Kills the run once, right after it remembered what it wrote. */
const afterMemory: Traps = ({ kill }, archive) => {
  let killed = false;
  return {
    archive: {
      ...archive,
      async swap(key, text, expected) {
        const tag = await archive.swap(key, text, expected);
        if (killed || key !== 'state.json' || !/"triedAt":[1-9]/.test(text)) return tag;
        killed = true;
        return kill();
      },
    },
  };
};

describe('a slice that is cut off and repeated', () => {
  it('tells a change as applied that it had written, and writes it once', async () => {
    const stand = await scenario();
    oneHire(stand);
    const { reports, begun } = await applyInSteps(stand, atUpdate('after'));
    expect(begun.filter((name) => name === 'slice-1')).toHaveLength(2);
    expect(reports).toMatchObject([
      { status: 'applied', changes: [{ outcome: 'applied', add: ['hire@acme.com'] }] },
    ]);
    expect(stand.secoda.state.writes).toHaveLength(1);
    expect((await applyInSteps(stand)).reports).toMatchObject([{ status: 'in-sync' }]);
  });

  it('does not tell a change as written that it had not, and that is not wanted any more', async () => {
    const stand = await scenario();
    const { leave, pair } = oneHire(stand);
    const { reports, archive } = await applyInSteps(stand, atUpdate('before', leave));
    expect(reports).toMatchObject([
      { status: 'in-sync', changes: [{ outcome: 'not-attempted', unsettled: [] }], unsettled: [] },
    ]);
    expect(stand.secoda.state.writes).toEqual([]);
    // Nor is it remembered as asked: the hire comes back, and has to be added.
    const state: unknown = JSON.parse((await archive.read('state.json'))?.text ?? '');
    const remembered = expect.objectContaining({ secodaId: pair.secoda.id, asked: '', triedAt: 0 }) as object;
    expect(state).toMatchObject({ groups: expect.arrayContaining([remembered]) as object });
  });

  it('tells of somebody whom it had added on its fresh reads, and whom the plan did not know', async () => {
    const stand = await scenario();
    const { pair } = oneHire(stand);
    const late = stand.okta.state.addUser({ email: 'late@acme.com' });
    stand.secoda.state.addUser({ email: 'late@acme.com' });
    const { reports } = await applyInSteps(stand, (killing, archive, edges) => ({
      ...atUpdate('after')(killing, archive, edges),
      archive: {
        ...archive,
        swap(key, text, expected) {
          if (key.endsWith('slice-1-begun.json')) {
            stand.okta.state.join(late, pair.okta);
            stand.jump(300_000);
          }
          return archive.swap(key, text, expected);
        },
      },
    }));
    expect(reports).toMatchObject([
      { status: 'applied', changes: [{ outcome: 'applied', add: ['hire@acme.com', 'late@acme.com'] }] },
    ]);
    expect(stand.secoda.state.writes).toHaveLength(1);
  });

  it('tells a deletion as applied that it had made, and forgets the group', async () => {
    const stand = await scenario();
    const [pair] = smallWorld(stand).pairs;
    if (!pair) throw new Error('empty world');
    await applyInSteps(stand);
    stand.okta.state.removeGroup(pair.okta);
    let killed = false;
    const { reports, begun, archive } = await applyInSteps(stand, ({ kill }, _, edges) => ({
      edges: {
        ...edges,
        writer: {
          ...edges.writer,
          async remove(...args) {
            await edges.writer.remove(...args);
            if (killed) return;
            killed = true;
            return kill();
          },
        },
      },
    }));
    expect(begun.filter((name) => name === 'slice-1')).toHaveLength(2);
    expect(reports).toMatchObject([
      { status: 'applied', changes: [{ action: 'delete', outcome: 'applied', unsettled: [], error: null }] },
    ]);
    expect((await archive.read('state.json'))?.text).not.toContain(pair.secoda.id);
    expect(stand.secoda.state.groups.has(pair.secoda.id)).toBe(false);
  });

  it('tells of people whom Secoda did not take, also when that was remembered already', async () => {
    const stand = await scenario({ secoda: { invited: 'dropped' } });
    oneHire(stand, false);
    const { reports, begun } = await applyInSteps(stand, afterMemory);
    expect(begun.filter((name) => name === 'slice-1')).toHaveLength(2);
    expect(reports).toMatchObject([
      { status: 'partial', changes: [{ outcome: 'unsettled', unsettled: ['hire@acme.com'] }] },
    ]);
  });
});

it.each([1, 2, 3])(
  'a run that is cut off after write %i of two groups that take people over from each other comes to its end',
  async (nth) => {
    const stand = await scenario();
    for (const name of ['Ada', 'Bob', 'Cleo', 'Dan']) {
      const email = `${name.toLowerCase()}@acme.com`;
      stand.secoda.state.addUser({ email });
      stand.okta.state.addGroup({ name, members: [stand.okta.state.addUser({ email })] });
    }
    await stand.configure({ groups: { map: { Ada: 'First', Bob: 'First', Cleo: 'Second', Dan: 'Second' } } });
    await stand.report('apply');
    const config = { groups: { map: { Ada: 'First', Cleo: 'First', Bob: 'Second', Dan: 'Second' } } };
    const before = stand.secoda.state.writes.length;
    const { reports } = await applyInSteps(stand, atUpdate('after', undefined, nth), config);
    expect(reports).toMatchObject([
      { status: 'applied', changes: [{ outcome: 'applied' }, { outcome: 'applied' }] },
    ]);
    expect(membersOf(stand)).toEqual({
      First: ['ada@acme.com', 'cleo@acme.com'],
      Second: ['bob@acme.com', 'dan@acme.com'],
    });
    expect(stand.secoda.state.writes).toHaveLength(before + 3);
  },
);

it('keeps the result of every step small, however much it read and wrote', async () => {
  const stand = await scenario();
  const members = Array.from({ length: 60 }, (_, n) => {
    stand.secoda.state.addUser({ email: `p${n}@acme.com` });
    return stand.okta.state.addUser({ email: `p${n}@acme.com` });
  });
  for (let n = 0; n < 40; n++) stand.okta.state.addGroup({ name: `Group ${n}`, members });
  const { reports, sizes } = await applyInSteps(stand);
  expect(reports).toMatchObject([{ status: 'applied', summary: { members: { add: 2_400 } } }]);
  expect([...sizes.keys()]).toEqual(
    expect.arrayContaining(['list', 'members-1', 'plan', 'slice-1', 'slice-2', 'look-again', 'report']),
  );
  expect(Math.max(...sizes.values())).toBeLessThan(2_000);
});
