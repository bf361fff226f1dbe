import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { after, before, status } from '../../emulators/index.ts';
import { membersOf, smallWorld } from '../small-world.ts';
import { scenario, type ScenarioOptions } from '../scenario.ts';

const INVITE = 'secoda.user.invite';

/** A managed group in sync, one to be made, and `hires` people without an account who are in both of them in Okta. */
async function withHires(hires: number, options: ScenarioOptions = {}, config: object = {}) {
  const stand = await scenario(options);
  const configure = (more: object) =>
    stand.configure({
      users: { invite: { role: 'viewer' } },
      secoda: { url: stand.secoda.url },
      ...config,
      ...more,
    });
  await configure({});
  const { pairs, people } = smallWorld(stand, { groups: 1 });
  const [pair] = pairs;
  if (!pair) throw new Error('empty world');
  const fresh = stand.okta.state.addGroup({ name: 'New', members: [...people] });
  const persons = Array.from({ length: hires }, (_, n) => {
    const user = stand.okta.state.addUser({ email: `hire${String(n).padStart(2, '0')}@acme.com` });
    for (const group of [pair.okta, fresh]) stand.okta.state.join(user, group);
    return user;
  });
  const calls = () => stand.secoda.requests.filter(({ route }) => route === INVITE);
  return { stand, pair, fresh, persons, calls, configure };
}

describe('a whole run', () => {
  it('invites people into the groups it made, after all changes, one call each, and shows them until they signed in', async () => {
    const { stand, calls } = await withHires(3);
    const planned = await stand.report('plan');
    expect(planned).toMatchObject({ status: 'planned', summary: { invited: 3, unmatched: 0 } });
    expect((await stand.sync('plan')).stdout).toContain('3 to invite');
    expect(calls()).toEqual([]);

    const done = await stand.report('apply');
    expect(done).toMatchObject({
      code: 0,
      status: 'applied',
      digest: planned.digest,
      summary: { invited: 3 },
    });
    expect(done.invited).toMatchObject([
      { email: 'hire00@acme.com', groups: ['Group A', 'New'], outcome: 'applied', error: null },
      { email: 'hire01@acme.com', outcome: 'applied' },
      { email: 'hire02@acme.com', outcome: 'applied' },
    ]);
    expect(calls()).toHaveLength(3);
    expect(stand.secoda.state.writes.at(-1)).toMatchObject({ method: 'POST', groupId: null });
    expect(membersOf(stand)['New']).toHaveLength(7);

    const again = await stand.report('apply');
    expect(again).toMatchObject({ code: 0, status: 'in-sync', summary: { invited: 0, unmatched: 0 } });
    expect(again.invited.map(({ outcome }) => outcome)).toEqual(['awaited', 'awaited', 'awaited']);
    for (const user of stand.secoda.state.users.values()) stand.secoda.state.activate(user);
    const settled = await stand.report('apply');
    expect(settled).toMatchObject({ code: 0, status: 'in-sync', invited: [] });
    expect(await stand.read('invited.json')).toEqual({ version: 1, people: [] });
  });

  it('asks no group again for a hire it was just told of, though it waited for somebody who has left', async () => {
    const { stand, pair, persons, calls } = await withHires(1, { secoda: { invited: 'pending' } });
    await stand.report('apply');
    expect(await stand.report('apply')).toMatchObject({ status: 'in-sync', unsettled: [{}] });
    for (const person of persons) stand.okta.state.deleteUser(person);
    const next = stand.okta.state.addUser({ email: 'next@acme.com' });
    stand.okta.state.join(next, pair.okta);
    expect(await stand.report('apply')).toMatchObject({ status: 'applied', summary: { invited: 1 } });
    expect(calls()).toHaveLength(2);
    expect(await stand.report('apply')).toMatchObject({
      status: 'in-sync',
      unsettled: [{ email: 'next@acme.com', groups: ['Group A'] }],
    });
  });

  it('is not without changes where it has nothing but invitations, or as many of them as of others', async () => {
    const { stand, fresh } = await withHires(1);
    expect(await stand.report('plan', '--expect-no-changes')).toMatchObject({ code: 7, changes: [{}] });
    stand.okta.state.removeGroup(fresh);
    expect(await stand.report('plan', '--expect-no-changes')).toMatchObject({ code: 7, changes: [] });
  });

  it('refuses more invitations than the guard allows, and takes an approval for these people alone', async () => {
    const { stand, calls, fresh } = await withHires(3, {}, { guard: { invitations: { max: 2 } } });
    const refused = await stand.report('apply');
    expect(refused).toMatchObject({ code: 3, status: 'refused', refusals: [{ rule: 'invitations' }] });
    expect(stand.secoda.state.writes).toEqual([]);
    const digest = refused.digest ?? '';
    const late = stand.okta.state.addUser({ email: 'late@acme.com' });
    stand.okta.state.join(late, fresh);
    expect(await stand.report('apply', '--approve', digest)).toMatchObject({ code: 3, status: 'refused' });
    expect(calls()).toEqual([]);
    stand.okta.state.leave(late, fresh);
    expect(await stand.report('apply', '--approve', digest)).toMatchObject({
      code: 0,
      summary: { invited: 3 },
    });
  });

  it('does not take an approval for one that has nothing but too many invitations', async () => {
    const { stand, fresh, calls } = await withHires(3, {}, { guard: { invitations: { max: 2 } } });
    stand.okta.state.removeGroup(fresh);
    expect(await stand.report('apply', '--approve', '0123456789abcdef')).toMatchObject({
      code: 3,
      changes: [],
    });
    expect(calls()).toEqual([]);
  });

  it('invites into no group that could not be written, and nobody who has none left', async () => {
    const { stand, fresh, pair, persons, calls } = await withHires(2);
    const [, second] = persons;
    if (!second) throw new Error('empty world');
    stand.okta.state.leave(second, pair.okta);
    stand.secoda.faults.add({ on: 'secoda.group.create', effect: status(400, { name: ['No.'] }) });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, status: 'partial', summary: { invited: 1 } });
    expect(done.invited).toMatchObject([
      { email: 'hire00@acme.com', outcome: 'applied' },
      { email: 'hire01@acme.com', outcome: 'not-attempted' },
    ]);
    expect(calls().map(({ body }): unknown => JSON.parse(body))).toMatchObject([
      { user_groups: [pair.secoda.id] },
    ]);
    expect(fresh.members.size).toBe(6);
    expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { invited: 1 } });
  });

  it('invites into no group that stands and could not be changed', async () => {
    const { stand, fresh, pair, calls } = await withHires(1);
    const gain = stand.okta.state.addUser({ email: 'gain@acme.com' });
    stand.secoda.state.addUser({ email: 'gain@acme.com' });
    stand.okta.state.join(gain, pair.okta);
    const refused = status(400, { users: ['No.'] });
    stand.secoda.faults.add({ on: 'secoda.group.update', times: Infinity, effect: refused });
    expect(await stand.report('apply')).toMatchObject({ code: 4, summary: { invited: 1 } });
    const [made] = [...stand.secoda.state.groups.values()].filter(({ name }) => name === fresh.name);
    expect(calls().map(({ body }): unknown => JSON.parse(body))).toMatchObject([{ user_groups: [made?.id] }]);
  });

  it('invites nobody who left Okta between plan and invitation', async () => {
    const { stand, persons, calls } = await withHires(2);
    const [first] = persons;
    if (!first) throw new Error('empty world');
    const leaves = after(() => stand.okta.state.deactivate(first));
    stand.secoda.faults.add({ on: 'secoda.group.create', effect: leaves });
    const done = await stand.report('apply');
    expect(done.invited).toMatchObject([{ outcome: 'not-attempted' }, { outcome: 'applied' }]);
    expect(calls().map(({ body }) => body.includes('hire00'))).toEqual([false]);
  });

  it('reads a group again once, however many people of however many calls belong into it', async () => {
    const { stand, pair, persons } = await withHires(4);
    for (const [n, person] of persons.entries())
      stand.okta.state.addGroup({ name: `Own ${n}`, members: [person] });
    const reads = () =>
      stand.okta.requests.filter(
        ({ route, path }) => route === 'okta.group.users' && path.includes(pair.okta.id),
      ).length;
    const before = reads();
    expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { invited: 4 } });
    // For the plan, and before the invitations, of which each is a call of its own.
    expect(reads() - before).toBe(2);
  });

  it('invites nobody twice who was invited by hand meanwhile', async () => {
    const { stand, calls } = await withHires(2);
    const byHand = before(() => stand.secoda.state.addUser({ email: 'Hire00@acme.com', pending: true }));
    stand.secoda.faults.add({ on: 'secoda.group.create', effect: byHand });
    expect((await stand.report('apply')).summary.invited).toBe(2);
    expect(calls().map(({ body }) => body.includes('hire00'))).toEqual([false]);
  });

  it('notes whom it invites before the call, so that a kill cannot lose it', async () => {
    const { stand } = await withHires(1);
    let noted: unknown = null;
    stand.secoda.faults.add({
      on: INVITE,
      effect: before(async () => (noted = await stand.read('invited.json'))),
    });
    await stand.report('apply');
    expect(noted).toMatchObject({ people: [{ via: 'okta', email: 'hire00@acme.com' }] });
  });

  it.each(['', '{"version":1,"people":[{"em', '{"version":2}', '[]', '{"version":1,"people":[7]}'])(
    'takes %j for a memory of nobody',
    async (text) => {
      const { stand, calls } = await withHires(1);
      await mkdir(stand.runs, { recursive: true });
      await writeFile(join(stand.runs, 'invited.json'), text);
      expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { invited: 1 } });
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
      expect(calls()).toHaveLength(1);
    },
  );

  it('keeps apart what two deployments over one archive remember', async () => {
    const { stand, calls, configure } = await withHires(1);
    await stand.report('apply');
    await configure({ name: 'second', groups: { include: ['New'] } });
    await stand.report('plan');
    expect(await stand.read('invited.json')).toMatchObject({
      people: [{ via: 'okta', email: 'hire00@acme.com' }],
    });
    expect(calls()).toHaveLength(1);
    // As in another workspace, where nobody has an account yet: what the first one noted is not for the second.
    stand.secoda.state.removeUser(stand.secoda.state.user('hire00@acme.com'));
    expect((await stand.report('plan')).invited).toMatchObject([{ outcome: null }]);
  });

  it('counts invitations in the write budget', async () => {
    const { stand } = await withHires(1, {}, {});
    await stand.configure({
      users: { invite: { role: 'viewer' } },
      secoda: { url: stand.secoda.url, writesPerMinute: 2 },
    });
    for (const name of ['X', 'Y', 'Z']) {
      const user = stand.okta.state.addUser({ email: `${name}@acme.com` });
      stand.okta.state.addGroup({ name, members: [user] });
    }
    expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { invited: 4 } });
    const times = stand.secoda.state.writes.map(({ at }) => at);
    expect(times).toHaveLength(8);
    for (const [n, at] of times.entries()) expect(at - (times[n - 2] ?? -Infinity)).toBeGreaterThan(60_000);
    expect(stand.secoda.throttled).toBe(0);
  });

  it('says that access was denied when it is the invitation that is not allowed', async () => {
    const { stand } = await withHires(1);
    stand.secoda.faults.add({ on: INVITE, effect: status(403) });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 6, status: 'failed' });
    expect(done.invited).toMatchObject([{ outcome: 'failed' }]);
  });
});
