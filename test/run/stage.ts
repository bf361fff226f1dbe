import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Report } from '../../lambda/core/report.ts';
import type { Clock } from '../../lambda/ports.ts';
import { main } from '../../lambda/terminal/main.ts';
import { HeldClock } from '../time/clock.ts';
import { carriedTo, expectNone } from '../discretion.ts';
import {
  type OktaEmulator,
  type OktaOptions,
  type SecodaEmulator,
  type SecodaOptions,
  startOkta,
  startSecoda,
} from '../emulators/index.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Both emulators, a folder for records, and the real command line, all in this process. */
export interface Stage {
  readonly okta: OktaEmulator;
  readonly secoda: SecodaEmulator;
  readonly clock: Clock;
  /** Moves the clock of all three sides on at once (milliseconds). */
  readonly jump: (ms: number) => void;
  /** Makes the next long wait of a run longer by so many milliseconds, at the end of which something else has happened. */
  readonly suspend: (ms: number, meanwhile: () => void) => void;
  readonly runs: string;
  readonly folder: string;
  /** Changes the configuration for the runs to come. */
  readonly configure: (config: object) => Promise<void>;
  readonly sync: (...args: string[]) => Promise<Ended>;
  /** A run with `--json`: its report and exit code. */
  readonly report: (...args: string[]) => Promise<Report & { readonly code: number }>;
  readonly read: (key: string) => Promise<unknown>;
}

export interface StageOptions {
  readonly config?: object;
  readonly okta?: OktaOptions;
  readonly secoda?: SecodaOptions;
  /** Whether stdout is one, with a line for what passes; not unless said. */
  readonly terminal?: boolean;
  readonly environment?: (okta: OktaEmulator, secoda: SecodaEmulator) => Record<string, string>;
}

/** No two commands are given at the same moment. */
const BETWEEN_COMMANDS_MS = 1_000;
/** A wait of this length is one for the write budget, not a pause between two attempts. */
const SUSPENSION_MS = 20_000;

export async function stage(options: StageOptions = {}): Promise<Stage> {
  const held = new HeldClock();
  let wake: (() => void) | null = null;
  const clock: Clock = {
    now: () => held.now(),
    sleep: async (ms, signal) => {
      await held.sleep(ms, signal);
      if (ms < SUSPENSION_MS) return;
      wake?.();
      wake = null;
    },
  };
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
  onTestFinished(async () => {
    await Promise.all([okta.close(), secoda.close()]);
    const credentials = [...secrets, ...carriedTo(okta, secoda)];
    expectNone(credentials, await everythingIn(folder), 'the archive');
    expectNone(credentials, printed.join('\n'), 'what was printed');
    await rm(folder, { recursive: true, force: true });
    expect([...okta.unknown, ...secoda.unknown], 'calls that nobody documents').toEqual([]);
  });

  const sync = async (...args: string[]): Promise<Ended> => {
    let stdout = '';
    let stderr = '';
    held.advance(BETWEEN_COMMANDS_MS);
    const places = args.includes('--runs') ? [] : ['--runs', runs];
    const code = await main([...args, '--config', join(folder, 'config.json'), ...places], {
      environment: options.environment?.(okta, secoda) ?? {
        OKTA_API_TOKEN: okta.credentials.apiToken,
        SECODA_API_KEY: secoda.credentials.apiKey,
      },
      stdout: { isTTY: options.terminal ?? false, columns: 120, write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
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
    jump: (ms) => held.advance(ms),
    suspend: (ms, meanwhile) => {
      wake = () => {
        held.advance(ms);
        meanwhile();
      };
    },
    runs,
    folder,
    configure,
    sync,
    report: async (...args) => {
      const { code, stdout, stderr } = await sync(...args, '--json');
      expect(stdout, stderr).toMatch(/^\{/);
      return { ...(JSON.parse(stdout) as Report), code };
    },
    read: async (key) => JSON.parse(await readFile(join(runs, key), 'utf8')) as unknown,
  };
}

async function everythingIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))).join(
    '\n',
  );
}
