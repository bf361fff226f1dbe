import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../lambda/services/clock.ts';
import type { Clock } from '../../lambda/ports.ts';
import type { HeldClock } from '../time/clock.ts';
import {
  type OktaEmulator,
  type OktaOptions,
  type SecodaEmulator,
  type SecodaOptions,
  startOkta,
  startSecoda,
} from '../emulators/index.ts';
import type { Order, Result } from './child-messages.ts';
import { launch } from './launch.ts';

export type Contender = Order['contender'];
export const CONTENDERS: readonly Contender[] = ['sync', 'plain loop'];

export interface ScenarioOptions {
  /** What both sides and whoever is measured live in: time that stands still while anything is under way, or (`null`) real time. */
  readonly clock: HeldClock | null;
  /** Beside the addresses, and short cuts from the first group on. */
  readonly config?: { readonly okta?: object; readonly secoda?: object };
  readonly okta?: OktaOptions;
  readonly secoda?: SecodaOptions;
}

/** What one run took, as both emulators and the process saw it. */
export interface Measured extends Result {
  readonly oktaReads: number;
  readonly oktaThrottled: number;
  readonly secodaReads: number;
  /** Requests, those that were throttled included. */
  readonly secodaWrites: number;
  readonly secodaThrottled: number;
}

/** Both emulators in this process, and an archive that lasts from run to run, as the days do. */
export interface Scenario {
  readonly okta: OktaEmulator;
  readonly secoda: SecodaEmulator;
  readonly clock: Clock;
  readonly folder: string;
  readonly run: (contender: Contender, ...argv: readonly string[]) => Promise<Measured>;
  readonly close: () => Promise<void>;
}

export async function openScenario(options: ScenarioOptions): Promise<Scenario> {
  const { clock: held } = options;
  const clock = held ?? systemClock;
  const okta = await startOkta({ clock, ...options.okta });
  const secoda = await startSecoda({ clock, ...options.secoda });
  const folder = await mkdtemp(join(tmpdir(), 'okta-secoda-sync-bench-'));
  const config = {
    okta: { orgUrl: okta.url, groups: { all: true }, shortCutsFrom: 1, ...options.config?.okta },
    secoda: { url: secoda.url, ...options.config?.secoda },
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));

  const traffic = () => ({
    oktaReads: okta.requests.length,
    oktaThrottled: okta.throttled,
    secodaReads: secoda.requests.filter(({ method }) => method === 'GET').length,
    secodaWrites: secoda.requests.filter(({ method }) => method !== 'GET').length,
    secodaThrottled: secoda.throttled,
  });

  return {
    okta,
    secoda,
    clock,
    folder,
    async run(contender, ...argv) {
      const before = traffic();
      const places = ['--config', join(folder, 'config.json'), '--runs', join(folder, 'runs')];
      const order = {
        contender,
        argv: [...argv, ...places],
        okta: { url: okta.url, token: okta.credentials.apiToken },
        secoda: { url: secoda.url, key: secoda.credentials.apiKey },
      };
      const result = await launch(order, held);
      const after = traffic();
      return {
        ...result,
        oktaReads: after.oktaReads - before.oktaReads,
        oktaThrottled: after.oktaThrottled - before.oktaThrottled,
        secodaReads: after.secodaReads - before.secodaReads,
        secodaWrites: after.secodaWrites - before.secodaWrites,
        secodaThrottled: after.secodaThrottled - before.secodaThrottled,
      };
    },
    async close() {
      await Promise.all([okta.close(), secoda.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
