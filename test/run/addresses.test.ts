import { expect, it } from 'vitest';
import { status } from '../emulators/index.ts';
import { scenario } from './scenario.ts';

const commands = [['plan'], ['apply'], ['onboard', 'ada@acme.com'], ['doctor']] as const;

it.each([
  ['OKTA_ORG_URL', 'acme.okta.invalid', 'check okta.orgUrl / OKTA_ORG_URL'],
  ['SECODA_API_URL', 'acme.secoda.invalid', 'check secoda.region, secoda.url / SECODA_API_URL'],
])('a host that does not exist ends every command at once, with its name (%s)', async (name, host, fix) => {
  const stand = await scenario({
    environment: (okta, secoda) => ({
      OKTA_API_TOKEN: okta.credentials.apiToken,
      SECODA_API_KEY: secoda.credentials.apiKey,
      [name]: `https://${host}`,
    }),
  });
  stand.okta.state.addGroup({ name: 'Data', members: [stand.okta.state.addUser({ email: 'ada@acme.com' })] });
  for (const command of commands) {
    const before = stand.clock.now();
    const { code, stdout, stderr } = await stand.sync(...command);
    const said = `${stdout}\n${stderr}`.replaceAll(/\s+/g, ' ');
    expect(code).toBe(command[0] === 'doctor' ? 1 : 5);
    expect(said).toContain(`host ${host} not found`);
    expect(said).toContain(fix);
    expect(stand.clock.now() - before).toBeLessThan(5_000);
  }
});

it.each([
  'https://{yourOktaDomain}',
  'https://${yourOktaDomain}',
  'https://<your-domain>.okta.com',
  'https://yourOktaDomain',
])('a placeholder is told for what it is: %s', async (orgUrl) => {
  const stand = await scenario();
  await stand.configure({ okta: { orgUrl, groups: { all: true } } });
  const { code, stderr } = await stand.sync('plan');
  expect(code).toBe(2);
  expect(stderr).toContain('okta.orgUrl');
  expect(stderr).toContain('is a placeholder');
});

it.each([
  [404, 5],
  [403, 6],
])('an error about one group names it, not only its id (%d)', async (answered, exit) => {
  const stand = await scenario();
  stand.okta.state.addGroup({ name: 'Finance' });
  const { id } = stand.okta.state.addGroup({ name: 'Data "Platform"' });
  stand.okta.faults.add({
    on: 'okta.group.users',
    times: Infinity,
    when: ({ path }) => path.includes(id),
    effect: status(answered, { errorCode: 'E0000099', errorSummary: 'No' }),
  });
  const { code, error } = await stand.report('plan');
  expect(code).toBe(exit);
  expect(error).toContain('(the Okta group "Data \\"Platform\\"")');
  expect(error).toContain(id);
});
