/** Both stand-ins, a folder for what a run leaves behind, and the real command line, in time that passes by itself. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../lambda/core/report/report.ts';
import { main } from '../../lambda/terminal/main.ts';
import { type OktaEmulator, type SecodaEmulator, startOkta, startSecoda } from '../emulators/index.ts';
import { HeldClock } from '../time/clock.ts';
import { follow } from '../run/read/follow.ts';
import type { Configuration } from './pools.ts';
import type { Manners } from './world.ts';

export interface Ended {
  /** `null` for a run of events, which has none. */
  readonly code: number | null;
  /** `null` where the run ended before there was one. */
  readonly report: Report | null;
}

export interface Stand {
  readonly okta: OktaEmulator;
  readonly secoda: SecodaEmulator;
  readonly clock: HeldClock;
  readonly configure: (config: Configuration) => Promise<void>;
  readonly run: (...args: string[]) => Promise<Ended>;
  /** The run that these events of Okta's lead to. */
  readonly follow: (config: Configuration, events: readonly object[]) => Promise<Ended>;
  /** What `state.json` holds. */
  readonly memory: () => Promise<string | null>;
  readonly remember: (text: string | null) => Promise<void>;
  /** Loses the file of what counts along for the guard. */
  readonly forget: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function stand(manners: Manners, seed: number): Promise<Stand> {
  const clock = new HeldClock(Date.UTC(2026, 0, 5, 2));
  const okta = await startOkta({ clock });
  const { listsInvited, ...rules } = manners;
  const secoda = await startSecoda({ clock, ...rules });
  secoda.state.listsInvited = listsInvited;
  const folder = await mkdtemp(join(tmpdir(), 'okta-secoda-model-'));
  const runs = join(folder, 'runs');
  const state = join(runs, 'state.json');
  const random = chance(seed);
  return {
    okta,
    secoda,
    clock,
    configure: (config) => writeFile(join(folder, 'config.json'), JSON.stringify(config)),
    run: async (...args) => {
      let stdout = '';
      const places = ['--json', '--config', join(folder, 'config.json'), '--runs', runs];
      const code = await main([...args, ...places], {
        environment: { OKTA_API_TOKEN: okta.credentials.apiToken, SECODA_API_KEY: secoda.credentials.apiKey },
        stdout: { isTTY: false, columns: 120, write: (text) => (stdout += text) },
        stderr: { write: () => true },
        clock,
        random,
      });
      return { code, report: stdout === '' ? null : (JSON.parse(stdout) as Report) };
    },
    follow: async (config, events) => {
      const jump = (ms: number) => clock.advance(ms);
      return { code: null, report: await follow({ okta, secoda, clock, runs, jump }, config, ...events) };
    },
    memory: () => readFile(state, 'utf8').catch(() => null),
    remember: (text) => (text === null ? rm(state, { force: true }) : writeFile(state, text)),
    forget: () => rm(join(runs, 'recent'), { recursive: true, force: true }),
    close: async () => {
      await Promise.all([okta.close(), secoda.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Numbers from 0 to 1 that are the same for the same seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
