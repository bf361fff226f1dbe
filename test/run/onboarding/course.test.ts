import { describe, expect, it } from 'vitest';
import { CommandLineError, UsageError } from '../../../lambda/errors.ts';
import { before, status } from '../../emulators/index.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { company, heard, INVITING, lines, recordedApply, recordedOnboarding } from '../recorded.ts';
import { scenario } from '../scenario.ts';

const [ANN, CID] = ['ann@acme.com', 'cid@acme.com'];
const firstAnswers = (reports: readonly object[]) => {
  const [report] = reports;
  return report !== undefined && 'people' in report ? report.people : null;
};

describe('an onboarding behind a complete run', () => {
  /** What an onboarding reads after an apply that left everything as it is to be. */
  const behind = async (spoil: (stand: Awaited<ReturnType<typeof scenario>>) => void = () => undefined) => {
    const stand = await scenario();
    const { joined } = company(stand);
    const archive = memoryArchive();
    await recordedApply(stand, {}, archive);
    stand.jump(3_600_000);
    joined();
    spoil(stand);
    const { told, reports, end } = await recordedOnboarding(stand, ['bea@acme.com'], {}, archive);
    return { told: heard(told), people: firstAnswers(reports), status: end.status };
  };
  const people = [{ email: 'bea@acme.com', answers: ['added to B'] }];
  const LISTS = ['read okta-groups 2 2', 'read secoda-groups 2 2'];

  it('lists no groups', async () => {
    expect(await behind()).toEqual({ told: ['read secoda-users 2 2'], people, status: 'applied' });
  });

  it('lists them where Secoda does not take a remembered id for one', async () => {
    const odd = await behind(({ secoda }) => {
      secoda.faults.add({ on: 'secoda.group.get', effect: status(400, { detail: 'No.' }) });
    });
    expect(odd).toEqual({ told: ['read secoda-users 2 2', ...LISTS], people, status: 'applied' });
  });

  it('ends where Secoda does not answer', async () => {
    const down = await behind(({ secoda }) => {
      secoda.faults.add({ on: 'secoda.group.get', effect: status(500), times: Infinity });
    });
    expect(down).toMatchObject({ people: [], status: 'failed' });
  });
});

it('somebody who was invited is not invited again, unless that is asked for', async () => {
  const stand = await scenario();
  const { groups } = company(stand);
  const archive = memoryArchive();
  await recordedApply(stand, INVITING, archive);
  // Not all that Secoda lists shows whom it invited.
  const invitee = [...stand.secoda.state.users.values()].find(({ email }) => email === CID);
  if (invitee === undefined) throw new Error('nobody was invited');
  stand.secoda.state.users.delete(invitee.id);
  groups.a.users.delete(invitee);
  stand.jump(3_600_000);
  const told = async (again: object = {}) => {
    const { reports, course } = await recordedOnboarding(stand, [CID], INVITING, archive, again);
    return [firstAnswers(reports), course.map(([name]) => name)];
  };
  const invited = [{ email: CID, answers: ['invited'] }];
  expect(await told()).toEqual([invited, ['find', 'report']]);
  const [, steps] = await told({ inviteAgain: true });
  expect(steps).toEqual(['find', 'invitations', 'invite-1', 'report']);
});

it('what is kept of an onboarding that was refused is whom it was for, and that nobody was to be invited again', async () => {
  const stand = await scenario();
  company(stand);
  const archive = memoryArchive();
  const guard = { additionsPerGroup: { max: 0, percent: 0 } };
  const { course, reports } = await recordedOnboarding(stand, [ANN], { guard }, archive);
  expect(course.map(([name]) => name)).toEqual(['find', 'report']);
  expect(firstAnswers(reports)).toEqual([
    { email: ANN, answers: ['not added to A: the guard refused the run', 'already there: B'] },
  ]);
  const kept = [...archive.texts].filter(([key]) => key.startsWith('refused/'));
  expect(kept.map(([, text]) => JSON.parse(text) as unknown)).toMatchObject([
    { harm: [], rules: ['additionsPerGroup'], onboard: { emails: [ANN], inviteAgain: false } },
  ]);
});

it('somebody whom another one added in between was there already, and so nothing was written', async () => {
  const stand = await scenario();
  const { accounts, groups } = company(stand);
  stand.secoda.faults.add({
    on: 'secoda.group.get',
    effect: before(() => stand.secoda.state.join(accounts.ann, groups.a)),
  });
  const { kept, end } = await recordedOnboarding(stand, [ANN]);
  expect(end).toEqual({ status: 'in-sync', failure: null });
  expect(lines([['slice-1-written', kept.get('slice-1-written')]])).toEqual([
    'slice-1-written {"outcomes":[[0,{"outcome":"applied","unsettled":[],"news":false,"error":null,"dropped":[],"written":null,"needless":true}]],"shown":[]}',
  ]);
});

it.each([
  ['is thrown where somebody sits in front of it', 'throw'],
  ['is told in the report otherwise', 'report'],
] as const)('a mistake in what was asked %s', async (_, usage) => {
  const stand = await scenario();
  company(stand);
  const archive = memoryArchive();
  const mistake = new CommandLineError(['wrong']);
  const failing = {
    ...archive,
    read: (key: string) => (key === 'state.json' ? Promise.reject(mistake) : archive.read(key)),
  };
  const asked = () => recordedOnboarding(stand, [ANN], {}, failing, { usage });
  if (usage === 'throw') {
    await expect(asked()).rejects.toBe(mistake);
    return;
  }
  const { course, end } = await asked();
  expect(end.failure).toBeInstanceOf(UsageError);
  expect(lines(course)).toEqual([
    'find {"onboarding":null,"joins":0,"invitations":0,"refusals":[],"digest":"","passed":[],"startedAt":1767225600000,"stop":{"kind":"usage","message":"wrong","problems":["wrong"]}}',
    'report {"status":"failed","note":{"kind":"usage","message":"wrong","problems":["wrong"]}}',
  ]);
});
