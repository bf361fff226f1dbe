import { describe, expect, it } from 'vitest';
import { drift, membersOf, smallWorld } from './small-world.ts';
import { scenario, type Scenario } from './scenario.ts';

const DAY = 24 * 3_600_000;
const HOLD = { guard: { overLimit: 'hold' } };

/** Somebody who has an account, and is in this Okta group from now on. */
function hire(stand: Scenario, email: string, group: Parameters<Scenario['okta']['state']['join']>[1]) {
  stand.secoda.state.addUser({ email });
  stand.okta.state.join(stand.okta.state.addUser({ email }), group);
}

describe('a run that holds what is over its limits', () => {
  it('lets new people in while removals wait, and takes the first digest after a later hire', async () => {
    const stand = await scenario({ config: HOLD });
    const { pairs, people } = smallWorld(stand, { groups: 2, people: 12 });
    const [first, second] = pairs;
    if (first === undefined || second === undefined) throw new Error('two groups');
    for (const person of people.slice(0, 9)) stand.okta.state.leave(person, first.okta);
    hire(stand, 'new@acme.com', first.okta);
    hire(stand, 'too@acme.com', second.okta);
    const planned = await stand.report('plan');
    const held = await stand.report('apply');
    expect(planned).toMatchObject({ code: 3, status: 'held', digest: held.digest });
    expect(held).toMatchObject({ code: 3, status: 'held', refusals: [{ rule: 'removalsPerGroup' }] });
    expect(held.changes.map(({ outcome }) => outcome)).toEqual(['applied', 'applied', 'held']);
    expect([first.secoda.users.size, second.secoda.users.size]).toEqual([13, 13]);

    const writes = stand.secoda.state.writes.length;
    const again = await stand.report('apply');
    expect(again).toMatchObject({ code: 3, status: 'held', digest: held.digest });
    expect(stand.secoda.state.writes.length).toBe(writes);

    hire(stand, 'later@acme.com', first.okta);
    const approved = await stand.report('apply', '--approve', held.digest ?? '');
    expect(approved).toMatchObject({ code: 0, status: 'applied', refusals: [] });
    expect([first.secoda.users.size, second.secoda.users.size]).toEqual([5, 13]);
    expect(await stand.report('apply', '--approve', held.digest ?? '')).toMatchObject({
      code: 0,
      status: 'in-sync',
    });
  });

  it('lets people go whom Okta shows as out, if these alone break no rule', async () => {
    const stand = await scenario({ config: HOLD });
    const { pairs, people } = smallWorld(stand, { groups: 1, people: 12 });
    const [pair] = pairs;
    if (pair === undefined) throw new Error('a group');
    for (const person of people.slice(0, 8)) stand.okta.state.leave(person, pair.okta);
    for (const person of people.slice(8, 10)) person.status = 'DEPROVISIONED';
    const held = await stand.report('apply');
    expect(held).toMatchObject({ code: 3, status: 'held' });
    expect(pair.secoda.users.size).toBe(10);
  });

  it('deletes nothing that is held, gives its name to nobody, and does both when that is approved', async () => {
    const config = { guard: { overLimit: 'hold', groupDeletions: { max: 0, percent: 0 } } };
    const stand = await scenario({ config });
    const { pairs } = smallWorld(stand);
    const [first, second] = pairs;
    if (first === undefined || second === undefined) throw new Error('two groups');
    stand.okta.state.removeGroup(first.okta);
    second.okta.name = first.secoda.name;
    hire(stand, 'new@acme.com', second.okta);
    const held = await stand.report('apply');
    expect(held).toMatchObject({ code: 3, status: 'held', refusals: [{ rule: 'groupDeletions' }] });
    const ends = held.changes.map(({ action, renamedFrom, outcome }) => [
      action,
      renamedFrom !== null,
      outcome,
    ]);
    expect(ends).toEqual([
      ['update', false, 'applied'],
      ['delete', false, 'held'],
      ['update', true, 'held'],
    ]);
    expect(held.summary.groups).toMatchObject({ update: 1, delete: 1 });
    expect(Object.entries(membersOf(stand)).map(([name, users]) => [name, users.length])).toEqual([
      ['Group A', 4],
      ['Group B', 5],
      ['Group C', 4],
    ]);
    expect(await stand.report('apply', '--approve', held.digest ?? '')).toMatchObject({ status: 'applied' });
    expect(stand.secoda.state.groups.has(first.secoda.id)).toBe(false);
    expect(second.secoda.name).toBe('Group A');
  });

  it('keeps growth out that is over its limit, group by group', async () => {
    const stand = await scenario({
      config: { guard: { overLimit: 'hold', additionsPerGroup: { max: 1, percent: 0 } } },
    });
    const { pairs } = smallWorld(stand, { groups: 2, people: 4 });
    const [first, second] = pairs;
    if (first === undefined || second === undefined) throw new Error('two groups');
    for (const n of [1, 2]) hire(stand, `many${n}@acme.com`, first.okta);
    hire(stand, 'one@acme.com', second.okta);
    const held = await stand.report('apply');
    expect(held).toMatchObject({ code: 3, status: 'held', refusals: [{ rule: 'additionsPerGroup' }] });
    expect([first.secoda.users.size, second.secoda.users.size]).toEqual([4, 5]);
    const why = await stand.sync('explain', 'many1@acme.com', '--group', first.okta.id, '--json');
    expect(JSON.parse(why.stdout)).toMatchObject({ groups: [{ member: false, decidedBy: 'guard' }] });
    expect(await stand.report('apply', '--approve', held.digest ?? '')).toMatchObject({
      code: 0,
      status: 'applied',
    });
    expect(first.secoda.users.size).toBe(6);
  });

  it('refuses whole where another rule is broken', async () => {
    const stand = await scenario({ config: { guard: { overLimit: 'hold', minimumGroups: 99 } } });
    drift(stand, smallWorld(stand));
    const before = membersOf(stand);
    expect(await stand.report('apply')).toMatchObject({ code: 3, status: 'refused' });
    expect(membersOf(stand)).toEqual(before);
  });

  it('approves what was held and nothing else: a later loss is judged, and may wait in its turn', async () => {
    const stand = await scenario({ config: HOLD });
    const { pairs, people } = smallWorld(stand, { groups: 2, people: 12 });
    const [first, second] = pairs;
    if (first === undefined || second === undefined) throw new Error('two groups');
    for (const person of people.slice(0, 8)) stand.okta.state.leave(person, first.okta);
    const { digest } = await stand.report('apply');
    for (const person of people.slice(0, 7)) stand.okta.state.leave(person, second.okta);
    const approved = await stand.report('apply', '--approve', digest ?? '');
    expect(approved).toMatchObject({
      code: 3,
      status: 'held',
      refusals: [{ rule: 'removalsPerGroup', count: 7 }],
    });
    expect([first.secoda.users.size, second.secoda.users.size]).toEqual([4, 12]);
    expect(approved.summary).toMatchObject({ groups: { update: 2 }, members: { remove: 15 } });
    expect(approved.digest).not.toBe(digest);
    await stand.report('apply', '--approve', approved.digest ?? '');
    expect(second.secoda.users.size).toBe(5);
  });

  it('counts what came along with an approval, as nobody approved that', async () => {
    const limits = { removalsPerGroup: { max: 1, percent: 0 }, additionsPerGroup: { max: 1, percent: 0 } };
    const stand = await scenario({ config: { guard: { overLimit: 'hold', ...limits } } });
    const { pairs, people } = smallWorld(stand, { groups: 1, people: 9 });
    const [pair] = pairs;
    if (pair === undefined) throw new Error('a group');
    for (const person of people.slice(0, 3)) stand.okta.state.leave(person, pair.okta);
    const { digest } = await stand.report('apply');
    hire(stand, 'one@acme.com', pair.okta);
    expect(await stand.report('apply', '--approve', digest ?? '')).toMatchObject({ status: 'applied' });
    expect(pair.secoda.users.size).toBe(7);
    const changes = async (email: string): Promise<unknown> =>
      JSON.parse((await stand.sync('history', email, '--json')).stdout);
    expect(await changes('one@acme.com')).toMatchObject({ changes: [{ change: 'granted', approved: null }] });
    expect(await changes('p0@acme.com')).toMatchObject({
      changes: [{ change: 'revoked', approved: { digest } }],
    });
    hire(stand, 'two@acme.com', pair.okta);
    const [last] = people.slice(-1);
    if (last !== undefined) stand.okta.state.leave(last, pair.okta);
    const next = await stand.report('apply');
    expect(next).toMatchObject({ status: 'held', refusals: [{ rule: 'additionsPerGroup', count: 2 }] });
    expect(pair.secoda.users.size).toBe(6);
  });

  it('says since when it waits, and takes no approval later than a week after a run held it', async () => {
    const stand = await scenario({ config: HOLD });
    const { pairs, people } = smallWorld(stand, { groups: 1, people: 12 });
    const [pair] = pairs;
    if (pair === undefined) throw new Error('a group');
    for (const person of people.slice(0, 8)) stand.okta.state.leave(person, pair.okta);
    const first = await stand.report('apply');
    expect(first.warnings).toEqual([]);
    stand.jump(5 * DAY);
    const again = await stand.report('apply');
    expect(again).toMatchObject({ digest: first.digest, warnings: [{ kind: 'held', group: null }] });
    expect(Date.parse(again.warnings[0]?.since ?? '')).toBe(Date.parse(first.startedAt));
    stand.jump(8 * DAY);
    const late = await stand.report('apply', '--approve', first.digest ?? '');
    expect(late).toMatchObject({ code: 3, status: 'refused', refusals: [{ rule: 'approve' }] });
    expect(late.refusals[0]?.message).toContain('more than 7 days ago');
    expect(pair.secoda.users.size).toBe(12);
    const { digest } = await stand.report('plan');
    expect(digest).toBe(first.digest);
    const why = await stand.sync('explain', 'p0@acme.com', '--group', pair.okta.id);
    expect(why.stdout).toContain('the guard holds who is to leave it');
    // Whatever the configuration says by then.
    await stand.configure({});
    expect(await stand.report('apply', '--approve', first.digest ?? '')).toMatchObject({ status: 'applied' });
    expect(pair.secoda.users.size).toBe(4);
  });

  it('loses nobody for being refused by Secoda while a single loss waits', async () => {
    const guard = { overLimit: 'hold', removalsPerGroup: { max: 0, percent: 0 } };
    const stand = await scenario({ config: { guard }, secoda: { disabled: 'refused' } });
    const { pairs, people, accounts } = smallWorld(stand, { groups: 2, people: 12 });
    const [first, second] = pairs;
    const [one, other] = accounts.slice(-2);
    if (first === undefined || second === undefined || one === undefined || other === undefined)
      throw new Error('two groups');
    for (const person of people.slice(0, 1)) stand.okta.state.leave(person, first.okta);
    one.disabled = true;
    hire(stand, 'new@acme.com', second.okta);
    const held = await stand.report('apply');
    const [failed] = held.changes;
    expect(held).toMatchObject({ code: 3, status: 'held' });
    expect(failed).toMatchObject({ outcome: 'failed', group: { name: second.secoda.name } });
    expect(failed?.error).toMatch(/is suspended.*take out 1 more, while others are held/);
    expect(second.secoda.users.size).toBe(12);
  });

  it('keeps to the groups that it was asked for, as does the approval of what they held', async () => {
    const stand = await scenario({ config: HOLD });
    const { pairs, people } = smallWorld(stand, { groups: 2, people: 12 });
    for (const { okta } of pairs)
      for (const person of people.slice(0, 8)) stand.okta.state.leave(person, okta);
    const [first, second] = pairs.map(({ secoda }) => secoda);
    const { digest, status } = await stand.report('apply', '--group', first?.name ?? '');
    expect(status).toBe('held');
    expect(await stand.report('apply', '--approve', digest ?? '')).toMatchObject({ status: 'applied' });
    expect([first?.users.size, second?.users.size]).toEqual([4, 12]);
  });
});
