import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { entriesSince } from '../../lambda/archive/ledger.ts';
import type { Report } from '../../lambda/core/report/report.ts';
import { folderArchive } from '../../lambda/services/store/folder.ts';
import { showProgress } from '../../lambda/terminal/progress.ts';
import { before, hangBeforeHeaders, status } from '../emulators/index.ts';
import { HeldClock } from '../time/clock.ts';
import { type Ended, type Scenario, scenario, type ScenarioOptions } from './scenario.ts';
import { drift, membersOf, smallWorld } from './small-world.ts';

const ENDING = 'Interrupted: ending with the write in flight. Again, and it ends at once.\n';
const SECOND_MS = 1_000;

/** A world with four changes. */
async function drifted(options: ScenarioOptions = {}): Promise<Scenario> {
  const stand = await scenario(options);
  drift(stand, smallWorld(stand));
  return stand;
}

/** A command, with Ctrl-C when this route is asked for. */
async function interruptedAt(stand: Scenario, on: string, ...args: readonly string[]): Promise<Ended> {
  const service = on.startsWith('okta') ? stand.okta : stand.secoda;
  service.faults.add({ on, effect: before(stand.interrupt) });
  return stand.sync(...args);
}

const writesOf = ({ secoda }: Scenario) => secoda.state.writes.length;

/** Everything that a run leaves open: there is to be nothing. */
async function expectClosed(stand: Scenario): Promise<void> {
  const entries = await entriesSince(folderArchive(stand.runs), 'okta', '');
  const closed = new Set(entries.flatMap((entry) => ('of' in entry ? entry.of : [])));
  expect(entries.filter(({ kind, number }) => kind === 'intents' && !closed.has(number))).toEqual([]);
  expect(await stand.read('turn.json')).toMatchObject({ holder: null, sending: [] });
}

/** What is left of the drift is done once, by the next run alone. */
async function expectRest(stand: Scenario, writes: number): Promise<void> {
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
  expect(writesOf(stand)).toBe(writes);
  expect(membersOf(stand)['Group A']).toEqual(['p1@acme.com', 'p2@acme.com', 'p3@acme.com']);
  expect(await stand.report('apply')).toMatchObject({ status: 'in-sync' });
}

describe('a run that is interrupted', () => {
  it('ends with the write in flight, and says what remains and what goes on with it', async () => {
    const stand = await drifted();
    const { code, stdout, stderr } = await interruptedAt(stand, 'secoda.group.update', 'apply');
    expect([code, stderr]).toEqual([130, ENDING]);
    expect(writesOf(stand)).toBe(1);
    expect(stdout).toContain(
      'Interrupted: what was written before stays; the next run does the rest. (3 not attempted)\n',
    );
    expect(stdout).toMatch(/\nThe rest: npm run sync -- apply --config \S+ --runs \S+\n$/);
    await expectClosed(stand);
    await expectRest(stand, 4);
  });

  it('tells so in its report and in the list of runs, with what became of each change and invitation', async () => {
    const stand = await drifted();
    const config = { secoda: { url: stand.secoda.url, writesPerMinute: 1 } };
    await stand.configure({ ...config, users: { invite: { role: 'viewer' } } });
    const [group] = stand.okta.state.groups.values();
    if (group) stand.okta.state.join(stand.okta.state.addUser({ email: 'ada@acme.com' }), group);
    const { code, stdout, stderr } = await interruptedAt(stand, 'secoda.group.update', 'apply', '--json');
    const report = JSON.parse(stdout) as Report;
    expect([code, report]).toMatchObject([130, { status: 'interrupted', error: 'the run was interrupted' }]);
    expect(report.changes.map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining(['applied', 'not-attempted', 'not-attempted', 'not-attempted']),
    );
    expect(report.invited).toMatchObject([{ email: 'ada@acme.com', outcome: 'not-attempted' }]);
    expect(stderr).not.toContain('✗');
    await expectClosed(stand);
    // Nobody waits for the lease on behalf of a run that is over.
    expect(await stand.read('turn.json')).toMatchObject({ waiting: [] });
    // How the run ended is entered into the ledger behind its report.
    const kept = { ...report, ledger: expect.anything() as unknown };
    expect(await stand.read(`${report.runId}/report.json`)).toMatchObject(kept);
    const runs = JSON.parse(
      (await stand.sync('history', '--status', 'interrupted', '--json')).stdout,
    ) as object;
    expect(runs).toMatchObject({ runs: [{ runId: report.runId, status: 'interrupted' }] });
    expect((await stand.sync('history', '--verify')).code).toBe(0);
  });

  it('does not send again what Secoda is too busy for, nor wait until it may', async () => {
    const stand = await drifted();
    const effect = status(429, {}, { 'retry-after': '40' });
    stand.secoda.faults.add({ on: 'secoda.group.update', effect });
    stand.whenWaiting(stand.interrupt);
    const began = stand.clock.now();
    expect((await stand.sync('apply')).code).toBe(130);
    expect(stand.clock.now() - began).toBeLessThan(40_000);
    expect(writesOf(stand)).toBe(0);
    await expectClosed(stand);
  });

  it('looks what became of a write that is not answered, and does not repeat it', async () => {
    const stand = await drifted();
    stand.secoda.faults.add({ on: 'secoda.group.update', effect: hangBeforeHeaders() });
    const unwatch = stand.clock.watch((now) => {
      if (now > began) stand.interrupt();
    });
    const began = stand.clock.now() + SECOND_MS;
    expect((await stand.sync('apply')).code).toBe(130);
    unwatch();
    expect(writesOf(stand)).toBe(0);
    await expectClosed(stand);
    await expectRest(stand, 4);
  });

  it.each([
    ['reads Okta', (stand: Scenario) => before(stand.interrupt)],
    [
      'waits for Okta, which is throttled',
      (stand: Scenario) => {
        stand.whenWaiting(stand.interrupt);
        return status(429, {}, { 'retry-after': '40' });
      },
    ],
  ])('ends at once while it %s, with nothing written and its record closed', async (_, effectOn) => {
    const stand = await drifted();
    stand.okta.faults.add({ on: 'okta.group.users', effect: effectOn(stand) });
    const began = stand.clock.now();
    const { code, stdout, stderr } = await stand.sync('apply');
    expect([code, stderr]).toEqual([130, '']);
    expect(stand.clock.now() - began).toBeLessThan(10_000);
    expect(stdout).toContain('Interrupted: nothing was written.');
    const [runId = ''] = (await readdir(stand.runs)).filter((name) => name.startsWith('2'));
    expect(await stand.read(`${runId}/report.json`)).toMatchObject({ status: 'interrupted' });
  });

  it('ends at once while it waits for the write budget', async () => {
    const stand = await drifted();
    await stand.configure({ secoda: { url: stand.secoda.url, writesPerMinute: 1 } });
    stand.whenWaiting(stand.interrupt);
    const { code, stdout } = await stand.sync('apply');
    expect(code).toBe(130);
    expect(stdout).toContain('not attempted)');
    await expectClosed(stand);
    await expectRest(stand, 4);
  });

  it('leaves alone who was not invited yet, after the invitation in flight', async () => {
    const config = { users: { invite: { role: 'viewer' } } };
    const stand = await scenario({ config });
    const [pair] = smallWorld(stand).pairs;
    for (const email of ['ada@acme.com', 'bob@acme.com'])
      if (pair) stand.okta.state.join(stand.okta.state.addUser({ email }), pair.okta);
    const onboard = ['onboard', 'ada@acme.com', 'bob@acme.com'];
    const { code, stdout } = await interruptedAt(stand, 'secoda.user.invite', ...onboard, '--json');
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'interrupted',
      invited: [
        { email: 'ada@acme.com', outcome: 'applied' },
        { email: 'bob@acme.com', outcome: 'not-attempted' },
      ],
    });
    await expectClosed(stand);
    await stand.sync(...onboard);
    const invited = stand.secoda.requests.filter(({ route }) => route === 'secoda.user.invite');
    expect(invited).toHaveLength(2);
  });
});

describe('a command that only reads', () => {
  it.each([
    ['plan', 'okta.group.users'],
    ['doctor', 'secoda.user.list'],
  ])('%s ends at once, with one line', async (command, on) => {
    const stand = await scenario();
    smallWorld(stand);
    const { code, stderr } = await interruptedAt(stand, on, command);
    expect([code, stderr]).toEqual([130, 'Interrupted: nothing was written.\n']);
  });

  it('leaves stdout to the report that did not come', async () => {
    const stand = await scenario();
    smallWorld(stand);
    const { stdout, stderr } = await interruptedAt(stand, 'okta.group.users', 'plan', '--json');
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toMatchObject({ status: 'interrupted', exitCode: 130 });
  });
});

it('a probe that is interrupted names the group that it may leave behind', async () => {
  const stand = await scenario();
  smallWorld(stand);
  const { code, stderr } = await interruptedAt(stand, 'secoda.group.update', 'doctor', '--probe');
  const left = [...stand.secoda.state.groups.values()].find(({ name }) => name.includes('probe'));
  expect([code, stderr]).toEqual([
    130,
    `Interrupted. Look in Secoda for a group "${left?.name ?? 'none'}": if it is there, delete it.\n`,
  ]);
});

describe('a signal to the process', () => {
  /** An apply in a process of its own. */
  function begun(stand: Scenario) {
    const child = stand.spawn(['apply'], ['ignore', 'ignore', 'pipe']);
    const heard = Promise.withResolvers<undefined>();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (text === ENDING) heard.resolve(undefined);
    });
    const ended = new Promise((done) => child.once('close', (code, by) => done({ code, by })));
    return { child, heard: heard.promise, ended };
  }

  it('lets the write in flight end, also where npm sends it twice', async () => {
    const stand = await drifted();
    const { child, heard, ended } = begun(stand);
    const effect = before(async () => {
      // No time passes between the two.
      const signalling = stand.clock.enter();
      child.kill('SIGINT');
      await heard;
      child.kill('SIGINT');
      signalling.leave();
    });
    stand.secoda.faults.add({ on: 'secoda.group.update', effect });
    expect(await ended).toEqual({ code: 130, by: null });
    await expectClosed(stand);
    await expectRest(stand, 4);
  });

  it('ends it at once when it is the second', async () => {
    const stand = await drifted();
    const { child, ended } = begun(stand);
    // Its pauses, and the time until it gives the answer up, are longer than what counts as one and the same signal.
    const when = () => child.kill('SIGINT');
    stand.secoda.faults.add({ on: 'secoda.group.update', when, effect: hangBeforeHeaders() });
    const second = before(async () => {
      child.kill('SIGTERM');
      await ended;
    });
    stand.secoda.faults.add({ on: 'secoda.group.get', effect: second });
    expect(await ended).toEqual({ code: 143, by: null });
    expect((await stand.sync('history')).stdout).toContain('apply  interrupted');
    await stand.sync('apply');
    await expectClosed(stand);
  });
});

it('takes the passing line of a terminal away, and writes none any more', () => {
  const texts: string[] = [];
  const stream = { isTTY: true, columns: 80, write: (text: string) => texts.push(text) };
  const interruption = new AbortController();
  const progress = showProgress({
    text: stream,
    stderr: stream,
    environment: { NO_COLOR: '1' },
    clock: new HeldClock(),
    rates: { requestsPerMinute: 200, writesPerMinute: 30 },
    first: 'reading',
    interruption: interruption.signal,
  });
  progress.listen({ kind: 'waiting', ms: 41_200, reason: 'budget' });
  interruption.abort();
  const written = texts.length;
  expect(texts.at(-1)).toBe('\r\u001b[2K');
  progress.listen({ kind: 'read', what: 'okta-groups', done: 1, total: 2 });
  expect(texts).toHaveLength(written);
});
