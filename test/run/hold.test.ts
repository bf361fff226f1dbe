import { describe, expect, it } from 'vitest';
import { drift, membersOf, smallWorld } from './small-world.ts';
import { scenario, type Scenario } from './scenario.ts';

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
    const held = await stand.report('apply');
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

  it('deletes nothing that is held, keeps its name, and deletes it when that is approved', async () => {
    const stand = await scenario({
      config: { guard: { overLimit: 'hold', groupDeletions: { max: 0, percent: 0 } } },
    });
    const { pairs } = smallWorld(stand);
    const [first] = pairs;
    if (first === undefined) throw new Error('a group');
    stand.okta.state.groups.delete(first.okta.id);
    stand.okta.state.addGroup({ name: first.secoda.name });
    const held = await stand.report('apply');
    expect(held).toMatchObject({ code: 3, status: 'held' });
    expect(stand.secoda.state.groups.has(first.secoda.id)).toBe(true);
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
});
