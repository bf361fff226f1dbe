import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { status } from '../../emulators/index.ts';
import { INVITE, mailed } from '../invite/hires.ts';
import { markerOf, smallWorld } from '../small-world.ts';
import { scenario, type Scenario } from '../scenario.ts';

const DAY = 24 * 3_600_000;

const entriesIn = async ({ runs }: Scenario) =>
  (JSON.parse(await readFile(join(runs, 'recent/okta.json'), 'utf8')) as { entries: object[] }).entries;

describe('groups', () => {
  /** Hand-made groups, with the Okta groups of their names. */
  async function handMade(count: number) {
    const stand = await scenario();
    const names = Array.from({ length: count }, (_, n) => `By hand ${n}`);
    const mirrors = names.map((name) => {
      stand.okta.state.addGroup({ name });
      return stand.secoda.state.addGroup({ name, description: '' });
    });
    const adopted = () => mirrors.filter(({ description }) => description !== '').length;
    return { stand, names, adopted };
  }

  it('are taken over one by one no more often than all at once', async () => {
    const { stand, names, adopted } = await handMade(5);
    const codes: number[] = [];
    for (const name of names) codes.push((await stand.report('apply', '--group', name)).code);
    expect(codes).toEqual([0, 0, 0, 3, 3]);
    expect(adopted()).toBe(3);
    const message =
      'adopt 2 hand-made groups, which makes 5 with 3 adopted in the last 20 hours; the limit is 3';
    expect(await stand.report('apply')).toMatchObject({
      code: 3,
      refusals: [{ rule: 'adoptions', message, count: 5, limit: 3 }],
    });
    await rm(join(stand.runs, 'recent'), { recursive: true });
    expect(await stand.report('plan')).toMatchObject({ code: 3, refusals: [{ message }] });
    stand.jump(DAY);
    expect(await stand.report('apply')).toMatchObject({ code: 0 });
    expect(adopted()).toBe(5);
  });

  it('that state.json knows are no adoptions, however often their markers are lost', async () => {
    const stand = await scenario({ config: { guard: { adoptions: { max: 0 } } } });
    const { pairs } = smallWorld(stand, { groups: 4 });
    const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
    stand.secoda.state.addUser({ email: 'hire@acme.com' });
    for (const { okta } of pairs) stand.okta.state.join(hire, okta);
    await stand.report('apply');
    for (const { okta, secoda } of pairs) {
      stand.secoda.state.edit(secoda, { description: '' });
      expect(await stand.report('apply', '--group', okta.name)).toMatchObject({ code: 0 });
      expect(secoda.description).toBe(markerOf(okta));
    }
    // Deleted and made again in Okta: the new groups inherit those of the old ones.
    for (const { okta } of pairs) {
      const members = stand.okta.state.membersOf(okta);
      stand.okta.state.removeGroup(okta);
      stand.okta.state.addGroup({ name: okta.name, members });
    }
    const inherited = await stand.report('apply');
    expect(inherited).toMatchObject({ code: 0, summary: { groups: { update: 4, delete: 0 } } });
    expect(inherited.changes.every(({ adopted }) => adopted)).toBe(true);
  });

  it('are deleted one by one no more often than all at once', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand, { groups: 6, people: 1 });
    for (const { okta } of pairs.slice(1)) stand.okta.state.removeGroup(okta);
    const codes: number[] = [];
    for (const { okta } of pairs.slice(1)) codes.push((await stand.report('apply', '--group', okta.id)).code);
    expect(codes).toEqual([0, 0, 0, 3, 3]);
    const message =
      'delete 2 of 6 managed groups (33 %), which makes 5 with 3 deleted in the last 20 hours; the limit is 3 (the larger of 3 and 10 %)';
    expect(await stand.report('apply')).toMatchObject({
      code: 3,
      refusals: [{ rule: 'groupDeletions', message, count: 5, limit: 3 }],
    });
  });
});

describe('people', () => {
  /** Hires without an account in a managed group, of whom two may be invited. */
  async function hired(count: number, guard: object = { invitations: { max: 2 } }) {
    const stand = await scenario();
    const [pair] = smallWorld(stand, { groups: 1 }).pairs;
    if (!pair) throw new Error('empty world');
    const config = { users: { invite: { role: 'viewer' } }, guard };
    await stand.configure({ secoda: { url: stand.secoda.url, writesPerMinute: 600 }, ...config });
    const emails = Array.from({ length: count }, (_, n) => `h${n}@acme.com`);
    for (const email of emails) stand.okta.state.join(stand.okta.state.addUser({ email }), pair.okta);
    return { stand, pair, emails };
  }

  it('are invited one by one no more often than all at once, by whichever runs', async () => {
    const { stand, emails } = await hired(4);
    const codes: number[] = [];
    for (const email of emails.slice(0, 3)) codes.push((await stand.report('onboard', email)).code);
    expect(codes).toEqual([0, 0, 3]);
    expect(mailed(stand)).toEqual(emails.slice(0, 2));
    const message = 'invite 2 people, which makes 4 with 2 invited in the last 20 hours; the limit is 2';
    const refusals = [{ rule: 'invitations', message, count: 4, limit: 2 }];
    await rm(join(stand.runs, 'recent'), { recursive: true });
    for (const command of ['plan', 'apply'])
      expect(await stand.report(command)).toMatchObject({ code: 3, refusals });
    stand.jump(DAY);
    expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { invited: 2 } });
    expect(mailed(stand)).toEqual(emails);
  });

  it('can be approved beyond that, by these very names, and then count for nothing', async () => {
    const { stand, emails, pair } = await hired(2);
    await stand.report('onboard', ...emails);
    const hire = (email: string) => {
      stand.okta.state.join(stand.okta.state.addUser({ email }), pair.okta);
      return email;
    };
    hire('late@acme.com');
    const { digest } = await stand.report('apply');
    hire('later@acme.com');
    expect(await stand.report('apply', '--approve', digest ?? '')).toMatchObject({
      code: 3,
      refusals: [{ rule: 'approve' }],
    });
    const { digest: both } = await stand.report('apply');
    expect(await stand.report('apply', '--approve', both ?? '')).toMatchObject({ code: 0 });
    expect(mailed(stand)).toEqual([...emails, 'late@acme.com', 'later@acme.com']);
    expect((await entriesIn(stand)).map((entry) => 'approved' in entry && entry.approved)).toEqual([
      false,
      true,
    ]);
  });

  it('whom Secoda refused do not count, and those of whom nobody knows do', async () => {
    const { stand, emails } = await hired(4);
    stand.secoda.faults.add({ on: INVITE, effect: status(400) });
    expect(await stand.report('onboard', emails[0] ?? '')).toMatchObject({ code: 4 });
    stand.secoda.faults.add({ on: INVITE, effect: status(503), times: Infinity });
    expect(await stand.report('onboard', emails[1] ?? '')).toMatchObject({ code: 4 });
    stand.secoda.faults.clear();
    expect(await stand.report('onboard', emails[2] ?? '')).toMatchObject({ code: 0 });
    expect(await stand.report('onboard', emails[3] ?? '')).toMatchObject({
      code: 3,
      refusals: [{ count: 3, limit: 2 }],
    });
  });

  it('are not invited where others were since the plan was made', async () => {
    const { stand, emails } = await hired(3);
    const other: { run?: Promise<unknown> } = {};
    const [late = '', ...first] = emails;
    // The other run comes while Okta is asked whether the invitation still holds.
    const meanwhile = {
      kind: 'before',
      name: 'before',
      run: () => (other.run ??= stand.report('onboard', ...first)),
    } as const;
    stand.okta.faults.add({ on: 'okta.user.get', nth: 2, effect: meanwhile });
    const told = await stand.report('onboard', late);
    expect(await other.run).toMatchObject({ code: 0 });
    expect(told).toMatchObject({
      code: 4,
      invited: [
        {
          outcome: 'not-attempted',
          error:
            'the guard refuses it by now: invite 1 person, which makes 3 with 2 invited in the last 20 hours; the limit is 2',
        },
      ],
    });
    expect(mailed(stand)).toEqual(first);
  });

  it('who come into groups that stood before are noted, whichever run adds them', async () => {
    const { stand, pair, emails } = await hired(2);
    for (const email of emails) stand.secoda.state.addUser({ email });
    await stand.report('onboard', emails[0] ?? '');
    await stand.report('apply');
    const [one, two] = emails.map((email) => stand.secoda.state.user(email).id);
    expect(await entriesIn(stand)).toMatchObject([
      { granted: [[pair.secoda.id, [one]]], removed: [], invited: [] },
      { granted: [[pair.secoda.id, [two]]], removed: [], invited: [] },
    ]);
  });
});
