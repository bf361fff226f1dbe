import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OnboardReport } from '../../../lambda/core/report/onboard-report.ts';
import { after, resetAfter, status } from '../../emulators/index.ts';
import { membersOf, smallWorld } from '../small-world.ts';
import { scenario, type Scenario, type ScenarioOptions } from '../scenario.ts';

const INVITE = 'secoda.user.invite';

async function onboard(stand: Scenario, ...emails: string[]) {
  const { code, stdout, stderr } = await stand.sync('onboard', ...emails, '--json');
  expect(stdout, stderr).toMatch(/^\{/);
  const report = JSON.parse(stdout) as OnboardReport;
  return {
    ...report,
    code,
    answers: Object.fromEntries(report.people.map((each) => [each.email, each.answers])),
  };
}

/** Three managed groups in sync, and hires without an account: `both` are in the first two, `third` in the last. */
async function withHires(options: ScenarioOptions = {}, config: object = {}) {
  const stand = await scenario(options);
  await stand.configure({ users: { invite: { role: 'editor' } }, ...config });
  const world = smallWorld(stand);
  const hire = (email: string, groups: readonly number[]) => {
    const user = stand.okta.state.addUser({ email });
    for (const n of groups) {
      const pair = world.pairs[n];
      if (pair) stand.okta.state.join(user, pair.okta);
    }
    return user;
  };
  const people = [hire('h1@acme.com', [0, 1]), hire('h2@acme.com', [0, 1]), hire('h3@acme.com', [2])];
  const calls = () => stand.secoda.requests.filter(({ route }) => route === INVITE).map(({ body }) => body);
  return { stand, ...world, people, hire, emails: ['h1@acme.com', 'h2@acme.com', 'h3@acme.com'], calls };
}

describe('people without an account', () => {
  it('are not invited unless the configuration says so', async () => {
    const { stand, emails, calls } = await withHires({}, { users: { invite: false } });
    const told = await onboard(stand, ...emails);
    expect(told).toMatchObject({
      code: 0,
      status: 'in-sync',
      summary: { invited: 0, unmatched: 3 },
      invited: [],
    });
    expect(told.answers).toMatchObject({ 'h1@acme.com': ['no Secoda account'] });
    expect(calls()).toEqual([]);
  });

  it('are invited one by one, once, and never written again before they sign in', async () => {
    const { stand, emails, calls, pairs } = await withHires();
    const told = await onboard(stand, ...emails);
    expect(told).toMatchObject({
      code: 0,
      status: 'applied',
      summary: { invited: 3, unmatched: 0 },
      unmatched: [],
    });
    expect(told.answers).toEqual(Object.fromEntries(emails.map((email) => [email, ['invited']])));
    const [first, second, third] = pairs.map(({ secoda }) => secoda.id);
    expect(calls().map((body): unknown => JSON.parse(body))).toEqual([
      { email: 'h1@acme.com', role: 'editor', user_groups: [first, second] },
      { email: 'h2@acme.com', role: 'editor', user_groups: [first, second] },
      { email: 'h3@acme.com', role: 'editor', user_groups: [third] },
    ]);
    const again = await onboard(stand, ...emails);
    expect(again).toMatchObject({ code: 0, status: 'in-sync', summary: { invited: 0 } });
    expect(again.answers['h3@acme.com']).toEqual(['already there: Group C', 'invited']);
    expect(calls()).toHaveLength(3);
  });

  it.each(['kept', 'dropped', 'pending'] as const)(
    'are complete after their first sign-in without a needless write, where Secoda has them %s',
    async (invited) => {
      const { stand, emails } = await withHires({ secoda: { invited } });
      await onboard(stand, ...emails);
      const patches = () => stand.secoda.requests.filter(({ method }) => method === 'PATCH').length;
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
      expect(await onboard(stand, ...emails)).toMatchObject({ code: 0, status: 'in-sync' });
      expect(patches()).toBe(0);
      for (const email of emails) stand.secoda.state.activate(stand.secoda.state.user(email));
      expect((await stand.report('apply')).code).toBe(0);
      expect(membersOf(stand)['Group A']).toEqual(expect.arrayContaining(emails.slice(0, 2)));
      expect(patches()).toBe(invited === 'dropped' ? 3 : 0);
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
    },
  );

  it('are not invited again where no list shows them yet', async () => {
    const { stand, emails, calls } = await withHires();
    await onboard(stand, ...emails);
    for (const email of emails) stand.secoda.state.removeUser(stand.secoda.state.user(email));
    const again = await onboard(stand, ...emails);
    expect(again).toMatchObject({ code: 0, status: 'in-sync', summary: { invited: 0, unmatched: 0 } });
    expect(again.answers['h1@acme.com']).toEqual(['invited']);
    expect(again.invited.map(({ email, outcome }) => [email, outcome])).toEqual(
      emails.map((email) => [email, 'awaited']),
    );
    expect(calls()).toHaveLength(3);
    stand.jump(400 * 24 * 3_600_000);
    await onboard(stand, 'h1@acme.com');
    expect(calls()).toHaveLength(3);
  });

  it('are not invited when Okta lets them go meanwhile, nor when they are not eligible', async () => {
    const { stand, people, calls } = await withHires();
    const [one, two] = people;
    if (!one || !two) throw new Error('empty world');
    stand.okta.state.setStatus(two, 'STAGED');
    const leaves = after(() => stand.okta.state.deactivate(one));
    stand.okta.faults.add({ on: 'secoda.user.list', effect: leaves });
    stand.okta.faults.add({ on: 'okta.user.groups', effect: leaves });
    const told = await onboard(stand, 'h1@acme.com', 'h2@acme.com');
    expect(told.answers).toEqual({
      'h1@acme.com': [
        'no Secoda account; not invited: none of their groups is there, or Okta says otherwise by now',
      ],
      'h2@acme.com': ['not eligible: Okta says STAGED'],
    });
    expect(told).toMatchObject({ code: 4, status: 'partial', summary: { invited: 0 } });
    expect(calls()).toEqual([]);
  });

  it('are refused whole when they are more than the guard allows', async () => {
    const { stand, emails, calls } = await withHires({}, { guard: { invitations: { max: 2 } } });
    const known = stand.okta.state.user('p0@acme.com');
    stand.okta.state.join(known, stand.okta.state.addGroup({ name: 'Other' }));
    const told = await onboard(stand, 'p0@acme.com', ...emails);
    expect(told).toMatchObject({
      code: 3,
      status: 'refused',
      refusals: [{ rule: 'invitations', message: 'invite 3 people; the limit is 2' }],
    });
    expect(told.answers['h1@acme.com']).toEqual([
      'no Secoda account; not invited: the guard refused the run',
    ]);
    expect(calls()).toEqual([]);
    expect(stand.secoda.state.writes).toEqual([]);
    expect((await stand.sync('onboard', ...emails)).stdout).toContain('raise guard.invitations');
    expect((await onboard(stand, ...emails.slice(1))).code).toBe(0);
  });

  it('who are more than the guard allows can be approved, by these very names, and then count for nothing', async () => {
    const { stand, emails, calls, hire } = await withHires({}, { guard: { invitations: { max: 2 } } });
    // As the words of the refusal say it.
    const approval = async () => {
      const { stdout } = await stand.sync('onboard', ...emails);
      return /npm run sync -- apply .*--approve ([0-9a-f]{16})/.exec(stdout)?.[1] ?? '';
    };
    const approved = (digest: string) => stand.report('apply', '--approve', digest);
    const first = await approval();
    const known = stand.okta.state.user('h3@acme.com');
    stand.okta.state.deactivate(known);
    const late = await approved(first);
    expect(late).toMatchObject({ mode: 'onboard', code: 3, request: { approve: first } });
    const message = expect.stringContaining(`not ${first}, which was approved: other people`) as string;
    expect(late.refusals).toMatchObject([{ rule: 'approve', message }]);
    stand.okta.state.setStatus(known, 'ACTIVE');
    expect(calls()).toEqual([]);
    expect(await approved(await approval())).toMatchObject({
      mode: 'onboard',
      code: 0,
      status: 'applied',
      digest: first,
      request: { approve: first },
      summary: { invited: 3 },
    });
    expect(calls()).toHaveLength(3);
    expect(await approved(first)).toMatchObject({ code: 0, status: 'in-sync' });
    const { stdout } = await stand.sync('history', '--verify', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    // Two more may be invited today, also where what was done is found out from the records.
    await rm(join(stand.runs, 'recent'), { recursive: true });
    const more = ['m1@acme.com', 'm2@acme.com'];
    for (const email of more) hire(email, [0]);
    expect(await onboard(stand, ...more)).toMatchObject({ code: 0, summary: { invited: 2 } });
  });

  it('are invited although one of them cannot be', async () => {
    const { stand, pairs } = await withHires();
    const odd = stand.okta.state.addUser({ email: 'h0@acme.com' });
    for (const { okta } of pairs.slice(0, 2)) stand.okta.state.join(odd, okta);
    stand.secoda.faults.add({ on: INVITE, effect: status(400, { email: ['Not this one.'] }) });
    const told = await onboard(stand, 'h0@acme.com', 'h1@acme.com', 'h2@acme.com');
    expect(told).toMatchObject({ code: 4, status: 'partial', summary: { invited: 2 } });
    expect(told.answers['h0@acme.com']?.[0]).toMatch(/^no Secoda account; not invited: POST .*Not this one/);
    expect(told.answers).toMatchObject({ 'h1@acme.com': ['invited'], 'h2@acme.com': ['invited'] });
    // Nothing says that they were invited, so the next run tries again.
    expect((await onboard(stand, 'h0@acme.com')).answers).toEqual({ 'h0@acme.com': ['invited'] });
  });

  it('are invited once although the answer is lost', async () => {
    const { stand, emails, calls } = await withHires();
    stand.secoda.faults.add({ on: INVITE, effect: resetAfter() });
    expect(await onboard(stand, ...emails)).toMatchObject({ code: 0, summary: { invited: 3 } });
    expect(calls()).toHaveLength(3);
    expect([...stand.secoda.state.users.values()].filter(({ pending }) => pending)).toHaveLength(3);
  });

  it('are invited once by two runs at the same time', async () => {
    const { stand, emails, calls } = await withHires();
    await Promise.all([onboard(stand, ...emails), onboard(stand, ...emails)]);
    expect(calls()).toHaveLength(3);
    expect([...stand.secoda.state.users.values()].filter(({ pending }) => pending)).toHaveLength(3);
  });

  it('are invited once by two runs at the same time, where no list shows them', async () => {
    const { stand, emails, calls } = await withHires();
    const { state } = stand.secoda;
    const hide = after(() => {
      for (const email of emails) state.removeUser(state.user(email));
    });
    stand.secoda.faults.add({ on: INVITE, nth: 3, effect: hide });
    const both = await Promise.all([onboard(stand, ...emails), onboard(stand, ...emails)]);
    expect(calls()).toHaveLength(3);
    // What the other one did leaves nothing undone.
    for (const { code, answers } of both) expect([code, answers['h3@acme.com']]).toEqual([0, ['invited']]);
  });

  it('are told that nobody knows when the call was not answered, and invited again at an operator’s word', async () => {
    const { stand, calls } = await withHires();
    stand.secoda.faults.add({ on: INVITE, effect: status(503) });
    const told = await onboard(stand, 'h1@acme.com');
    expect(told).toMatchObject({ code: 4, summary: { invited: 0 } });
    expect(told.answers['h1@acme.com']?.[0]).toMatch(
      /^no Secoda account; not invited: POST .*not known whether/,
    );
    stand.jump(600_000);
    const held = await onboard(stand, 'h1@acme.com', 'h3@acme.com');
    expect(held).toMatchObject({ code: 0, summary: { invited: 1 } });
    expect(held.answers['h1@acme.com']?.[0]).toMatch(
      /^no Secoda account; not invited: it is not known whether/,
    );
    expect(held.answers['h3@acme.com']).toEqual(['invited']);
    const again = await onboard(stand, 'h1@acme.com', '--invite-again');
    expect(again.answers['h1@acme.com']).toEqual(['invited']);
    expect(calls()).toHaveLength(3);
  });

  it('are all tried, although Secoda refuses one after the other', async () => {
    const { stand, pairs, calls } = await withHires();
    const [pair] = pairs;
    const all = Array.from({ length: 6 }, (_, n) => `new${n}@acme.com`);
    for (const email of all) if (pair) stand.okta.state.join(stand.okta.state.addUser({ email }), pair.okta);
    stand.secoda.faults.add({
      on: INVITE,
      times: Infinity,
      effect: status(400, { role: ['No such role.'] }),
    });
    const told = await onboard(stand, ...all);
    expect(calls()).toHaveLength(6);
    expect(told.invited.map(({ outcome }) => outcome)).toEqual(all.map(() => 'failed'));
  });
});
