import { expect, it } from 'vitest';
import { scenario } from '../scenario.ts';

const HOUR = 3_600_000;

it('a run that nears the longest time one may take ends as partial, and the next one goes on', async () => {
  const stand = await scenario();
  for (let n = 0; n < 70; n++) stand.okta.state.addGroup({ name: `Group ${n}` });
  stand.suspend(20 * HOUR, () => undefined);
  const first = await stand.report('apply');
  expect(first).toMatchObject({ code: 4, status: 'partial' });
  const left = first.changes.filter(({ outcome }) => outcome === 'not-attempted');
  expect(left).toHaveLength(10);
  expect(left[0]?.error).toBe('the run is as long as one may be; the next one goes on from here');

  const second = await stand.report('apply');
  expect(second).toMatchObject({
    code: 0,
    status: 'applied',
    summary: { groups: { create: 10, unchanged: 60 } },
  });
  expect(stand.secoda.state.groups.size).toBe(70);
});

it('such a run still invites people, into the groups that are there', async () => {
  const stand = await scenario();
  await stand.configure({ users: { invite: { role: 'viewer' } } });
  const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
  const late = stand.okta.state.addUser({ email: 'late@acme.com' });
  for (let n = 0; n < 70; n++) {
    const name = `Group ${String(n).padStart(2, '0')}`;
    const members = n === 0 ? [hire] : n === 69 ? [hire, late] : [];
    stand.okta.state.addGroup({ name, members });
  }
  stand.suspend(20 * HOUR, () => undefined);
  expect(await stand.report('apply')).toMatchObject({
    status: 'partial',
    invited: [
      { email: 'hire@acme.com', outcome: 'applied' },
      { email: 'late@acme.com', outcome: 'not-attempted' },
    ],
  });
  expect(stand.secoda.state.memberEmails('Group 00')).toEqual(['hire@acme.com']);
  expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { invited: 1 } });
  expect(stand.secoda.state.memberEmails('Group 69')).toEqual(['hire@acme.com', 'late@acme.com']);
});
