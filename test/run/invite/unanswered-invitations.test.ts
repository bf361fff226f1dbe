import { expect, it } from 'vitest';
import { html, resetAfter, resetBefore, status } from '../../emulators/index.ts';
import { INVITE, mailed, withLoneHires } from './hires.ts';

const HELD = 600_000;

it('an invitation whose answer is lost is applied where the users list shows the person', async () => {
  const { stand, ends } = await withLoneHires(2);
  stand.secoda.faults.add({ on: INVITE, effect: resetAfter() });
  expect(await ends()).toMatchObject({ code: 0, ends: ['applied', 'applied'] });
  expect(await ends()).toMatchObject({ code: 0, ends: ['awaited', 'awaited'], errors: [null, null] });
  expect(mailed(stand)).toEqual(['hire0@acme.com', 'hire1@acme.com']);
});

it.each([
  ['a 503', status(503), 0],
  ['a reset before it took effect', resetBefore(), 0],
  ['a reset after it did', resetAfter(), 1],
] as const)(
  '%s holds that person until an operator has a word, where no list shows them',
  async (_, effect, sent) => {
    const { stand, ends } = await withLoneHires(1);
    stand.secoda.state.listsInvited = false;
    stand.secoda.faults.add({ on: INVITE, effect });
    const first = await ends();
    expect(first).toMatchObject({ code: 4, ends: ['failed'] });
    expect(first.errors[0]).toMatch(/^POST .*; it is not known whether they were invited\. Later runs look/);
    for (const days of [0, 1, 28]) {
      stand.jump(HELD + days * 24 * 3_600_000);
      const held = await ends();
      expect(held).toMatchObject({ code: 0, ends: ['awaited'] });
      expect(held.errors[0]).toContain('look under Members in Secoda, and if they are missing');
    }
    expect((await stand.sync('plan')).stdout).toMatch(/Invitation status unknown: 1 person.*\n.*not known/);
    stand.jump(24 * 3_600_000);
    const late = await stand.report('apply');
    expect(late).toMatchObject({ code: 0, invited: [], summary: { unmatched: 1, invited: 0 } });
    expect(late.warnings).toMatchObject([{ kind: 'unanswered', email: 'hire0@acme.com' }]);
    expect(late.warnings[0]?.message).toMatch(/not known whether the invitation of \d{4}-\d\d-\d\d reached/);
    expect(mailed(stand)).toHaveLength(sent);
    const again = await stand.sync('onboard', 'hire0@acme.com', '--invite-again');
    expect(again).toMatchObject({ code: 0 });
    expect(mailed(stand)).toHaveLength(sent + 1);
  },
);

it('somebody held is matched as soon as they have an account, whoever gave it to them', async () => {
  const { stand, ends } = await withLoneHires(1);
  stand.secoda.faults.add({ on: INVITE, effect: status(503) });
  await ends();
  stand.secoda.state.addUser({ email: 'hire0@acme.com' });
  expect(await ends()).toMatchObject({ code: 0, ends: [] });
  expect(stand.secoda.state.memberEmails('Own 0')).toEqual(['hire0@acme.com']);
  expect(await stand.read('invited.json')).toMatchObject({ people: [] });
});

it('one 503 holds a person, although the list shows others who were invited', async () => {
  const { stand, ends, hire } = await withLoneHires(1);
  await ends();
  hire();
  stand.secoda.faults.add({ on: INVITE, effect: status(503) });
  expect(await ends()).toMatchObject({ code: 4, ends: ['awaited', 'failed'] });
  stand.jump(HELD);
  const held = await ends();
  expect(held).toMatchObject({ code: 0, ends: ['awaited', 'awaited'] });
  expect(held.errors[1]).toContain('it is not known whether an earlier invitation reached them');
  expect(mailed(stand)).toEqual(['hire0@acme.com']);
});

it('a plan tells what an apply would do, and notes nothing', async () => {
  const { stand, ends, hire } = await withLoneHires(1);
  stand.secoda.faults.add({ on: INVITE, effect: status(503) });
  await ends();
  hire();
  await ends();
  const before = await stand.read('invited.json');
  stand.jump(HELD);
  expect((await ends('plan')).ends).toEqual(['awaited', 'awaited']);
  expect(await stand.read('invited.json')).toEqual(before);
});

it('after a call without an answer nobody else is put at risk of being held', async () => {
  const { stand, ends } = await withLoneHires(3);
  stand.secoda.faults.add({ on: INVITE, times: Infinity, effect: status(503) });
  expect(await ends()).toMatchObject({ code: 4, ends: ['failed', 'not-attempted', 'not-attempted'] });
  expect(stand.secoda.requests.filter(({ route }) => route === INVITE)).toHaveLength(1);
  stand.secoda.faults.clear();
  expect(await ends()).toMatchObject({ code: 0, ends: ['awaited', 'applied', 'applied'] });
});

it('after a refusal, the one of them who gets no answer is the last to be tried', async () => {
  const { stand, ends, pair, persons } = await withLoneHires(3);
  for (const group of stand.okta.state.groups.values())
    if (group !== pair.okta) for (const person of persons) stand.okta.state.join(person, group);
  stand.secoda.faults.add({ on: INVITE, effect: status(400, { email: ['No.'] }) });
  stand.secoda.faults.add({ on: INVITE, nth: 2, times: Infinity, effect: status(503) });
  expect(await ends()).toMatchObject({ code: 4, ends: ['failed', 'failed', 'not-attempted'] });
  expect(stand.secoda.requests.filter(({ route }) => route === INVITE)).toHaveLength(2);
});

it.each([
  ['be read', html(), 4],
  ['be asked for any more', status(401), 6],
] as const)('a person is held although the users list cannot %s afterwards', async (_, effect, code) => {
  const { stand, ends } = await withLoneHires(1);
  const unreadable = () => stand.secoda.faults.add({ on: 'secoda.user.list', effect, times: Infinity });
  stand.secoda.faults.add({
    on: INVITE,
    when: () => {
      unreadable();
      return true;
    },
    effect: resetAfter(),
  });
  const end = await ends();
  expect(end).toMatchObject({ code, ends: ['failed'] });
  expect(end.errors[0]).toContain('the users list could not be read afterwards; it is not known');
  stand.secoda.faults.clear();
  stand.secoda.state.listsInvited = false;
  stand.jump(HELD);
  expect(await ends()).toMatchObject({ code: 0, ends: ['awaited'] });
  expect(mailed(stand)).toHaveLength(1);
});

it('an answer that shows nobody is not believed, and only an operator has that person invited again', async () => {
  const { stand, ends, hire } = await withLoneHires(1, { secoda: { invitationAnswer: 'nothing' } });
  stand.secoda.state.listsInvited = false;
  const first = await ends();
  expect(first).toMatchObject({ code: 4, ends: ['failed'] });
  expect(first.errors[0]).toContain('was answered 201 without that address');
  // As if it had come to nothing, in a workspace that has shown somebody else who was invited.
  stand.secoda.state.removeUser(stand.secoda.state.user('hire0@acme.com'));
  stand.secoda.state.listsInvited = true;
  hire();
  expect(await ends()).toMatchObject({ code: 0, ends: ['awaited', 'applied'] });
  stand.jump(HELD);
  expect((await ends()).ends).toEqual(['awaited', 'awaited']);
  expect(mailed(stand)).toEqual(['hire0@acme.com', 'hire1@acme.com']);
  const again = await stand.report('onboard', 'hire0@acme.com', '--invite-again', '--reason', 'HR asks');
  expect(again).toMatchObject({ code: 0, summary: { invited: 1 } });
  expect(mailed(stand)).toEqual(['hire0@acme.com', 'hire1@acme.com', 'hire0@acme.com']);
});

it('an invitation that nobody followed for 30 days is told with its date, and no longer awaited', async () => {
  const { stand, ends } = await withLoneHires(2);
  await ends();
  stand.secoda.state.removeUser(stand.secoda.state.user('hire1@acme.com'));
  stand.jump(29 * 24 * 3_600_000);
  expect(await ends()).toMatchObject({ code: 0, ends: ['awaited', 'awaited'] });
  stand.jump(24 * 3_600_000);
  const late = await stand.report('apply');
  expect(late).toMatchObject({ code: 0, status: 'in-sync', invited: [], summary: { unmatched: 1 } });
  const [since] = late.warnings.map((warning) => warning.since?.slice(0, 10));
  expect(late.warnings.map(({ kind, message }) => [kind, message])).toEqual([
    [
      'unanswered',
      `hire0@acme.com was invited on ${since} and has not signed in since; remind them, or send it again under Members in Secoda`,
    ],
    [
      'unanswered',
      `hire1@acme.com was invited on ${since} and has not signed in since; look under Members in Secoda, and if they are missing there, run onboard for them with --invite-again`,
    ],
  ]);
  expect((await stand.sync('onboard', 'hire1@acme.com')).stdout).toContain('has not signed in since');
  expect(mailed(stand)).toHaveLength(2);
  expect((await stand.report('onboard', 'hire1@acme.com', '--invite-again')).summary.invited).toBe(1);
  expect(mailed(stand)).toHaveLength(3);
});

it('--invite-again needs a configuration that invites', async () => {
  const { stand } = await withLoneHires(1);
  await stand.configure({});
  const told = await stand.sync('onboard', 'hire0@acme.com', '--invite-again');
  expect(told).toMatchObject({ code: 2 });
  expect(told.stderr).toContain('users.invite: false');
});
