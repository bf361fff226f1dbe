import { expect, it } from 'vitest';
import type { Report } from '../../lambda/core/report/report.ts';
import { Interrupted, SourceError } from '../../lambda/errors.ts';
import { conclude, exitCode, tellAddresses } from '../../lambda/terminal/conclude.ts';
import { type Format, FORMATS } from '../../lambda/terminal/flags.ts';
import { tellInterruption, type Terminal, terminalOrigin } from '../../lambda/terminal/terminal.ts';
import { parseSettings } from '../../lambda/settings.ts';
import { report } from '../aws/reports.ts';
import { HeldClock } from '../time/clock.ts';

/** A terminal that keeps what is written on it. */
function aTerminal(environment: Readonly<Record<string, string>> = {}) {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    environment,
    stdout: { write: (text) => stdout.push(text) },
    stderr: { write: (text) => stderr.push(text) },
    clock: new HeldClock(),
    random: () => 0.5,
  };
  return { terminal, stdout: () => stdout.join(''), stderr: () => stderr.join('') };
}

function concluded(format: Format, given: Partial<Report>, more: object = {}) {
  const { terminal, stdout, stderr } = aTerminal();
  const ending = { report: report(given), failure: null, record: 'runs/a/', told: 'Told.\n', ...more };
  const code = conclude(ending, { format }, terminal);
  return { code, stdout: stdout(), stderr: stderr() };
}

const LAYOUT = { people: true, apply: null };

it('in words, all of it stands on stdout', () => {
  const { code, stdout, stderr } = concluded('text', {}, { layout: LAYOUT });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Told\.\nApplied: [^]*record: runs\/a\/\n$/);
});

it.each(FORMATS.filter((format) => format !== 'text'))(
  'as %s the report is alone on stdout, and the words are on stderr',
  (format) => {
    const { code, stdout, stderr } = concluded(format, {}, { layout: LAYOUT });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Told\.\nApplied: /);
    expect(stdout).toMatch({ html: /^<!doctype html>/i, markdown: /^#/, json: /^\{"runId"|^\{\n/ }[format]);
    // A command without such a page prints none.
    if (format !== 'json') expect(concluded(format, {}).stdout).toBe('');
  },
);

it('what ended the run is told before how it ended', () => {
  const failure = new SourceError('GET /x: HTML');
  const { code, stdout, stderr } = concluded(
    'text',
    { status: 'failed', error: 'GET /x: HTML' },
    { failure },
  );
  expect(code).toBe(5);
  expect(stderr).toContain('✗ Not read completely: GET /x: HTML');
  expect(stdout).toContain('Told.\nFailed: ');
});

it('a run that was interrupted is no error, and says how it is gone on with', () => {
  const again = 'npm run sync -- apply';
  const ending = { failure: new Interrupted(143), again };
  const { code, stdout, stderr } = concluded('text', { status: 'interrupted' }, ending);
  expect([code, stderr]).toEqual([143, '']);
  expect(stdout).toMatch(/\nThe rest: npm run sync -- apply\n$/);
  expect(concluded('text', { status: 'interrupted' }).stdout).not.toContain('The rest');
  expect(concluded('text', { status: 'partial' }, { again }).stdout).not.toContain('The rest');
});

it('an interruption that nothing else says has the exit code of Ctrl-C', () => {
  expect(exitCode('interrupted', null)).toBe(130);
  expect(exitCode('held', null)).toBe(3);
  expect(exitCode(null, null)).toBe(1);
});

it('whoever interrupts a run that writes is told at once why it does not end at once', () => {
  const { terminal, stderr } = aTerminal();
  const interruption = new AbortController();
  tellInterruption({ ...terminal, interruption: interruption.signal });
  expect(stderr()).toBe('');
  interruption.abort(new Interrupted(130));
  expect(stderr()).toBe('Interrupted: ending with the write in flight. Again, and it ends at once.\n');
});

it('addresses that the environment decides are told, and no others', () => {
  const settings = parseSettings({
    okta: { orgUrl: 'https://acme.okta.com', groups: { all: true } },
    secoda: { region: 'eu' },
  });
  const told = (environment: Readonly<Record<string, string>>) => {
    const { terminal, stderr } = aTerminal(environment);
    tellAddresses(settings, terminal);
    return stderr();
  };
  expect(told({})).toBe('');
  expect(told({ OKTA_ORG_URL: 'https://acme.okta.com' })).toBe(
    'Okta is asked at https://acme.okta.com: OKTA_ORG_URL goes before the configuration.\n',
  );
  expect(told({ SECODA_API_URL: 'x' })).toMatch(
    /^Secoda is asked at https:\/\/\S+: SECODA_API_URL goes before/,
  );
});

it("a run is asked for by the CI's actor, else by the user of this machine", () => {
  const askedBy = (environment: Readonly<Record<string, string>>) =>
    terminalOrigin('CHG-1', environment).requestedBy;
  expect(askedBy({ GITLAB_USER_LOGIN: 'ada' })).toBe('ada');
  expect(askedBy({ GITHUB_ACTOR: ' ', CIRCLE_USERNAME: 'bo' })).toBe('bo');
  expect(askedBy({})).toMatch(/^[^@]+@.+$/);
  expect(terminalOrigin('CHG-1', {})).toMatchObject({
    trigger: 'terminal',
    reason: 'CHG-1',
    functionArn: null,
  });
});
