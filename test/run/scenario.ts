import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished } from 'vitest';
import { readSnapshot } from '../../lambda/archive/snapshot.ts';
import { Interrupted } from '../../lambda/errors.ts';
import { jsonOf } from '../../lambda/core/model/json.ts';
import { planAgain } from '../../lambda/core/plan/plan-again.ts';
import type { Report } from '../../lambda/core/report/report.ts';
import { folderArchive } from '../../lambda/services/store/folder.ts';
import { parseSettings, rulesOf } from '../../lambda/settings.ts';
import { main } from '../../lambda/terminal/main.ts';
import { carriedTo, expectNone } from '../discretion.ts';
import {
  type OktaEmulator,
  type OktaOptions,
  type SecodaEmulator,
  type SecodaOptions,
  startOkta,
  startSecoda,
} from '../emulators/index.ts';
import { startChild } from '../time/child.ts';
import { HeldClock } from '../time/clock.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Both emulators, a folder for records, and the real command line, all in this process. */
export interface Scenario {
  readonly okta: OktaEmulator;
  readonly secoda: SecodaEmulator;
  readonly clock: HeldClock;
  /** Moves the clock of all three sides on at once (milliseconds). */
  readonly jump: (ms: number) => void;
  /** Makes the next long wait of a run longer by so many milliseconds, at the end of which something else has happened. */
  readonly suspend: (ms: number, meanwhile: () => void) => void;
  /** Ctrl-C, for the command that was given last. */
  readonly interrupt: () => void;
  /** What is done once a run has begun its next long wait. */
  readonly whenWaiting: (then: () => void) => void;
  readonly runs: string;
  readonly folder: string;
  /** Changes the configuration for the runs to come. */
  readonly configure: (config: object) => Promise<void>;
  readonly sync: (...args: string[]) => Promise<Ended>;
  /** The same in a process of its own, with these standard streams. */
  readonly spawn: (args: readonly string[], streams: readonly ('ignore' | 'pipe' | number)[]) => ChildProcess;
  /** A run with `--json`: its report and exit code. */
  readonly report: (...args: string[]) => Promise<Report & { readonly code: number }>;
  readonly read: (key: string) => Promise<unknown>;
}

export interface ScenarioOptions {
  readonly config?: object;
  readonly okta?: OktaOptions;
  readonly secoda?: SecodaOptions;
  /** Whether stdout is one, with a line for what passes; not unless said. */
  readonly terminal?: boolean;
  /** What is typed into a terminal, one answer after the other, `interrupt` for Ctrl-C; nobody sits there unless said. */
  readonly answers?: readonly string[];
  readonly environment?: (okta: OktaEmulator, secoda: SecodaEmulator) => Record<string, string>;
  /** Takes what ends the scenario; of the running test unless several share it. */
  readonly atEnd?: (end: () => Promise<void>) => void;
}

/** No two commands are given at the same moment. */
const BETWEEN_COMMANDS_MS = 1_000;
/** A wait of this length is one for the write budget, not a pause between two attempts. */
const SUSPENSION_MS = 20_000;
const CLI = fileURLToPath(new URL('../../lambda/cli.ts', import.meta.url));

/** A clock on which the next long wait can be made longer, or be noticed. */
class StageClock extends HeldClock {
  #suspension: () => void = () => undefined;
  #wait: () => void = () => undefined;

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const slept = super.sleep(ms, signal);
    if (ms >= SUSPENSION_MS) this.#wait();
    await slept;
    if (ms >= SUSPENSION_MS) this.#suspension();
  }

  whenWaiting(then: () => void): void {
    this.#wait = () => {
      this.#wait = () => undefined;
      then();
    };
  }

  suspend(ms: number, meanwhile: () => void): void {
    this.#suspension = () => {
      this.#suspension = () => undefined;
      this.advance(ms);
      meanwhile();
    };
  }
}

export async function scenario(options: ScenarioOptions = {}): Promise<Scenario> {
  const clock = new StageClock();
  const okta = await startOkta({ clock, ...options.okta });
  const secoda = await startSecoda({ clock, ...options.secoda });
  const folder = await mkdtemp(join(tmpdir(), 'okta-secoda-sync-'));
  const runs = join(folder, 'runs');
  const secrets = [
    okta.credentials.apiToken,
    okta.credentials.privateKeyPem.split('\n')[1] ?? '',
    secoda.credentials.apiKey,
    secoda.credentials.viewerKey,
  ];
  const printed: string[] = [];
  const configure = async (config: object) => {
    const whole = {
      okta: { orgUrl: okta.url, groups: { all: true } },
      secoda: { url: secoda.url },
      ...config,
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(whole));
  };
  await configure(options.config ?? {});

  // A hook of this module would be one of the first file alone that imports it.
  (options.atEnd ?? onTestFinished)(async () => {
    // Whoever still waits, waits for ever.
    clock.enter();
    await Promise.all([okta.close(), secoda.close()]);
    const credentials = [...secrets, ...carriedTo(okta, secoda)];
    expectNone(credentials, await everythingIn(folder), 'the archive');
    expectNone(credentials, printed.join('\n'), 'what was printed');
    await planEverythingAgain(runs);
    await rm(folder, { recursive: true, force: true });
    expect([...okta.unknown, ...secoda.unknown], 'calls that nobody documents').toEqual([]);
  });

  const placed = (args: readonly string[]): string[] => [
    ...args,
    ...(args.includes('--config') ? [] : ['--config', join(folder, 'config.json')]),
    ...(args.includes('--runs') ? [] : ['--runs', runs]),
  ];
  const environment = () =>
    options.environment?.(okta, secoda) ?? {
      OKTA_API_TOKEN: okta.credentials.apiToken,
      SECODA_API_KEY: secoda.credentials.apiKey,
    };
  const answers = [...(options.answers ?? [])];
  let interrupt = (): void => undefined;
  const sync = async (...args: string[]): Promise<Ended> => {
    let stdout = '';
    let stderr = '';
    const interruption = new AbortController();
    interrupt = () => interruption.abort(new Interrupted(130));
    const line = () => {
      const answer = answers.shift() ?? null;
      if (answer !== 'interrupt') return Promise.resolve(answer);
      interrupt();
      return new Promise<never>(() => undefined);
    };
    clock.advance(BETWEEN_COMMANDS_MS);
    const code = await main(placed(args), {
      environment: environment(),
      stdout: { isTTY: options.terminal ?? false, columns: 120, write: (text) => (stdout += text) },
      stderr: { isTTY: options.answers !== undefined, write: (text) => (stderr += text) },
      ...(options.answers === undefined ? {} : { stdin: { isTTY: true, line } }),
      interruption: interruption.signal,
      clock,
      random: Math.random,
    });
    printed.push(stdout, stderr);
    return { code, stdout, stderr };
  };
  return {
    okta,
    secoda,
    clock,
    jump: (ms) => clock.advance(ms),
    suspend: (ms, meanwhile) => clock.suspend(ms, meanwhile),
    interrupt: () => interrupt(),
    whenWaiting: (then) => clock.whenWaiting(then),
    runs,
    folder,
    configure,
    sync,
    spawn: (args, streams) => {
      const env = { PATH: process.env['PATH'], ...environment() };
      return startChild(clock, CLI, placed(args), { env, stdio: [...streams, 'ipc'] }).process;
    },
    report: async (...args) => {
      const { code, stdout, stderr } = await sync(...args, '--json');
      expect(stdout, stderr).toMatch(/^\{/);
      return { ...(JSON.parse(stdout) as Report), code };
    },
    read: async (key) => JSON.parse(await readFile(join(runs, key), 'utf8')) as unknown,
  };
}

/** Every run that kept its whole input is planned again from it: what comes of that is what its record says. */
async function planEverythingAgain(runs: string): Promise<void> {
  const archive = folderArchive(runs);
  // A test may have put something else there.
  if (!(await stat(runs).catch(() => null))?.isDirectory()) return;
  for (const file of await archive.names('snapshots', '')) {
    const [runId = ''] = file.split('.');
    const kept = await readSnapshot(archive, runId);
    const settings = parseSettings(kept?.config);
    const deciding = { rules: rulesOf(settings), guard: settings.guard };
    const again = kept && planAgain(kept.snapshot, deciding);
    const refusals = again?.verdict.refusals;
    const record = jsonOf((await archive.read(`${runId}/plan.json`))?.text ?? '');
    if (record === undefined) continue;
    expect(record, `${runId} planned again`).toMatchObject(
      JSON.parse(JSON.stringify({ ...again?.plan, refusals })) as object,
    );
  }
}

async function everythingIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(async ({ parentPath, name }) => {
    const bytes = await readFile(join(parentPath, name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  });
  return (await Promise.all(texts)).join('\n');
}
