import { describe, expect, it } from 'vitest';
import { after, status, truncatePage } from '../../emulators/index.ts';
import { DAY, MINUTE, type Night, parts, quietNight } from './quiet-world.ts';
import { membersOf } from '../small-world.ts';

type Slip = (night: Night, it: ReturnType<typeof parts>) => unknown;

/** Each way in which a change could slip through: what happens, and the members of the groups afterwards. */
const SLIPS: readonly [string, Slip, (members: Record<string, string[]>) => unknown, unknown][] = [
  [
    'somebody leaves a group',
    ({ stand }, { person, group }) => {
      stand.okta.state.leave(person, group);
    },
    (all) => all['Group A'],
    ['p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
  ],
  [
    'one leaves and another joins, so that the count stays',
    ({ stand }, { person, group }) => {
      const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
      stand.secoda.state.addUser({ email: 'hire@acme.com' });
      stand.okta.state.leave(person, group);
      stand.okta.state.join(hire, group);
    },
    (all) => all['Group A'],
    ['hire@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
  ],
  [
    'one leaves and another joins, and the time of the last change goes back',
    ({ stand }, { person, group }) => {
      const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
      stand.secoda.state.addUser({ email: 'hire@acme.com' });
      stand.okta.state.leave(person, group);
      stand.okta.state.join(hire, group);
      group.lastMembershipUpdated = '2001-01-01T00:00:00.000Z';
    },
    (all) => all['Group A'],
    ['hire@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
  ],
  [
    'somebody leaves, and only the count tells',
    ({ stand }, { person, group }) => {
      const { lastMembershipUpdated } = group;
      stand.okta.state.leave(person, group);
      group.lastMembershipUpdated = lastMembershipUpdated;
    },
    (all) => all['Group A']?.length,
    3,
  ],
  [
    'somebody is deactivated, which no group shows',
    ({ stand }, { person }) => {
      stand.okta.state.deactivate(person);
    },
    (all) => Object.values(all).map(({ length }) => length),
    [3, 3, 3],
  ],
  [
    'somebody is suspended',
    ({ stand }, { person }) => {
      stand.okta.state.setStatus(person, 'SUSPENDED');
    },
    (all) => all['Group C']?.length,
    3,
  ],
  [
    'somebody is deactivated and deleted before the next run',
    ({ stand }, { person }) => {
      const times = new Map([...person.groups].map((each) => [each, each.lastMembershipUpdated]));
      stand.okta.state.deactivate(person);
      stand.okta.state.deleteUser(person);
      for (const [each, time] of times) each.lastMembershipUpdated = time;
    },
    (all) => Object.values(all).map(({ length }) => length),
    [3, 3, 3],
  ],
  [
    'somebody is deactivated, and the role sees nobody on the list of users, which is 200 and empty',
    ({ stand }, { person }) => {
      stand.okta.state.deactivate(person);
      stand.okta.state.seesUser = () => false;
    },
    (all) => Object.values(all).map(({ length }) => length),
    [3, 3, 3],
  ],
  [
    'somebody is deactivated, and the role sees others on the list of users, but not them',
    ({ stand }, { person, group }) => {
      const [, , another] = [...group.members];
      stand.okta.state.deactivate(person);
      stand.okta.state.seesUser = (user) => user !== person && user !== another;
    },
    (all) => Object.values(all).map(({ length }) => length),
    [3, 3, 3],
  ],
  [
    'the address of somebody changes in Okta',
    ({ stand }, { person }) => {
      stand.secoda.state.addUser({ email: 'married@acme.com' });
      stand.okta.state.changeProfile(person, { email: 'married@acme.com' });
    },
    (all) => all['Group B'],
    ['married@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
  ],
  [
    'the address of an account changes in Secoda',
    ({ stand }, { account }) => {
      account.email = 'other@acme.com';
      stand.secoda.state.addUser({ email: 'p0@acme.com' });
    },
    (all) => all['Group A'],
    ['p0@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
  ],
  [
    'an account is removed and made anew in Secoda',
    ({ stand, world }, { account }) => {
      for (const { secoda } of world.pairs) stand.secoda.state.leave(account, secoda);
      stand.secoda.state.users.delete(account.id);
      stand.secoda.state.addUser({ email: 'p0@acme.com' });
    },
    (all) => all['Group C']?.length,
    4,
  ],
  [
    'somebody is removed from a group in Secoda',
    ({ stand }, { account, mirror }) => {
      stand.secoda.state.leave(account, mirror);
    },
    (all) => all['Group A']?.length,
    4,
  ],
  [
    'somebody is added to a group in Secoda',
    ({ stand }, { mirror }) => {
      stand.secoda.state.join(stand.secoda.state.addUser({ email: 'guest@acme.com' }), mirror);
    },
    (all) => all['Group A']?.length,
    4,
  ],
  [
    'the marker is deleted in Secoda',
    ({ stand }, { mirror }) => {
      stand.secoda.state.edit(mirror, { description: 'ours now' });
    },
    (all) => Object.keys(all),
    ['Group A', 'Group B', 'Group C'],
  ],
  [
    'a group is renamed in Secoda',
    ({ stand }, { mirror }) => {
      stand.secoda.state.edit(mirror, { name: 'Zoo' });
    },
    (all) => Object.keys(all),
    ['Group A', 'Group B', 'Group C'],
  ],
  [
    'a group is deleted in Secoda',
    ({ stand }, { mirror }) => {
      stand.secoda.state.removeGroup(mirror);
    },
    (all) => all['Group A']?.length,
    4,
  ],
  [
    'a group is renamed in Okta',
    ({ stand }, { group }) => {
      stand.okta.state.renameGroup(group, 'Group Z');
    },
    (all) => Object.keys(all),
    ['Group B', 'Group C', 'Group Z'],
  ],
  [
    'a group is deleted in Okta',
    ({ stand }, { group }) => {
      stand.okta.state.removeGroup(group);
    },
    (all) => Object.keys(all),
    ['Group B', 'Group C'],
  ],
  [
    'a new group comes into scope',
    ({ stand }, { person }) => {
      stand.okta.state.addGroup({ name: 'New', members: [person] });
    },
    (all) => all['New'],
    ['p0@acme.com'],
  ],
  [
    'the configuration leaves a group out',
    ({ configure }) => configure({ groups: { exclude: ['Group A'] }, guard: { minimumGroups: 0 } }),
    (all) => Object.keys(all),
    ['Group B', 'Group C'],
  ],
  [
    'the configuration unites two groups',
    ({ stand, configure }, { group }) => {
      const more = stand.okta.state.addUser({ email: 'more@acme.com' });
      stand.secoda.state.addUser({ email: 'more@acme.com' });
      stand.okta.state.join(more, stand.okta.state.group('Group B'));
      return configure({
        groups: { map: { [group.id]: 'United', 'Group B': 'United' } },
        guard: { groupDeletions: { max: 9, percent: 90 } },
      });
    },
    (all) => all['United']?.length,
    5,
  ],
  [
    'the configuration takes another status for enough',
    async ({ stand, configure }, { person }) => {
      stand.okta.state.setStatus(person, 'SUSPENDED');
      await stand.report('apply');
      await configure({ users: { statuses: ['ACTIVE', 'SUSPENDED'] } });
    },
    (all) => all['Group A']?.length,
    4,
  ],
  [
    'the configuration matches by login',
    async ({ stand, configure }, { person }) => {
      stand.secoda.state.addUser({ email: 'login@acme.com' });
      stand.okta.state.changeProfile(person, { login: 'login@acme.com' });
      await stand.report('apply');
      await configure({ users: { match: 'login' } });
    },
    (all) => all['Group A']?.[0],
    'login@acme.com',
  ],
];

describe('nothing slips through the short cuts when', () => {
  it.each(SLIPS)('%s', async (_, happen, look, expected) => {
    const night = await quietNight();
    await happen(night, parts(night.world));
    night.stand.jump(DAY);
    await night.stand.report('apply');
    expect(look(membersOf(night.stand))).toEqual(expected);
    // What is there now is what a run without short cuts leaves.
    expect(await night.stand.report('apply', '--full')).toMatchObject({ status: 'in-sync' });
  });

  it('an app is selected, and somebody is deactivated and deleted before the next run', async () => {
    const { stand, world, configure } = await quietNight();
    for (const { okta } of world.pairs) stand.okta.state.assignApp('0oa1', okta);
    await configure({}, { groups: { app: '0oa1' } });
    await stand.report('apply', '--full');
    const { person } = parts(world);
    const times = new Map([...person.groups].map((each) => [each, each.lastMembershipUpdated]));
    stand.okta.state.deactivate(person);
    stand.okta.state.deleteUser(person);
    for (const [each, time] of times) each.lastMembershipUpdated = time;
    await stand.report('apply');
    expect(Object.values(membersOf(stand)).map(({ length }) => length)).toEqual([3, 3, 3]);
  });

  it('Okta shows a change only minutes after its list of members was read', async () => {
    const { stand, world, reads } = await quietNight();
    const { person, group } = parts(world);
    const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
    stand.secoda.state.addUser({ email: 'hire@acme.com' });
    // One takes the place of another: the list of groups says so now, the list of members only after this run.
    const changedAt = new Date(stand.clock.now()).toISOString();
    group.lastMembershipUpdated = changedAt;
    await stand.report('apply');
    stand.okta.state.leave(person, group);
    stand.okta.state.join(hire, group);
    group.lastMembershipUpdated = changedAt;
    stand.jump(20 * MINUTE);
    reads();
    await stand.report('apply');
    expect(reads()).toEqual(['Group A']);
    expect(membersOf(stand)['Group A']).not.toContain('p0@acme.com');
    stand.jump(20 * MINUTE);
    reads();
    await stand.report('apply');
    expect(reads()).toEqual([]);
  });

  it('the list of who changed lags behind by minutes', async () => {
    const { stand, world } = await quietNight();
    const { person } = parts(world);
    const { lastUpdated } = person;
    stand.okta.state.deactivate(person);
    const changedAt = person.lastUpdated;
    Object.assign(person, { status: 'ACTIVE', lastUpdated });
    stand.jump(9 * MINUTE);
    await stand.report('apply');
    Object.assign(person, { status: 'DEPROVISIONED', lastUpdated: changedAt });
    await stand.report('apply');
    expect(membersOf(stand)['Group A']).not.toContain('p0@acme.com');
  });

  it('our clock is days off', async () => {
    for (const skewMs of [-3 * DAY, 3 * DAY]) {
      const { stand, world, reads } = await quietNight({ okta: { skewMs } });
      stand.okta.state.deactivate(parts(world).person);
      await stand.report('apply');
      expect(membersOf(stand)['Group A']).toHaveLength(3);
      stand.jump(DAY);
      await stand.report('apply');
      reads();
      await stand.report('apply');
      expect(reads()).toEqual([]);
    }
  });

  it('the last read is a week old', async () => {
    const { stand, world, reads } = await quietNight();
    const { person, group } = parts(world);
    // Nothing shows this: neither the count nor a time, as when somebody takes the place of another.
    const twin = stand.okta.state.addUser({ email: 'twin@acme.com' });
    stand.secoda.state.addUser({ email: 'twin@acme.com' });
    const { lastMembershipUpdated } = group;
    stand.okta.state.leave(person, group);
    stand.okta.state.join(twin, group);
    group.lastMembershipUpdated = lastMembershipUpdated;
    await stand.report('apply');
    expect(membersOf(stand)['Group A']).toContain('p0@acme.com');
    stand.jump(6 * DAY + 10 * MINUTE);
    reads();
    const asked = stand.okta.requests.length;
    await stand.report('apply');
    expect(reads()).toEqual(['Group A', 'Group B', 'Group C']);
    // Who changed is of no use when nothing can be left unread.
    expect(stand.okta.requests.slice(asked).map(({ route }) => route)).not.toContain('okta.user.list');
    expect(membersOf(stand)['Group A']).toEqual([
      'p1@acme.com',
      'p2@acme.com',
      'p3@acme.com',
      'twin@acme.com',
    ]);
  });

  it.each(['secoda.group.list', 'secoda.group.update'])('a run is killed at %s', async (on) => {
    const { stand, world } = await quietNight();
    const { person, group } = parts(world);
    stand.okta.state.leave(person, group);
    // As good as a kill: from here on nothing of the run works any more.
    stand.secoda.faults.add({ on, nth: 1, effect: status(401) });
    expect((await stand.report('apply')).code).toBe(6);
    stand.secoda.faults.clear();
    stand.jump(DAY);
    await stand.report('apply');
    expect(membersOf(stand)['Group A']).toHaveLength(3);
  });

  it('a plan is made: what is planned was read in that run, and only that', async () => {
    const { stand, world, reads } = await quietNight();
    const { account, person, mirror, group } = parts(world);
    stand.secoda.state.leave(account, mirror);
    // Nothing of Okta shows that the person has left there, too.
    const { lastMembershipUpdated } = group;
    stand.okta.state.leave(person, group);
    stand.okta.state.join(stand.okta.state.addUser({ email: 'guest@acme.com' }), group);
    group.lastMembershipUpdated = lastMembershipUpdated;
    reads();
    expect(await stand.report('plan')).toMatchObject({ status: 'in-sync', changes: [] });
    expect(reads()).toEqual(['Group A']);
  });

  it('Secoda is edited while the run reads', async () => {
    const { stand, world } = await quietNight();
    const { account, mirror } = parts(world);
    const edit = after(() => {
      stand.secoda.state.leave(account, mirror);
    });
    stand.secoda.faults.add({ on: 'secoda.group.list', effect: edit });
    await stand.report('apply');
    await stand.report('apply');
    expect(membersOf(stand)['Group A']).toHaveLength(4);
  });

  it('a list was cut short when it was read', async () => {
    const { stand, world, reads } = await quietNight();
    const { group } = parts(world);
    stand.okta.faults.add({
      on: 'okta.group.users',
      effect: truncatePage(1),
      when: ({ path }) => path.includes(group.id),
    });
    await stand.report('apply', '--full');
    reads();
    await stand.report('apply');
    expect(reads()).toEqual(['Group A']);
  });
});
