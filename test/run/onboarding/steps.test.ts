import { expect, it } from 'vitest';
import { onboardInSteps } from './in-steps.ts';
import { smallWorld } from '../small-world.ts';
import { scenario } from '../scenario.ts';

it('an onboarding whose every step is repeated and kept as JSON comes to the same end', async () => {
  const stand = await scenario();
  const { pairs } = smallWorld(stand);
  const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
  for (const { okta } of pairs) stand.okta.state.join(hire, okta);
  stand.secoda.state.addUser({ email: 'hire@acme.com' });
  const { end, names, report } = await onboardInSteps(stand, ['hire@acme.com'], { times: 2 });
  expect(end).toEqual({ status: 'applied', failure: null });
  expect(report).toMatchObject({ runId: '20260102T030405Z-1a2b3c4d', mode: 'onboard', status: 'applied' });
  expect(report?.people[0]?.answers).toEqual(pairs.map(({ okta }) => `added to ${okta.name}`));
  expect(pairs.map(({ secoda }) => secoda.users.size)).toEqual([5, 5, 5]);
  expect(stand.secoda.state.writes).toHaveLength(3);
  expect(names).toEqual(['find', 'slice-1', 'report']);
});

it('an onboarding of many people into many groups keeps nothing large between its steps', async () => {
  const stand = await scenario();
  const { pairs } = smallWorld(stand, { groups: 12, people: 1 });
  const emails = Array.from({ length: 50 }, (_, n) => `hire${n}@acme.com`);
  for (const email of emails) {
    const hire = stand.okta.state.addUser({ email });
    for (const { okta } of pairs) stand.okta.state.join(hire, okta);
    stand.secoda.state.addUser({ email });
  }
  const { end, report } = await onboardInSteps(stand, emails, { times: 2 });
  expect(end.failure).toBeNull();
  expect(report?.people).toHaveLength(50);
  expect(pairs.map(({ secoda }) => secoda.users.size)).toEqual(pairs.map(() => 51));
});

it('somebody whom Secoda takes and does not show is news once, and asked for once', async () => {
  const stand = await scenario({ secoda: { invited: 'dropped' } });
  const [pair] = smallWorld(stand, { groups: 1 }).pairs;
  if (!pair) throw new Error('empty world');
  stand.okta.state.join(stand.okta.state.addUser({ email: 'hire@acme.com' }), pair.okta);
  stand.secoda.state.addUser({ email: 'hire@acme.com', pending: true });
  const ended = async (...args: string[]) => {
    const before = stand.secoda.state.writes.length;
    const { code, changes, request } = await stand.report(...args);
    expect(request).toMatchObject({ groups: [], full: false, dryRun: false, approve: null });
    const outcomes = changes.map(({ outcome }) => outcome);
    return { code, outcomes, writes: stand.secoda.state.writes.length - before };
  };
  expect(await ended('onboard', 'hire@acme.com')).toEqual({ code: 4, outcomes: ['unsettled'], writes: 1 });
  expect(await ended('apply')).toEqual({ code: 0, outcomes: [], writes: 0 });
});

it.each([
  [29_999, 1],
  [30_000, 2],
])(
  'Okta is asked again about somebody whose groups were read %i ms ago: %i times in all',
  async (ms, times) => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand, { groups: 2 });
    const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
    for (const { okta } of pairs) stand.okta.state.join(hire, okta);
    stand.secoda.state.addUser({ email: 'hire@acme.com' });
    const asked = () => stand.okta.requests.filter(({ path }) => path.endsWith(`/users/${hire.id}`)).length;
    let before = 0;
    const { report } = await onboardInSteps(stand, ['hire@acme.com'], {
      through: (adder) => ({
        add: async (...all) => {
          const added = await adder.add(...all);
          if (before === 0) stand.jump(ms);
          before ||= asked();
          return added;
        },
      }),
    });
    expect(report?.status).toBe('applied');
    expect(asked() - before + 1).toBe(times);
  },
);
