import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { before, status } from '../emulators/index.ts';
import { smallWorld } from './small-world.ts';
import { scenario, type Scenario } from './scenario.ts';

const DAY = 24 * 3_600_000;

/** Everyone of a company, `known` of them with an account in Secoda. */
function company({ okta, secoda }: Scenario, size: number, known = size) {
  const emails = Array.from({ length: size }, (_, n) => `c${n}@acme.com`);
  for (const email of emails.slice(0, known)) secoda.state.addUser({ email });
  return { emails, people: emails.map((email) => okta.state.addUser({ email })) };
}

describe('a group that stands already', () => {
  it('is not filled with a company by one wrong line of the map', async () => {
    const stand = await scenario({
      config: { groups: { map: { 'Group A': 'Group A', Everyone: 'Group A' } } },
    });
    const { pairs } = smallWorld(stand);
    const { people } = company(stand, 120);
    stand.okta.state.addGroup({ name: 'Everyone', members: people });
    const [finance] = pairs.map(({ secoda }) => secoda);
    const refused = await stand.report('apply');
    const message = 'add 120 people to Group A (4 members); the limit is 50 (the larger of 50 and 100 %)';
    expect(refused).toMatchObject({
      code: 3,
      status: 'refused',
      refusals: [{ rule: 'additionsPerGroup', message, count: 120, limit: 50 }],
    });
    expect(stand.secoda.state.writes).toEqual([]);

    // Another company joins meanwhile: that is not what was approved.
    const late = stand.okta.state.addUser({ email: 'late@acme.com' });
    stand.secoda.state.addUser({ email: 'late@acme.com' });
    const everyone = [...stand.okta.state.groups.values()].find(({ name }) => name === 'Everyone');
    if (everyone !== undefined) stand.okta.state.join(late, everyone);
    expect(await stand.report('apply', '--approve', refused.digest ?? '')).toMatchObject({ code: 3 });
    const again = await stand.report('plan');
    expect(await stand.report('apply', '--approve', again.digest ?? '')).toMatchObject({ code: 0 });
    expect(finance?.users.size).toBe(4 + 121);
  });

  it('is not filled where it is adopted', async () => {
    const stand = await scenario();
    const { people } = company(stand, 60);
    stand.okta.state.addGroup({ name: 'Admins', members: people });
    stand.secoda.state.addGroup({ name: 'Admins', description: '' });
    expect(await stand.report('apply')).toMatchObject({
      code: 3,
      refusals: [{ rule: 'additionsPerGroup', count: 60, limit: 50 }],
    });
  });

  it('is not filled by onboardings, at once or one by one, but at an operator’s word', async () => {
    const stand = await scenario({ config: { guard: { additionsPerGroup: { max: 2, percent: 0 } } } });
    const { pairs } = smallWorld(stand);
    const { emails, people } = company(stand, 5);
    const [pair] = pairs;
    if (!pair) throw new Error('empty world');
    for (const person of people) stand.okta.state.join(person, pair.okta);
    const [first = '', second = '', third = '', ...others] = emails;

    expect(await stand.report('onboard', first, second)).toMatchObject({ code: 0, status: 'applied' });
    const refused = await stand.report('onboard', third);
    const message = `add 1 person to Group A (6 members), which makes 3 with 2 added in the last 20 hours; the limit is 2 (the larger of 2 and 0 %)`;
    expect(refused).toMatchObject({
      code: 3,
      status: 'refused',
      refusals: [{ rule: 'additionsPerGroup', message, count: 3, limit: 2 }],
    });
    expect(pair.secoda.users.size).toBe(6);
    const approve = ['apply', '--approve', refused.digest ?? ''] as const;
    expect(await stand.report(...approve)).toMatchObject({ code: 0, mode: 'onboard', status: 'applied' });
    expect(pair.secoda.users.size).toBe(7);
    expect(await stand.report(...approve)).toMatchObject({ code: 0, status: 'in-sync' });
    // What was approved does not count along, and what was not approved still does.
    expect(await stand.report('onboard', ...others)).toMatchObject({
      code: 3,
      refusals: [{ rule: 'additionsPerGroup', count: 4, limit: 2 }],
    });
  });

  it('does not grow by many small runs beyond what one may add', async () => {
    const stand = await scenario();
    const { people } = company(stand, 80);
    const group = stand.okta.state.addGroup({ name: 'Team', members: people.slice(0, 2) });
    expect(await stand.report('apply')).toMatchObject({ code: 0 });
    const codes: number[] = [];
    for (let from = 2; from < 80; from += 26) {
      for (const person of people.slice(from, from + 26)) stand.okta.state.join(person, group);
      stand.jump(3_600_000);
      codes.push((await stand.report('apply', '--group', 'Team')).code);
    }
    expect(codes).toEqual([0, 3, 3]);
    stand.jump(DAY);
    expect(await stand.report('apply')).toMatchObject({
      refusals: [{ rule: 'additionsPerGroup', count: 52, limit: 50 }],
    });
  });

  it('takes in whoever had no account until now, a whole launch week of them, and hires after it', async () => {
    const stand = await scenario();
    const { emails, people } = company(stand, 100, 10);
    const group = stand.okta.state.addGroup({ name: 'Team', members: people });
    expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { unmatched: 90 } });
    for (const email of emails.slice(10)) stand.secoda.state.addUser({ email });
    stand.jump(DAY);
    expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { members: { add: 90 } } });
    const state = await readFile(join(stand.runs, 'state.json'), 'utf8');
    expect(JSON.parse(state)).toMatchObject({ lastRuns: {} });
    for (let n = 0; n < 50; n++) {
      stand.secoda.state.addUser({ email: `hire${n}@acme.com` });
      stand.okta.state.join(stand.okta.state.addUser({ email: `hire${n}@acme.com` }), group);
    }
    stand.jump(3_600_000);
    expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { members: { add: 50 } } });
  });

  it('takes them in some nights later where Secoda was down, and hires with them', async () => {
    const stand = await scenario();
    const { emails, people } = company(stand, 100, 10);
    const group = stand.okta.state.addGroup({ name: 'Team', members: people });
    expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { unmatched: 90 } });
    for (const email of emails.slice(10)) stand.secoda.state.addUser({ email });
    stand.secoda.faults.add({ on: 'secoda.group.update', effect: status(503), times: Infinity });
    for (let night = 0; night < 2; night++) {
      stand.jump(DAY);
      const changes = [{ outcome: 'failed', add: { length: 90 } }];
      expect(await stand.report('apply')).toMatchObject({ code: 4, changes });
    }
    stand.secoda.faults.clear();
    const hire = (n: number) => {
      stand.secoda.state.addUser({ email: `hire${n}@acme.com` });
      stand.okta.state.join(stand.okta.state.addUser({ email: `hire${n}@acme.com` }), group);
    };
    for (let n = 0; n < 50; n++) hire(n);
    stand.jump(DAY);
    expect(await stand.report('plan')).toMatchObject({ code: 0, summary: { members: { add: 140 } } });
    hire(50);
    const message =
      'add 51 people to Team (10 members; 90 more were due before); the limit is 50 (the larger of 50 and 100 %)';
    expect(await stand.report('plan')).toMatchObject({ code: 3, refusals: [{ message }] });
  });

  it('takes nobody in for being left out of a night that was refused', async () => {
    const stand = await scenario({ config: { guard: { additionsPerGroup: { max: 5, percent: 0 } } } });
    const { emails, people } = company(stand, 20, 10);
    stand.okta.state.addGroup({ name: 'Team', members: people });
    stand.secoda.state.addGroup({ name: 'Team', description: '' });
    expect(await stand.report('apply')).toMatchObject({ code: 3, summary: { unmatched: 10 } });
    for (const email of emails.slice(10)) stand.secoda.state.addUser({ email });
    expect(await stand.report('apply')).toMatchObject({ code: 3, refusals: [{ count: 20, limit: 5 }] });
  });

  it('that is new takes whoever it is for, in a first sync', async () => {
    const stand = await scenario();
    const { people } = company(stand, 200);
    stand.okta.state.addGroup({ name: 'Everyone', members: people });
    expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { members: { add: 200 } } });
  });

  it('loses its leavers where another one would grow too much by what was done meanwhile', async () => {
    const stand = await scenario({ config: { guard: { additionsPerGroup: { max: 3, percent: 0 } } } });
    const { pairs } = smallWorld(stand, { groups: 2 });
    const [first, second] = pairs;
    if (first === undefined || second === undefined) throw new Error('two groups');
    const { people } = company(stand, 6);
    for (const person of people.slice(0, 3)) stand.okta.state.join(person, first.okta);
    const [leaver] = stand.okta.state.membersOf(second.okta);
    if (leaver !== undefined) stand.okta.state.leave(leaver, second.okta);
    // Another run lets three others into the first group when this one is planned and approved.
    const file = join(stand.runs, 'recent/okta.json');
    const nothing = { removed: [], out: [], deleted: [], adopted: [], invited: [] };
    stand.secoda.faults.add({
      on: 'secoda.group.list',
      nth: 2,
      effect: before(async () => {
        const granted = [[first.secoda.id, ['x1', 'x2', 'x3']]];
        const entry = { at: stand.clock.now(), runId: 'other', approved: false, granted, ...nothing };
        await writeFile(file, JSON.stringify({ version: 1, entries: [entry] }));
      }),
    });
    const report = await stand.report('apply');
    expect(report).toMatchObject({ code: 4, status: 'partial' });
    expect(Object.fromEntries(report.changes.map(({ group, outcome }) => [group.name, outcome]))).toEqual({
      'Group A': 'not-attempted',
      'Group B': 'applied',
    });
    expect(report.changes.find(({ outcome }) => outcome === 'not-attempted')?.error).toBe(
      'the guard refuses it by now: add 3 people to Group A (4 members), which makes 6 with 3 added in the last 20 hours; the limit is 3 (the larger of 3 and 0 %)',
    );
  });
});
