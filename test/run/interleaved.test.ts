import { describe, expect, it } from 'vitest';
import { after, before } from '../emulators/index.ts';
import { markerOf, membersOf, smallWorld } from './small-world.ts';
import { stage } from './stage.ts';

describe('runs that meet other hands', () => {
  it('never create a group twice when two of them share an archive', async () => {
    const stand = await stage({ speed: 60 });
    for (let n = 0; n < 40; n++) stand.okta.state.addGroup({ name: `Group ${n + 10}` });
    const ends = await Promise.all([stand.report('apply'), stand.report('apply')]);
    expect(stand.secoda.state.groups.size).toBe(40);
    expect(stand.secoda.state.writes.filter(({ effective }) => effective)).toHaveLength(40);
    expect(stand.secoda.throttled).toBe(0);
    for (const { code } of ends) expect([0, 4]).toContain(code);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('do not remove somebody who joined again while the plan was made', async () => {
    const stand = await stage({ speed: 6_000 });
    const { people, pairs } = smallWorld(stand);
    const [somebody] = people;
    const [pair] = pairs;
    if (!somebody || !pair) throw new Error('empty world');
    stand.okta.state.leave(somebody, pair.okta);
    // The list of Secoda groups is read for planning, and again at the start of the slice: some minutes later by then.
    stand.secoda.faults.add({
      on: 'secoda.group.list',
      effect: after(() => stand.okta.state.join(somebody, pair.okta)),
    });
    stand.secoda.faults.add({ on: 'secoda.group.list', effect: before(() => stand.clock.sleep(180_000)) });
    const done = await stand.report('apply');
    expect(pair.secoda.users.size).toBe(4);
    expect(done.changes.map(({ outcome }) => outcome).every((outcome) => outcome === 'not-attempted')).toBe(
      true,
    );
  });

  it('do not remove somebody a person added in Secoda after the plan, and leave that to the next run', async () => {
    const stand = await stage();
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
    const stand = await stage();
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
      const stand = await stage({ secoda: { invited } });
      const group = stand.okta.state.addGroup({ name: 'Data' });
      const emails = ['ada@acme.com', 'new@acme.com'];
      for (const email of emails) stand.okta.state.join(stand.okta.state.addUser({ email }), group);
      stand.secoda.state.addUser({ email: 'ada@acme.com' });
      const fresh = stand.secoda.state.addUser({ email: 'new@acme.com', active: false });
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
      const stand = await stage();
      smallWorld(stand);
      await stand.report('apply');
      const { writeFile } = await import('node:fs/promises');
      await writeFile(`${stand.runs}/state.json`, text);
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
      expect(stand.secoda.state.writes).toEqual([]);
    },
  );

  it('leave a copy of a marker alone when memory knows which group is ours, and both when it does not', async () => {
    const stand = await stage();
    const ada = stand.okta.state.addUser({ email: 'ada@acme.com' });
    stand.secoda.state.addUser({ email: 'ada@acme.com' });
    const group = stand.okta.state.addGroup({ name: 'Data', members: [ada] });
    await stand.report('apply');
    const copy = stand.secoda.state.addGroup({ name: 'Copy', description: markerOf(group) });
    stand.okta.state.leave(ada, group);
    const known = await stand.report('apply');
    expect(known).toMatchObject({
      code: 0,
      changes: [{ remove: ['ada@acme.com'] }],
      warnings: [{ group: 'Data' }],
    });
    expect(known.changes[0]?.group.secodaId).not.toBe(copy.id);
    stand.okta.state.join(ada, group);
    const { rm } = await import('node:fs/promises');
    await rm(`${stand.runs}/state.json`);
    expect(await stand.report('apply')).toMatchObject({
      code: 4,
      status: 'partial',
      changes: [],
      skipped: [{ group: 'Data' }],
    });
  });
});
