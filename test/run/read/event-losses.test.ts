import { describe, expect, it } from 'vitest';
import { groupTarget, joined, oktaEvent, userTarget } from '../../aws/events/okta-event.ts';
import { follow } from './follow.ts';
import { markerOf, smallWorld, type SmallWorld } from '../small-world.ts';
import { scenario, type Scenario } from '../scenario.ts';

const left = (groupId: string, userId: string) =>
  oktaEvent('group.user_membership.remove', [groupTarget(groupId), userTarget(userId, 'other@acme.com')]);
const about = (type: string, groupId: string) => oktaEvent(type, [groupTarget(groupId)]);
const person = (type: string, userId: string, login: string) => oktaEvent(type, [userTarget(userId, login)]);

/** Five people in three groups, of whom two have left the first. */
async function twoHaveLeft() {
  const stand = await scenario();
  const world = smallWorld(stand, { people: 5 });
  const [first] = world.pairs;
  const [one, two, three] = world.people;
  if (!first || !one || !two || !three) throw new Error('an empty world');
  stand.okta.state.leave(one, first.okta);
  stand.okta.state.leave(two, first.okta);
  return { ...world, stand, first, one, two, three };
}

const members = ({ secoda }: Scenario, { pairs }: SmallWorld, at = 0) =>
  secoda.state.memberEmails(pairs[at]?.okta.name ?? '');
const ALL = ['p0@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com', 'p4@acme.com'];

describe('a run of events', () => {
  it('removes whom its events name, and tells who waits for the full run, which removes them', async () => {
    const { stand, first, one, ...world } = await twoHaveLeft();
    const followed = await follow(stand, {}, left(first.okta.id, one.id));
    expect(followed).toMatchObject({ status: 'applied', changes: [{ remove: ['p0@acme.com'] }] });
    expect(followed.warnings.map(({ message }) => message)).toEqual([
      'no event names p1@acme.com, who would leave: that waits for the next full run',
    ]);
    expect(members(stand, world)).toEqual(ALL.slice(1));
    expect(await stand.report('apply')).toMatchObject({ changes: [{ remove: ['p1@acme.com'] }] });
    expect(members(stand, world)).toEqual(ALL.slice(2));
  });

  it.each([
    ['somebody came', 'group.user_membership.add'],
    ['the group was renamed', 'group.profile.update'],
    ['the group was made', 'group.lifecycle.create'],
    ['the group was deleted, which it was not', 'group.lifecycle.delete'],
  ])('removes nobody where the event says that %s', async (_, type) => {
    const { stand, first, ...world } = await twoHaveLeft();
    const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
    stand.secoda.state.addUser({ email: 'hire@acme.com' });
    stand.okta.state.join(hire, first.okta);
    const event = oktaEvent(type, [groupTarget(first.okta.id), userTarget(hire.id)]);
    expect(await follow(stand, {}, event)).toMatchObject({ status: 'applied' });
    expect(members(stand, world)).toEqual(['hire@acme.com', ...ALL]);
  });

  it('removes somebody deactivated from all groups, and leaves others there who left', async () => {
    const { stand, three, ...world } = await twoHaveLeft();
    stand.okta.state.deactivate(three);
    await follow(stand, {}, person('user.lifecycle.deactivate', three.id, 'p2@acme.com'));
    const others = ALL.filter((email) => email !== 'p2@acme.com');
    expect([0, 1, 2].map((at) => members(stand, world, at))).toEqual([others, others, others]);
  });

  it('removes somebody deleted whom nothing traces, and nobody whom Okta knows', async () => {
    const { stand, three, ...world } = await twoHaveLeft();
    stand.okta.state.changeProfile(three, { login: 'three@old.acme.com' });
    stand.okta.state.deleteUser(three);
    await follow(stand, {}, person('user.lifecycle.delete.completed', three.id, 'three@old.acme.com'));
    const others = ALL.filter((email) => email !== 'p2@acme.com');
    expect([0, 1, 2].map((at) => members(stand, world, at))).toEqual([others, others, others]);
  });

  it('removes one whom nothing traces beside one whom an event names', async () => {
    const { stand, one, three, ...world } = await twoHaveLeft();
    stand.okta.state.changeProfile(three, { login: 'three@old.acme.com' });
    for (const gone of [one, three]) stand.okta.state.deleteUser(gone);
    const deleted = 'user.lifecycle.delete.completed';
    await follow(
      stand,
      {},
      person(deleted, one.id, 'p0@acme.com'),
      person(deleted, three.id, 'three@old.acme.com'),
    );
    const others = ALL.filter((email) => email !== 'p0@acme.com' && email !== 'p2@acme.com');
    expect([0, 1, 2].map((at) => members(stand, world, at))).toEqual([others, others, others]);
  });

  it('leaves two in whom Okta does not know where its events name one whom nothing traces', async () => {
    const { stand, one, three, ...world } = await twoHaveLeft();
    for (const gone of [one, three]) stand.okta.state.deleteUser(gone);
    await follow(stand, {}, person('user.lifecycle.delete.completed', three.id, 'three'));
    expect(members(stand, world)).toEqual(ALL);
    await stand.report('apply');
    expect(members(stand, world)).toEqual(ALL.slice(3));
  });

  it('removes nobody for the id of somebody whom nobody ever knew', async () => {
    const { stand, ...world } = await twoHaveLeft();
    await follow(stand, {}, person('user.lifecycle.delete.completed', '00uNobody', 'nobody'));
    expect(members(stand, world)).toEqual(ALL);
  });

  it('removes nobody because Okta shows no record of theirs, where its list of users shows nobody at all', async () => {
    const { stand, first, two, ...world } = await twoHaveLeft();
    stand.okta.state.join(two, first.okta);
    stand.okta.state.seesUser = () => false;
    await follow(stand, {}, person('user.lifecycle.delete.completed', '00uNobody', 'nobody'));
    expect(members(stand, world)).toEqual(ALL);
  });

  it('deletes a group that an event says was deleted, and no other that is gone', async () => {
    const { stand, pairs } = await twoHaveLeft();
    const [first, second] = pairs;
    if (!first || !second) throw new Error('an empty world');
    for (const { okta } of [first, second]) stand.okta.state.removeGroup(okta);
    const there = () => [first, second].map(({ secoda }) => stand.secoda.state.groups.has(secoda.id));
    const harmless = await follow(stand, {}, about('group.profile.update', first.okta.id));
    expect(harmless.warnings.map(({ message }) => message)).toEqual([
      `${first.okta.id} no longer exists in Okta; no event says that it was deleted, so it waits for the next full run`,
    ]);
    expect(there()).toEqual([true, true]);
    await follow(
      stand,
      {},
      about('group.lifecycle.delete', first.okta.id),
      about('group.profile.update', second.okta.id),
    );
    expect(there()).toEqual([false, true]);
    await stand.report('apply');
    expect(there()).toEqual([false, false]);
  });

  it.each(['empty', 'delete'])(
    'leaves a group as it is that the rules leave out, where whenGone is %s',
    async (whenGone) => {
      const { stand, pairs, ...world } = await twoHaveLeft();
      const [first, second] = pairs;
      if (!first || !second) throw new Error('an empty world');
      const guard = { removalsPerGroup: { max: 99 }, emptiedGroups: { atLeast: 99 } };
      const config = { guard, groups: { exclude: [second.okta.name], whenGone } };
      await follow(stand, config, about('group.lifecycle.delete', second.okta.id), joined(first.okta.id));
      expect(members(stand, { ...world, pairs }, 1)).toEqual(ALL);
    },
  );

  it('takes over a hand-made group and leaves its people to the full run', async () => {
    const { stand } = await twoHaveLeft();
    const okta = stand.okta.state.addGroup({ name: 'By hand' });
    const [guest] = ['guest@acme.com'].map((email) => stand.secoda.state.addUser({ email }));
    if (!guest) throw new Error('nobody');
    const mirror = stand.secoda.state.addGroup({ name: 'By hand', description: '', users: [guest] });
    expect(await follow(stand, {}, about('group.lifecycle.create', okta.id))).toMatchObject({
      status: 'applied',
      changes: [{ adopted: true, remove: [] }],
    });
    expect(mirror.description).toBe(markerOf(okta));
    expect(stand.secoda.state.memberEmails('By hand')).toEqual(['guest@acme.com']);
  });

  it('that looks at everything is no complete run, and notes no absence', async () => {
    const { stand, first } = await twoHaveLeft();
    const event = person('user.lifecycle.delete.completed', '00uNobody', 'nobody');
    const [, ...listed] = [...stand.okta.state.groups.values()];
    for (const group of listed) stand.okta.state.assignApp('0oa1', group);
    const config = { okta: { orgUrl: stand.okta.url, groups: { app: '0oa1' } } };
    for (let twice = 0; twice < 2; twice++) await follow(stand, config, event);
    await stand.configure(config);
    expect(await stand.report('apply')).toMatchObject({ skipped: [{ oktaIds: [first.okta.id] }] });
    expect(stand.secoda.state.groups.has(first.secoda.id)).toBe(true);
  });
});
