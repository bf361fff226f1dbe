import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { after, before, truncatePage } from '../../emulators/index.ts';
import { markerOf, smallWorld } from '../small-world.ts';
import { scenario } from '../scenario.ts';

describe('a run thinks again before it writes', () => {
  it('when it was suspended in the middle of a slice', async () => {
    const stand = await scenario();
    const { people, pairs } = smallWorld(stand);
    const [leaver] = people;
    const [first, second] = pairs;
    const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
    stand.secoda.state.addUser({ email: 'hire@acme.com' });
    if (!leaver || !first || !second) throw new Error('empty world');
    stand.okta.state.join(hire, first.okta);
    stand.okta.state.join(hire, second.okta);
    const meanwhile = () => {
      stand.jump(3_600_000);
      stand.okta.state.leave(hire, second.okta);
    };
    stand.secoda.faults.add({ on: 'secoda.group.update', nth: 1, effect: after(meanwhile) });
    await stand.report('apply');
    expect(first.secoda.users.size).toBe(5);
    expect(second.secoda.users.size).toBe(4);
  });

  it('when another run has written a group from a newer reading', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand);
    const [pair] = pairs;
    const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
    stand.secoda.state.addUser({ email: 'hire@acme.com' });
    if (!pair) throw new Error('empty world');
    stand.okta.state.join(hire, pair.okta);
    // While the first run has read and not yet written, the hire leaves again, and a second run sees to another change.
    let met = false;
    const overtake = async () => {
      if (met) return;
      met = true;
      stand.okta.state.leave(hire, pair.okta);
      const late = stand.okta.state.addUser({ email: 'late@acme.com' });
      stand.secoda.state.addUser({ email: 'late@acme.com' });
      stand.okta.state.join(late, pair.okta);
      pair.secoda.updatedAt = new Date(stand.clock.now() + 1_000).toISOString();
      await Promise.resolve();
    };
    stand.secoda.faults.add({ on: 'secoda.group.list', nth: 2, effect: before(overtake) });
    await stand.report('apply');
    expect([...pair.secoda.users].map(({ email }) => email)).not.toContain('hire@acme.com');
  });

  it('when a group that had left the selection is back', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand);
    for (const { okta } of pairs.slice(1)) stand.okta.state.assignApp('0oa1', okta);
    await stand.configure({ okta: { orgUrl: stand.okta.url, groups: { app: '0oa1' } } });
    await stand.report('apply');
    const [back] = pairs;
    if (!back) throw new Error('empty world');
    stand.okta.faults.add({
      on: 'okta.group.get',
      nth: 2,
      effect: before(() => stand.okta.state.assignApp('0oa1', back.okta)),
    });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, changes: [{ action: 'delete', outcome: 'not-attempted' }] });
    expect(stand.secoda.state.groups.has(back.secoda.id)).toBe(true);
  });

  it('when Okta counts more people than it lists, also for the groups of an app', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand, { groups: 1, people: 8 });
    const [pair] = pairs;
    if (!pair) throw new Error('empty world');
    stand.okta.state.assignApp('0oa1', pair.okta);
    await stand.configure({ okta: { orgUrl: stand.okta.url, groups: { app: '0oa1' } } });
    stand.okta.faults.add({ on: 'okta.group.users', effect: truncatePage(4), times: Infinity });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 0, status: 'in-sync', changes: [], warnings: [{ kind: 'doubted' }] });
    expect(pair.secoda.users.size).toBe(8);
  });
});

describe('what two deployments share', () => {
  it('does not make the one forget what the other has seen once', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand);
    for (const { okta } of pairs.slice(1)) stand.okta.state.assignApp('0oa1', okta);
    const okta = { orgUrl: stand.okta.url, groups: { app: '0oa1' } };
    await stand.configure({ okta });
    expect(await stand.report('apply')).toMatchObject({ code: 0, skipped: [{ group: 'Group A' }] });
    await stand.configure({
      okta,
      name: 'other',
      groups: { include: ['Nothing'] },
      guard: { minimumGroups: 0 },
    });
    await stand.report('apply');
    await stand.configure({ okta });
    expect(await stand.report('apply')).toMatchObject({
      code: 0,
      changes: [{ action: 'delete', outcome: 'applied' }],
    });
  });
});

describe('a marker line that is deleted by hand', () => {
  const scene = async () => {
    const stand = await scenario();
    const guest = stand.secoda.state.addUser({ email: 'guest@acme.com' });
    stand.okta.state.addGroup({ name: 'Data' });
    await stand.configure({ name: 'other' });
    await stand.report('apply');
    const [group] = stand.secoda.state.groups.values();
    if (!group) throw new Error('nothing was made');
    group.description = 'edited';
    group.users.add(guest);
    return { stand, group, guest };
  };
  const strict = { guard: { adoptions: { max: 0 } } };

  it('of another deployment’s group makes it one that would be adopted, over one archive, too', async () => {
    const { stand, group, guest } = await scene();
    await stand.configure(strict);
    expect(await stand.report('apply')).toMatchObject({
      code: 3,
      changes: [{ adopted: true, group: { secodaId: group.id } }],
      refusals: [{ rule: 'adoptions' }],
    });
    expect([...group.users]).toEqual([guest]);
  });

  it('of its own is restored', async () => {
    const { stand, group } = await scene();
    await stand.configure({ name: 'other', ...strict });
    expect(await stand.report('apply')).toMatchObject({ code: 0, changes: [{ adopted: false }] });
    expect(group.description).toMatch(/ via other\. /);
    expect(group.users.size).toBe(0);
  });

  it('is restored by what a state.json of before names had', async () => {
    const { stand, group } = await scene();
    const state = join(stand.runs, 'state.json');
    await writeFile(state, (await readFile(state, 'utf8')).replaceAll('"via":"other",', ''));
    await stand.configure(strict);
    expect(await stand.report('apply')).toMatchObject({ code: 0, changes: [{ adopted: false }] });
    expect(group.description).toMatch(/ via okta\. /);
  });
});

describe('a second look', () => {
  it('is none by a run that was reading before the first had ended', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand);
    for (const { okta } of pairs.slice(1)) stand.okta.state.assignApp('0oa1', okta);
    await stand.configure({ okta: { orgUrl: stand.okta.url, groups: { app: '0oa1' } } });
    const deferred = { code: 0, changes: [], skipped: [{ group: 'Group A' }] };
    const another = before(async () => {
      expect(await stand.report('apply')).toMatchObject(deferred);
    });
    stand.secoda.faults.add({ on: 'secoda.group.list', nth: 1, effect: another });
    expect(await stand.report('apply')).toMatchObject(deferred);
    expect(await stand.report('apply')).toMatchObject({
      code: 0,
      changes: [{ action: 'delete', outcome: 'applied' }],
    });
  });
});

describe('a copy of a marker', () => {
  it('is left alone when the real group’s marker is edited away, which is restored', async () => {
    const stand = await scenario();
    const group = stand.okta.state.addGroup({ name: 'Data' });
    await stand.report('apply');
    const [real] = stand.secoda.state.groups.values();
    const guest = stand.secoda.state.addUser({ email: 'guest@acme.com' });
    const copy = stand.secoda.state.addGroup({ name: 'Copy', description: markerOf(group), users: [guest] });
    if (!real) throw new Error('nothing was made');
    real.description = 'edited';
    const done = await stand.report('apply');
    expect(done.changes.map(({ group: { secodaId } }) => secodaId)).toEqual([real.id]);
    expect(copy.users.size).toBe(1);
    expect(real.description).toContain(markerOf(group));
  });
});

describe('an archive that fails', () => {
  it('in the middle of a run does not hide what was done', async () => {
    const stand = await scenario();
    stand.okta.state.addGroup({ name: 'Data' });
    stand.secoda.faults.add({
      on: 'secoda.group.create',
      effect: after(async () => {
        await rm(stand.runs, { recursive: true });
        await writeFile(stand.runs, '');
      }),
    });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, status: 'partial', changes: [{ outcome: 'applied' }] });
    expect(done.error).toContain('runs');
  });
});

it('no report on stdout and no record holds what a terminal would act on', async () => {
  const stand = await scenario();
  stand.okta.state.addGroup({ name: 'X\u009b31mred\u202egnp\u{e0041}' });
  const { stdout } = await stand.sync('plan', '--json');
  expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(stdout)).toMatchObject({
    changes: [{ group: { name: 'X\u009b31mred\u202egnp\u{e0041}' } }],
  });
});
