import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tellInterruptedRun } from '../../lambda/terminal/terminal.ts';
import { showProgress } from '../../lambda/terminal/progress.ts';
import { before } from '../emulators/index.ts';
import { drift, membersOf, smallWorld } from './small-world.ts';
import { type Scenario, scenario } from './scenario.ts';

interface Interrupted {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real command line in a process of its own, which gets the signal when this route is asked for. */
async function interrupted(
  stand: Scenario,
  signal: 'SIGINT' | 'SIGTERM',
  route: string,
  args: readonly string[],
): Promise<Interrupted> {
  const child = stand.spawn(args, ['ignore', 'pipe', 'pipe']);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  const effect = before(() => child.kill(signal));
  const service = route.startsWith('okta') ? stand.okta : stand.secoda;
  service.faults.add({ on: route, effect });
  return new Promise((done) =>
    child.once('close', (code, killedBy) => done({ code, signal: killedBy, ...said })),
  );
}

describe('a command that is interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'by %s while it writes ends with %i, says how it goes on, and goes on so',
    async (signal, code) => {
      const stand = await scenario();
      drift(stand, smallWorld(stand));
      const ended = await interrupted(stand, signal, 'secoda.group.update', ['apply']);
      expect(ended).toMatchObject({ code, signal: null });
      const [record = ''] = (await readdir(stand.runs)).filter((name) => name.startsWith('2'));
      expect(ended.stderr).toBe(
        'Interrupted: what was written before stays, and the next run goes on from there.\n' +
          `record, as far as there is one: ${stand.runs}/${record}/\n`,
      );
      expect(await readdir(join(stand.runs, record))).toEqual(['plan.json']);
      expect((await stand.sync('history')).stdout).toContain(`${record}  apply  interrupted`);
      expect((await stand.sync('apply')).code).toBe(0);
      expect(membersOf(stand)['Group A']).toEqual(['p1@acme.com', 'p2@acme.com', 'p3@acme.com']);
    },
  );

  it('while it plans has written nothing, and leaves stdout to the report that did not come', async () => {
    const stand = await scenario();
    smallWorld(stand);
    const ended = await interrupted(stand, 'SIGINT', 'okta.group.users', ['plan', '--json']);
    expect(ended).toMatchObject({ code: 130, stdout: '' });
    expect(ended.stderr).toMatch(/^Interrupted: nothing was written\.\nrecord, .*\n$/);
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it('in the middle of a probe names the group it may leave behind', async () => {
    const stand = await scenario();
    smallWorld(stand);
    const ended = await interrupted(stand, 'SIGINT', 'secoda.group.update', ['doctor', '--probe']);
    expect(ended.code).toBe(130);
    const left = [...stand.secoda.state.groups.values()].find(({ name }) => name.includes('probe'));
    expect(ended.stderr).toBe(
      `Interrupted. Look in Secoda for a group "${left?.name ?? 'none'}": if it is there, delete it.\n`,
    );
  });
});

it('takes the passing line of a terminal away before it says so', () => {
  const texts: string[] = [];
  const stream = { isTTY: true, columns: 80, write: (text: string) => texts.push(text) };
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const progress = showProgress({
    text: stream,
    stderr: stream,
    environment: { NO_COLOR: '1' },
    clock,
    rates: { requestsPerMinute: 200, writesPerMinute: 30 },
    first: 'reading',
  });
  progress.listen({ kind: 'waiting', ms: 41_200, reason: 'budget' });
  let say = (): void => undefined;
  tellInterruptedRun(
    {
      environment: { NO_COLOR: '1' },
      stdout: stream,
      stderr: stream,
      clock,
      random: () => 0,
      whenInterrupted: (then) => (say = then),
    },
    { record: 'runs/x/', writes: true, progress },
  );
  say();
  expect(texts.at(-2)).toBe('\r\u001b[2K');
  expect(texts.at(-1)).toMatch(/^Interrupted: /);
});
