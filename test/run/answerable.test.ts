import { expect, it } from 'vitest';
import { smallWorld } from './small-world.ts';
import { scenario } from './scenario.ts';

it('a report and the terminal say why somebody loses access, and who that is in Okta', async () => {
  const stand = await scenario();
  const { people, pairs } = smallWorld(stand, { groups: 1 });
  const [leaver, other] = people;
  if (!leaver || !other || !pairs[0]) throw new Error('nobody can leave');
  stand.okta.state.setStatus(leaver, 'DEPROVISIONED');
  stand.okta.state.leave(other, pairs[0].okta);
  const { stdout } = await stand.sync('plan');
  expect(stdout).toContain('- p0@acme.com  deactivated in Okta');
  expect(stdout).toContain('- p1@acme.com  not in the Okta group');
  const { changes, runId } = await stand.report('apply');
  expect(changes).toMatchObject([
    {
      remove: ['p0@acme.com', 'p1@acme.com'],
      causes: {
        'p0@acme.com': { cause: 'status:DEPROVISIONED', oktaId: leaver.id, okta: 'p0@acme.com' },
        'p1@acme.com': { cause: 'not-in-group' },
      },
      outcome: 'applied',
    },
  ]);
  expect(await stand.read(`${runId}/plan.json`)).toMatchObject({
    changes: [{ remove: [{ why: { cause: 'status:DEPROVISIONED', oktaId: leaver.id } }, {}] }],
  });
});

it('somebody unmatched is on the worklist since a date, in so many runs, until an account appears', async () => {
  const stand = await scenario();
  const { pairs } = smallWorld(stand, { groups: 1 });
  const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
  if (pairs[0]) stand.okta.state.join(hire, pairs[0].okta);
  expect((await stand.report('plan')).unmatched).toMatchObject([{ since: null, runs: 0 }]);
  const { startedAt: since } = await stand.report('apply');
  await stand.report('apply');
  expect((await stand.report('plan')).unmatched).toMatchObject([{ email: 'hire@acme.com', since, runs: 2 }]);
  stand.secoda.state.addUser({ email: 'hire@acme.com' });
  const { resolved, changes } = await stand.report('apply');
  expect(resolved).toEqual([{ email: 'hire@acme.com', since }]);
  expect(changes).toMatchObject([{ causes: { 'hire@acme.com': { cause: 'account-appeared' } } }]);
  expect(await stand.report('apply')).toMatchObject({ resolved: [], unmatched: [] });
});
