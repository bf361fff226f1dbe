import { expect, it } from 'vitest';
import { scenario } from './scenario.ts';

it('a plan that is expected to change nothing ends with 7 where it would, and with 0 where not; a summary names no people', async () => {
  const stand = await scenario();
  stand.secoda.state.addUser({ email: 'ada@acme.com' });
  const members = [
    stand.okta.state.addUser({ email: 'ada@acme.com' }),
    stand.okta.state.addUser({ email: 'bob@acme.com' }),
  ];
  stand.okta.state.addGroup({ name: 'Data', members });
  const { code, stdout } = await stand.sync('plan', '--expect-no-changes', '--summary');
  expect(code).toBe(7);
  expect(stdout).toMatch(/\+ create {2}Data +\+1 /);
  expect(stdout).toContain('1 unmatched');
  expect(stdout).not.toContain('@acme.com');
  expect((await stand.sync('plan')).code).toBe(0);
  await stand.report('apply');
  expect((await stand.sync('plan', '--expect-no-changes')).code).toBe(0);
});
