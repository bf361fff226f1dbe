import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { oktaTooMany, secodaTooMany, status } from '../../emulators/index.ts';
import { withLoneHires } from '../invite/hires.ts';
import { scenario } from '../scenario.ts';

const OKTA = 'okta.group.list';
const SECODA = 'secoda.user.list';

it.each([
  [OKTA, status(503), /Okta does not answer as it should: trying again in 1 s/],
  [SECODA, status(503), /Secoda does not answer as it should: trying again in 1 s/],
  [OKTA, oktaTooMany(2), /Okta is throttled \(429\): going on in \d+ s/],
  [SECODA, secodaTooMany(3), /Secoda is throttled \(429\): going on in 3 s/],
] as const)('a terminal shows what a run waits for: %s %o', async (on, effect, line) => {
  const stand = await scenario({ terminal: true });
  stand.okta.state.addGroup({ name: 'Data' });
  (on === OKTA ? stand.okta : stand.secoda).faults.add({ on, effect });
  const { code, stdout } = await stand.sync('plan');
  expect(code).toBe(0);
  expect(stdout).toMatch(line);
});

it.each([true, false])('doctor is not silent while a service is (terminal: %s)', async (terminal) => {
  const stand = await scenario({ terminal });
  stand.okta.faults.add({ on: OKTA, effect: status(503), times: Infinity });
  const { code, stdout, stderr } = await stand.sync('doctor');
  expect(code).toBe(1);
  const line = /Okta does not answer as it should: trying again in \d+ s; checking Okta and Secoda/;
  expect(terminal ? stdout : stderr).toMatch(line);
  expect(terminal ? stderr : stdout).not.toMatch(line);
});

it('a terminal shows how many people are invited', async () => {
  const { stand } = await withLoneHires(2, { terminal: true });
  const { code, stdout } = await stand.sync('apply');
  expect(code).toBe(0);
  expect(stdout).toContain('inviting: 1 of 2');
});

it('a terminal shows when the share of requests to Okta is used up', async () => {
  const stand = await scenario({ terminal: true });
  await stand.configure({ okta: { orgUrl: stand.okta.url, groups: { all: true }, requestsPerMinute: 3 } });
  for (const name of ['One', 'Two', 'Three', 'Four']) stand.okta.state.addGroup({ name });
  const { code, stdout } = await stand.sync('plan');
  expect(code).toBe(0);
  expect(stdout).toMatch(/waiting \d+ s to stay within the requests a minute to Okta/);
});

it.each([true, false])(
  'a wait of more than five minutes that a service asks for stays on the screen (%s)',
  async (terminal) => {
    const stand = await scenario({ terminal });
    stand.okta.state.addGroup({ name: 'Data' });
    stand.okta.faults.add({ on: OKTA, effect: status(429, {}, { 'retry-after': '400' }) });
    stand.secoda.faults.add({ on: SECODA, effect: secodaTooMany(3600) });
    const { code, stdout, stderr } = await stand.sync('plan');
    expect(code).toBe(0);
    const lines = `${stdout}\n${stderr}`.split(/[\r\n]/).map((line) => stripVTControlCharacters(line));
    expect(lines).toContain('Okta is throttled (429): going on in 6 min 40 s');
    expect(lines).toContain('Secoda is throttled (429): going on in 60 min');
  },
);
