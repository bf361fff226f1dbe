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
