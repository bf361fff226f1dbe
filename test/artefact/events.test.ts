import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { groupTarget, hired, joined, oktaEvent, userTarget } from '../aws/events/okta-event.ts';
import type { OktaGroup, OktaUser } from '../emulators/index.ts';
import { markerOf } from '../run/small-world.ts';
import { sqs } from '../aws/front-door/setting.ts';
import { aRegion, deploy, type Deployment, type Region } from './deployed.ts';

interface Company {
  readonly people: readonly OktaUser[];
  readonly groups: readonly OktaGroup[];
}

/** Everybody is in every group, on both sides. */
function inSync({ okta, secoda }: Region, { groups, people }: { groups: number; people: number }): Company {
  const emails = Array.from({ length: people }, (_, n) => `p${n}@acme.example`);
  const members = emails.map((email) => okta.state.addUser({ email }));
  const users = emails.map((email) => secoda.state.addUser({ email }));
  const made = Array.from({ length: groups }, (_, n) => {
    const group = okta.state.addGroup({ name: `Group ${n}`, members });
    secoda.state.addGroup({ name: group.name, description: markerOf(group), users });
    return group;
  });
  return { people: members, groups: made };
}

/** Lambda uses a process again for as long as it lives; that a run needs none of it is seen in the tests of kills and replays. */
const deployed = (region: Region): Promise<Deployment> => deploy(region, { runner: { warm: true } });

/** Delivers a batch as SQS does, and sees all runs to their ends. @returns the messages that are to come again */
async function deliver(
  { lambda }: Region,
  { start, sync }: Deployment,
  events: readonly (object | string)[],
  first = 0,
): Promise<readonly string[]> {
  const known = new Set(lambda.executions);
  const { answer } = await start(sqs(events, first));
  const begun = lambda.executions.filter((execution) => !known.has(execution));
  for (const execution of begun) expect((await sync.ended(execution)).outcome.status).toBe('SUCCEEDED');
  return failuresIn(answer);
}

const batchAnswer = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

function failuresIn(answer: unknown): readonly string[] {
  return batchAnswer.parse(answer).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

describe('events', () => {
  it('of every kind in one batch lead to what Okta says, and a poisonous one harms nobody', async () => {
    const region = await aRegion();
    const { okta, secoda, lambda } = region;
    const { people, groups } = inSync(region, { groups: 3, people: 6 });
    const [one, two, three] = groups;
    const [leaver, fired, deleted] = people;
    if (!one || !two || !three || !leaver || !fired || !deleted) throw new Error('an empty company');
    const mover = okta.state.addUser({ email: 'mover@acme.example' });
    const hire = okta.state.addUser({ email: 'hire@acme.example' });
    for (const email of ['mover@acme.example', 'hire@acme.example']) secoda.state.addUser({ email });
    const deployment = await deployed(region);

    okta.state.join(mover, one);
    okta.state.leave(leaver, two);
    okta.state.join(hire, three);
    okta.state.deactivate(fired);
    okta.state.deleteUser(deleted);
    const poison = await deliver(region, deployment, [
      joined(one.id, mover.id),
      oktaEvent('group.user_membership.remove', [groupTarget(two.id), userTarget(leaver.id)]),
      oktaEvent('user.lifecycle.deactivate', [userTarget(fired.id, 'p1@acme.example')]),
      oktaEvent('user.lifecycle.delete.completed', [userTarget(deleted.id, 'p2@acme.example')]),
      oktaEvent('user.lifecycle.deactivate', null),
      oktaEvent('system.something.new', [userTarget('00uNobody')]),
      'no JSON at all',
      hired('Hire@acme.example'),
    ]);
    expect(poison).toEqual(['m-00006']);
    // One for Okta's events, one for HR's.
    expect(lambda.executions).toHaveLength(2);
    const rest = ['p3@acme.example', 'p4@acme.example', 'p5@acme.example'];
    expect(groups.map(({ name }) => secoda.state.memberEmails(name))).toEqual([
      ['mover@acme.example', 'p0@acme.example', ...rest],
      rest,
      ['hire@acme.example', 'p0@acme.example', ...rest],
    ]);
    expect(secoda.state.writes.length).toBeLessThanOrEqual(4);
  });

  it('that come twice, late, or about nobody change nothing', async () => {
    const region = await aRegion();
    const { okta, secoda, lambda } = region;
    const { groups } = inSync(region, { groups: 2, people: 3 });
    const [one] = groups;
    if (!one) throw new Error('an empty company');
    const hire = okta.state.addUser({ email: 'hire@acme.example' });
    secoda.state.addUser({ email: 'hire@acme.example' });
    okta.state.join(hire, one);
    const deployment = await deployed(region);
    const batch = [joined(one.id, hire.id), joined(one.id, hire.id), joined('00gNowhere', '00uNobody')];
    expect(await deliver(region, deployment, batch)).toEqual([]);
    // The very same messages once more are the same run, which is over; as new ones they find nothing to do.
    expect(await deliver(region, deployment, batch)).toEqual([]);
    expect(lambda.executions).toHaveLength(1);
    expect(await deliver(region, deployment, batch, 100)).toEqual([]);
    expect(lambda.executions).toHaveLength(2);
    expect(secoda.state.memberEmails(one.name)).toContain('hire@acme.example');
    expect(secoda.state.writes).toHaveLength(1);
  });

  it.each([64, 1_024])(
    'about a hire give access within eight seconds where an answer takes a quarter of one: %i groups',
    async (count) => {
      const region = await aRegion(100_000, 250);
      const { okta, secoda, lambda, clock } = region;
      const { groups } = inSync(region, { groups: count, people: 3 });
      const deployment = await deployed(region);
      // Changes settle for ten minutes before a complete run is relied on.
      clock.advance(3_600_000);
      await deployment.start({});
      for (const begun of lambda.executions) await deployment.sync.ended(begun);
      clock.advance(3_600_000);
      const hire = okta.state.addUser({ email: 'hire@acme.example' });
      secoda.state.addUser({ email: 'hire@acme.example' });
      for (const group of groups.slice(0, 3)) okta.state.join(hire, group);
      const [from, asked, read] = [clock.now(), okta.requests.length, secoda.requests.length];
      expect(await deliver(region, deployment, [hired('hire@acme.example')])).toEqual([]);
      expect(secoda.state.writes).toHaveLength(3);
      expect((secoda.state.writes.at(-1)?.at ?? Infinity) - from).toBeLessThanOrEqual(8_000);
      expect(okta.requests.length - asked).toBeLessThanOrEqual(8);
      expect(secoda.requests.length - read).toBeLessThanOrEqual(30);
    },
  );

  it('by hand, an onboarding is answered person by person', async () => {
    const region = await aRegion();
    const { okta, secoda } = region;
    const { groups } = inSync(region, { groups: 2, people: 1 });
    const hire = okta.state.addUser({ email: 'hire@acme.example' });
    secoda.state.addUser({ email: 'hire@acme.example' });
    for (const group of groups) okta.state.join(hire, group);
    const { start } = await deployed(region);
    const { answer } = await start({ onboard: ['Hire@acme.example', 'nobody@acme.example'] });
    expect(answer).toMatchObject({
      status: 'applied',
      people: [
        { email: 'hire@acme.example', answers: ['added to Group 0', 'added to Group 1'] },
        { email: 'nobody@acme.example', answers: ['not in Okta'] },
      ],
    });
  });

  it('a thousand about 40 groups are a few runs, which write at most 40 times', async () => {
    const region = await aRegion();
    const { okta, secoda, lambda } = region;
    const { groups } = inSync(region, { groups: 40, people: 2 });
    const hires = Array.from({ length: 25 }, (_, n) => {
      secoda.state.addUser({ email: `hire${n}@acme.example` });
      return okta.state.addUser({ email: `hire${n}@acme.example` });
    });
    const events = groups.flatMap((group) =>
      hires.map((hire) => {
        okta.state.join(hire, group);
        return joined(group.id, hire.id);
      }),
    );
    expect(events).toHaveLength(1000);
    const { start, sync } = await deployed(region);
    // Four batches of a burst, each at a different part of it, all begun before the first run ends.
    for (const quarter of [0, 1, 2, 3]) {
      const batch = events.filter((_, n) => n % 4 === quarter);
      expect(failuresIn((await start(sqs(batch, quarter * 250))).answer)).toEqual([]);
    }
    expect(lambda.executions).toHaveLength(4);
    for (const execution of lambda.executions) {
      expect((await sync.ended(execution)).outcome.status).toBe('SUCCEEDED');
    }
    for (const { name } of groups) expect(secoda.state.memberEmails(name)).toHaveLength(27);
    expect(secoda.state.writes.length).toBeLessThanOrEqual(40);
  });
});
