import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupTarget, oktaEvent, userTarget } from '../../aws/events/okta-event.ts';
import { status } from '../../emulators/index.ts';
import { follow, followWith } from '../read/follow.ts';
import { markerOf } from '../small-world.ts';
import { scenario, type Scenario } from '../scenario.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Groups in sync, each of the same ten people; `leave` lets so many of them leave a group in Okta. */
async function teams(count: number, guard: object = {}, more: object = {}) {
  const config = { guard, ...more };
  const stand = await scenario({ config });
  await stand.configure({ secoda: { url: stand.secoda.url, writesPerMinute: 1_000 }, ...config });
  const emails = Array.from({ length: 10 }, (_, n) => `p${n}@acme.com`);
  const people = emails.map((email) => stand.okta.state.addUser({ email }));
  const users = emails.map((email) => stand.secoda.state.addUser({ email }));
  const pairs = Array.from({ length: count }, (_, n) => {
    const okta = stand.okta.state.addGroup({ name: `Team ${n + 10}`, members: people });
    const secoda = stand.secoda.state.addGroup({ name: okta.name, description: markerOf(okta), users });
    return { okta, secoda };
  });
  const leave = (at: number, from: number, to: number) => {
    const { okta } = pairs[at] ?? fail();
    for (const person of people.slice(from, to)) stand.okta.state.leave(person, okta);
    return okta.name;
  };
  const removed = () => pairs.reduce((sum, { secoda }) => sum + 10 - secoda.users.size, 0);
  return { stand, people, pairs, leave, removed, config };
}

const recentFile = ({ runs }: Scenario) => join(runs, 'recent/okta.json');

function fail(): never {
  throw new Error('this world lacks what the test needs');
}

describe('removals', () => {
  it('in sixteen runs with a target each are no more than in one over everything', async () => {
    const { stand, leave, removed } = await teams(16);
    const names = Array.from({ length: 16 }, (_, at) => leave(at, 0, 2));
    expect(await stand.report('apply')).toMatchObject({
      code: 3,
      refusals: [
        {
          rule: 'memberRemovals',
          message: 'remove 32 of 160 memberships (20 %); the limit is 20 (the larger of 20 and 10 %)',
          count: 32,
          limit: 20,
        },
      ],
    });
    const codes: number[] = [];
    for (const name of names) codes.push((await stand.report('apply', '--group', name)).code);
    expect(removed()).toBe(20);
    expect(codes).toEqual([...Array<number>(10).fill(0), ...Array<number>(6).fill(3)]);
    const refusal = {
      rule: 'memberRemovals',
      message:
        'remove 2 of 160 memberships (1 %), which makes 22 with 20 removed in the last 20 hours; the limit is 20 (the larger of 20 and 10 %)',
      count: 22,
      limit: 20,
    };
    for (const command of ['plan', 'apply'])
      expect(await stand.report(command, '--group', names[15] ?? fail())).toMatchObject({
        code: 3,
        status: 'refused',
        refusals: [refusal],
      });
    expect(removed()).toBe(20);
  });

  it('in runs of events that name each leaver are no more either, whichever runs they come with', async () => {
    const { stand, leave, removed, people, pairs } = await teams(12);
    const events = pairs.map(({ okta }, at) => {
      leave(at, 0, 2);
      return people
        .slice(0, 2)
        .map(({ id }) => oktaEvent('group.user_membership.remove', [groupTarget(okta.id), userTarget(id)]));
    });
    const statuses = [];
    for (const two of events.slice(0, 6)) statuses.push((await follow(stand, {}, ...two)).status);
    for (const { okta } of pairs.slice(6, 9))
      statuses.push((await stand.report('apply', '--group', okta.id)).status);
    for (const two of events.slice(9)) statuses.push((await follow(stand, {}, ...two)).status);
    expect(statuses).toEqual([...Array<string>(10).fill('applied'), ...Array<string>(2).fill('refused')]);
    expect(removed()).toBe(20);
    expect(await stand.report('apply')).toMatchObject({ code: 3, refusals: [{ count: 24, limit: 20 }] });
  });

  it('of somebody whom Okta shows as out count once over all runs', async () => {
    const { stand, people, pairs, leave, removed } = await teams(8, {
      memberRemovals: { max: 2, percent: 0 },
    });
    stand.okta.state.deactivate(people[9] ?? fail());
    for (const { okta } of pairs)
      expect(await stand.report('apply', '--group', okta.id)).toMatchObject({ code: 0 });
    expect(removed()).toBe(8);
    expect(await stand.report('apply', '--group', leave(0, 0, 1))).toMatchObject({ code: 0 });
    expect(await stand.report('apply', '--group', leave(1, 0, 1))).toMatchObject({
      code: 3,
      refusals: [{ count: 3, limit: 2 }],
    });
  });

  it('from one group add up to what one run may remove from it', async () => {
    const { stand, leave } = await teams(3);
    expect(await stand.report('apply', '--group', leave(0, 0, 3))).toMatchObject({ code: 0 });
    expect(await stand.report('apply', '--group', leave(0, 3, 6))).toMatchObject({
      code: 3,
      refusals: [
        {
          rule: 'removalsPerGroup',
          message:
            'remove 3 of 10 members of Team 10 (30 %), which makes 6 with 3 removed in the last 20 hours; the limit is 5 (the larger of 5 and 50 %)',
          count: 6,
          limit: 5,
        },
      ],
    });
  });

  it('never empty a group bit by bit', async () => {
    const { stand, leave } = await teams(3, { removalsPerGroup: { max: 99 } });
    for (const to of [4, 8])
      expect(await stand.report('apply', '--group', leave(0, to - 4, to))).toMatchObject({ code: 0 });
    expect(await stand.report('apply', '--group', leave(0, 8, 10))).toMatchObject({
      code: 3,
      refusals: [
        {
          rule: 'emptiedGroups',
          message:
            'empty Team 10 of all its 2 members, which makes 10 with 8 removed in the last 20 hours; a group of 3 or more is never emptied',
          count: 10,
          limit: 2,
        },
      ],
    });
  });

  it('of two nights never add up, and those of twenty hours do', async () => {
    const { stand, leave, removed } = await teams(10);
    const night = async (from: number) => {
      for (let at = 0; at < 10; at++) leave(at, from, from + 2);
      return (await stand.report('apply')).code;
    };
    expect(await night(0)).toBe(0);
    stand.jump(19 * HOUR);
    leave(0, 2, 3);
    expect(await stand.report('plan')).toMatchObject({ code: 3, refusals: [{ count: 21 }] });
    stand.jump(5 * HOUR);
    expect(await night(2)).toBe(0);
    stand.jump(DAY);
    expect(await night(4)).toBe(0);
    expect(removed()).toBe(60);
    const { entries } = JSON.parse(await readFile(recentFile(stand), 'utf8')) as { entries: unknown[] };
    expect(entries).toHaveLength(1);
  });

  it('that an operator approved count for nothing afterwards', async () => {
    const { stand, leave, removed } = await teams(12);
    for (let at = 0; at < 12; at++) leave(at, 0, 2);
    const { digest } = await stand.report('apply');
    expect(await stand.report('apply', '--approve', digest ?? '')).toMatchObject({ code: 0 });
    expect(removed()).toBe(24);
    for (let at = 0; at < 10; at++) leave(at, 2, 4);
    expect(await stand.report('apply')).toMatchObject({ code: 0 });
    expect(removed()).toBe(44);
  });

  it('that Secoda refused are not counted', async () => {
    const { stand, leave, removed } = await teams(11);
    for (let at = 0; at < 10; at++) leave(at, 0, 2);
    stand.secoda.faults.add({ on: 'secoda.group.update', effect: status(422), times: 20 });
    expect(await stand.report('apply')).toMatchObject({ code: 4, status: 'partial' });
    stand.secoda.faults.clear();
    for (let at = 0; at < 10; at++) for (const person of [0, 1]) rejoin(at, person);
    leave(10, 0, 5);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
    expect(removed()).toBe(5);

    function rejoin(at: number, person: number) {
      const user = stand.okta.state.user(`p${person}@acme.com`);
      stand.okta.state.join(user, [...stand.okta.state.groups.values()][at] ?? fail());
    }
  });
});

describe('a run that is cut off', () => {
  it('before it removed anybody, or after some, is finished by the next one, and nothing counts twice', async () => {
    for (const before of [0, 3]) {
      const guard = { memberRemovals: { max: 0, percent: 20 } };
      const { stand, leave, removed, people } = await teams(10, guard);
      for (let at = 0; at < 10; at++) leave(at, 0, 2);
      const events = people
        .slice(0, 2)
        .map(({ id }) => oktaEvent('user.lifecycle.suspend', [userTarget(id)]));
      let writes = 0;
      await followWith(
        (_archive, edges) => {
          const { writer } = edges;
          const update: typeof writer.update = (...call) => {
            if (writes++ >= before) throw new Error('killed');
            return writer.update(...call);
          };
          return { edges: { ...edges, writer: { ...writer, update } } };
        },
        stand,
        { guard },
        ...events,
      );
      expect(removed()).toBe(2 * before);
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
      expect(removed()).toBe(20);
      expect(await stand.report('apply', '--group', leave(0, 2, 3))).toMatchObject({
        code: 3,
        refusals: [{ count: 21, limit: 20 }],
      });
    }
  });
});

describe('two runs at once', () => {
  it('do not remove together what one may not', async () => {
    const { stand, leave, removed, people, pairs } = await teams(12);
    for (let at = 0; at < 12; at++) leave(at, 0, at === 11 ? 3 : 2);
    const last = pairs[11]?.okta ?? fail();
    const gone = people
      .slice(0, 3)
      .map(({ id }) => oktaEvent('group.user_membership.remove', [groupTarget(last.id), userTarget(id)]));
    const other: { run?: Promise<unknown> } = {};
    // The other run comes when this one is planned and approved, and has not asked for the lease yet.
    const report = await followWith(
      (archive) => ({
        archive: {
          ...archive,
          read: async (key) => {
            if (key === 'turn.json')
              await (other.run ??= stand.report(
                'apply',
                ...pairs.slice(0, 9).flatMap(({ okta }) => ['--group', okta.id]),
              ));
            return archive.read(key);
          },
        },
      }),
      stand,
      {},
      ...gone,
    );
    expect(await other.run).toMatchObject({ code: 0, status: 'applied' });
    expect(removed()).toBe(18);
    expect(report).toMatchObject({ status: 'partial', changes: [{ outcome: 'not-attempted' }] });
    expect(report.changes[0]?.error).toBe(
      'the guard refuses it by now: remove 3 of 120 memberships (3 %), which makes 21 with 18 removed in the last 20 hours; the limit is 20 (the larger of 20 and 10 %)',
    );
  });
});

describe('the file of what was done lately', () => {
  /** Twenty people removed, and one more who would be. */
  async function full() {
    const world = await teams(10);
    for (let at = 0; at < 10; at++) world.leave(at, 0, 2);
    expect(await world.stand.report('apply')).toMatchObject({ code: 0 });
    const name = world.leave(0, 2, 3);
    const refused = {
      code: 3,
      status: 'refused',
      refusals: [{ rule: 'memberRemovals', count: 21, limit: 20 }],
    };
    return { ...world, name, refused };
  }

  it('is made again from the records when it is lost, and losing state.json resets nothing', async () => {
    const { stand, name, refused } = await full();
    await rm(join(stand.runs, 'state.json'), { force: true });
    expect(await stand.report('apply', '--group', name)).toMatchObject(refused);
    for (const command of ['plan', 'apply', 'apply']) {
      await rm(recentFile(stand), { force: true });
      expect(await stand.report(command, '--group', name)).toMatchObject(refused);
    }
    stand.jump(DAY);
    await rm(recentFile(stand));
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
  });

  it('keeps nobody from being removed, and makes no file, where only a plan was made', async () => {
    const { stand, leave } = await teams(11);
    for (let at = 0; at < 10; at++) leave(at, 0, 2);
    expect(await stand.report('plan')).toMatchObject({ code: 0 });
    await expect(readFile(recentFile(stand))).rejects.toThrow('ENOENT');
    for (let at = 0; at < 10; at++) leave(at, 0, 2);
    expect(await stand.report('apply')).toMatchObject({ code: 0 });
  });

  it.each([
    ['half of it', '{"version":1,"entries":[{"at":1'],
    ['nothing', ''],
    ['another version', '{"version":2,"entries":[]}'],
    ['an entry that lacks something', '{"version":1,"entries":[{"at":1,"runId":"x","approved":true}]}'],
  ])('that holds %s lets nobody be removed, added or taken over, whoever approves it', async (_, text) => {
    const { stand, leave } = await teams(3);
    await stand.report('apply');
    await writeFile(recentFile(stand), text);
    const message = `what was removed, granted, adopted and invited in the last 20 hours is not known, so none of that is done now: ${stand.runs}/recent/okta.json cannot be read; delete it, and it is made again from the records of the last runs`;
    const unknown = { code: 3, refusals: [{ rule: 'recent', message, count: null, limit: null }] };
    stand.okta.state.addGroup({ name: 'New', members: [stand.okta.state.user('p0@acme.com')] });
    expect(await stand.report('apply')).toMatchObject({ code: 0, changes: [{ action: 'create' }] });
    const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
    stand.secoda.state.addUser({ email: 'hire@acme.com' });
    stand.okta.state.join(hire, [...stand.okta.state.groups.values()][1] ?? fail());
    expect(await stand.report('apply')).toMatchObject(unknown);
    expect(await stand.report('onboard', 'hire@acme.com')).toMatchObject(unknown);
    leave(0, 0, 1);
    const { digest } = await stand.report('plan');
    expect(await stand.report('apply', '--approve', digest ?? '')).toMatchObject(unknown);
    const members = (name: string) => stand.secoda.state.memberEmails(name).length;
    expect([members('Team 10'), members('Team 11')]).toEqual([10, 10]);
    await rm(recentFile(stand));
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
    expect([members('Team 10'), members('Team 11')]).toEqual([9, 11]);
  });

  it('that is lost with a record that cannot be read lets nobody be removed', async () => {
    const { stand, name } = await full();
    await rm(recentFile(stand));
    const { runId } = await stand.report('plan');
    await writeFile(join(stand.runs, runId, 'plan.json'), '{');
    const refused = await stand.report('apply', '--group', name);
    expect(refused.refusals.map(({ rule }) => rule)).toEqual(['recent', 'memberRemovals']);
    expect(refused.refusals[0]?.message).toContain(`${runId}/plan.json, from which it would be made again`);
  });
});
