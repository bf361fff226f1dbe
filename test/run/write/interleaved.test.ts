import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { after, slow } from '../../emulators/index.ts';
import { drift, markerOf, membersOf, smallWorld } from '../small-world.ts';
import { scenario } from '../scenario.ts';

describe('runs that meet other hands', () => {
  it('end alike in any order of their slices, and undo nothing', async () => {
    const delays = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 12, maxLength: 12 });
    const run = async (milliseconds: readonly number[]) => {
      const stand = await scenario();
      await stand.configure({ secoda: { url: stand.secoda.url, writesPerMinute: 8 } });
      const world = smallWorld(stand);
      drift(stand, world);
      const late = stand.okta.state.addUser({ email: 'late@acme.com' });
      stand.secoda.state.addUser({ email: 'late@acme.com' });
      for (let n = 0; n < 6; n++) stand.okta.state.addGroup({ name: `More ${n}` });
      for (const [n, ms] of milliseconds.entries()) {
        const on = ['secoda.group.list', 'secoda.group.create', 'okta.group.users'][n % 3] ?? '';
        const emulator = on.startsWith('okta') ? stand.okta : stand.secoda;
        emulator.faults.add({ on, nth: 1 + n, effect: slow(ms) });
      }
      const joins = after(() => world.pairs[1] && stand.okta.state.join(late, world.pairs[1].okta));
      stand.secoda.faults.add({ on: 'secoda.group.create', nth: 3, effect: joins });
      await Promise.all([stand.report('apply'), stand.report('apply')]);
      expect(stand.secoda.state.groups.size).toBe(9);
      expect(stand.secoda.throttled).toBe(0);
      expect((await stand.report('apply')).code).toBe(0);
      expect(membersOf(stand)).toMatchObject({ 'Group A': ['p1@acme.com', 'p2@acme.com', 'p3@acme.com'] });
      expect(membersOf(stand)['Group B']).toContain('late@acme.com');
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
    };
    await fc.assert(fc.asyncProperty(delays, run), { numRuns: 4, endOnFailure: true });
  }, 120_000);

  it('never create a group twice when two of them share an archive', async () => {
    const stand = await scenario();
    for (let n = 0; n < 40; n++) stand.okta.state.addGroup({ name: `Group ${n + 10}` });
    const ends = await Promise.all([stand.report('apply'), stand.report('apply')]);
    expect(stand.secoda.state.groups.size).toBe(40);
    expect(stand.secoda.state.writes.filter(({ effective }) => effective)).toHaveLength(40);
    expect(stand.secoda.throttled).toBe(0);
    for (const { code } of ends) expect([0, 4]).toContain(code);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('write what is true after an hour of suspension, not what was true before', async () => {
    const stand = await scenario();
    await stand.configure({ secoda: { url: stand.secoda.url, writesPerMinute: 2 } });
    const { people, pairs } = smallWorld(stand, { groups: 4 });
    const [leaver, returner] = people;
    const [first, second, third, fourth] = pairs;
    if (!leaver || !returner || !first || !second || !third || !fourth) throw new Error('empty world');
    for (const { okta } of [first, second, third]) stand.okta.state.leave(leaver, okta);
    stand.okta.state.leave(returner, third.okta);
    const made = stand.okta.state.addGroup({ name: 'New', members: [leaver] });
    stand.okta.state.removeGroup(fourth.okta);
    stand.suspend(3_600_000, () => {
      stand.okta.state.join(returner, third.okta);
      stand.okta.state.renameGroup(made, 'Newer');
      stand.okta.state.addGroup({ id: fourth.okta.id, name: fourth.okta.name, members: [...people] });
    });
    const done = await stand.report('apply');
    expect(done.changes.map(({ group, outcome }) => [group.name, outcome])).toEqual([
      ['Group A', 'applied'],
      ['Group B', 'applied'],
      ['Group C', 'applied'],
      ['Newer', 'applied'],
      ['Group D', 'not-attempted'],
    ]);
    expect([...third.secoda.users].map(({ email }) => email)).not.toContain(leaver.profile.email);
    expect(third.secoda.users.size).toBe(3);
    expect(fourth.secoda.users.size).toBe(4);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('never touch the groups of another deployment, which has another name and archive', async () => {
    const stand = await scenario();
    const groups = ['A', 'B', 'C'].map((name) => stand.okta.state.addGroup({ name }));
    await stand.report('apply');
    const ours = [...stand.secoda.state.groups.keys()];
    await stand.configure({ name: 'second', groups: { include: ['A', 'B'] } });
    const runs = `${stand.folder}/second`;
    expect(await stand.report('apply', '--runs', runs)).toMatchObject({
      code: 0,
      warnings: [{ group: 'A' }, { group: 'B' }],
    });
    for (const group of groups) stand.okta.state.removeGroup(group);
    await stand.configure({ name: 'second', groups: { include: ['A', 'B'] }, guard: { minimumGroups: 0 } });
    const gone = await stand.report('apply', '--runs', runs);
    expect(gone).toMatchObject({ code: 0, summary: { groups: { delete: 2 } } });
    expect([...stand.secoda.state.groups.keys()]).toEqual(ours);
  });

  it('do not remove somebody a person added in Secoda after the plan, and leave that to the next run', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand);
    const guest = stand.secoda.state.addUser({ email: 'guest@acme.com' });
    const [pair] = pairs;
    if (!pair) throw new Error('empty world');
    const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
    stand.secoda.state.addUser({ email: 'hire@acme.com' });
    stand.okta.state.join(hire, pair.okta);
    stand.secoda.faults.add({ on: 'secoda.group.list', effect: after(() => pair.secoda.users.add(guest)) });
    const first = await stand.report('apply');
    expect(first.changes).toMatchObject([{ add: ['hire@acme.com'], remove: [], outcome: 'applied' }]);
    expect([...pair.secoda.users].map(({ email }) => email)).toContain('guest@acme.com');
    const second = await stand.report('apply');
    expect(second.changes).toMatchObject([{ remove: ['guest@acme.com'], outcome: 'applied' }]);
  });

  it('do not delete a group whose Okta group came back', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand);
    const [pair] = pairs;
    if (!pair) throw new Error('empty world');
    const { id, name } = pair.okta;
    stand.okta.state.removeGroup(pair.okta);
    const back = () => stand.okta.state.addGroup({ id, name });
    stand.okta.faults.add({ on: 'okta.group.get', effect: after(back) });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, changes: [{ action: 'delete', outcome: 'not-attempted' }] });
    expect(stand.secoda.state.groups.has(pair.secoda.id)).toBe(true);
  });

  it('do not send again each night what Secoda does not honour, and try again when the account changes', async () => {
    for (const invited of ['dropped', 'refused'] as const) {
      const stand = await scenario({ secoda: { invited } });
      const group = stand.okta.state.addGroup({ name: 'Data' });
      const emails = ['ada@acme.com', 'new@acme.com'];
      for (const email of emails) stand.okta.state.join(stand.okta.state.addUser({ email }), group);
      stand.secoda.state.addUser({ email: 'ada@acme.com' });
      const fresh = stand.secoda.state.addUser({ email: 'new@acme.com', pending: true });
      const first = await stand.report('apply');
      expect(first).toMatchObject({
        code: 4,
        status: 'partial',
        unsettled: [{ email: 'new@acme.com', groups: ['Data'] }],
      });
      const writes = stand.secoda.state.writes.length;
      const second = await stand.report('apply');
      expect(second).toMatchObject({ code: 0, status: 'in-sync', unsettled: [{ email: 'new@acme.com' }] });
      expect(stand.secoda.state.writes).toHaveLength(writes);
      stand.secoda.state.activate(fresh);
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', unsettled: [] });
      expect(membersOf(stand)).toEqual({ Data: emails });
    }
  });

  it.each(['', '{', '{"version":0}', '[1]', '{"version":1,"groups":[{"secodaId":"x"}],"unlistedSince":7}'])(
    'take no harm from a state.json that holds %j',
    async (text) => {
      const stand = await scenario();
      smallWorld(stand);
      await stand.report('apply');
      await writeFile(`${stand.runs}/state.json`, text);
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
      expect(stand.secoda.state.writes).toEqual([]);
    },
  );

  it('leave a copy of a marker alone when memory knows which group is ours, and both when it does not', async () => {
    const stand = await scenario();
    const ada = stand.okta.state.addUser({ email: 'ada@acme.com' });
    stand.secoda.state.addUser({ email: 'ada@acme.com' });
    const group = stand.okta.state.addGroup({ name: 'Data', members: [ada] });
    await stand.report('apply');
    const copy = stand.secoda.state.addGroup({ name: 'Copy', description: markerOf(group) });
    stand.okta.state.leave(ada, group);
    const known = await stand.report('apply');
    expect(known).toMatchObject({
      code: 4,
      changes: [{ remove: ['ada@acme.com'], outcome: 'applied' }],
      skipped: [{ group: 'Copy' }],
    });
    expect(known.changes[0]?.group.secodaId).not.toBe(copy.id);
    stand.okta.state.join(ada, group);
    await rm(`${stand.runs}/state.json`);
    expect(await stand.report('apply')).toMatchObject({
      code: 4,
      status: 'partial',
      changes: [],
      skipped: [{ group: 'Data' }],
    });
  });
});

it('two runs at once: what the other one did makes nobody partial', async () => {
  const stand = await scenario();
  const world = smallWorld(stand);
  drift(stand, world);
  const both = await Promise.all([stand.report('apply'), stand.report('apply')]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(both.map(({ status }) => status).sort()).not.toContain('partial');
  expect(stand.secoda.state.writes.filter(({ effective }) => effective)).toHaveLength(4);
});
