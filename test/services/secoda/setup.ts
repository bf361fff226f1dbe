import { onTestFinished } from 'vitest';
import { SecodaConnection, type SecodaOptions } from '../../../lambda/services/secoda/connection.ts';
import type { Clock, WriteGate } from '../../../lambda/ports.ts';
import { HeldClock } from '../../time/clock.ts';
import {
  type SecodaEmulator,
  type SecodaOptions as EmulatorOptions,
  startSecoda,
} from '../../emulators/index.ts';
import { keepDiscreet } from '../../discretion.ts';

export { errorOf } from '../../discretion.ts';

/** An emulated workspace that ends with the test. */
export async function aSecoda(options: EmulatorOptions = {}): Promise<SecodaEmulator> {
  const secoda = await startSecoda({ clock: new HeldClock(), ...options });
  onTestFinished(() => secoda.close());
  keepDiscreet(secoda);
  return secoda;
}

/** What a connection to this workspace is made with, unless a test says otherwise. */
export function optionsFor(secoda: SecodaEmulator, changes: Partial<SecodaOptions> = {}): SecodaOptions {
  return {
    baseUrl: secoda.url,
    apiKey: secoda.credentials.apiKey,
    clock: secoda.clock,
    random: () => 0,
    ...changes,
  };
}

export function aConnection(secoda: SecodaEmulator, changes: Partial<SecodaOptions> = {}): SecodaConnection {
  return new SecodaConnection(optionsFor(secoda, changes));
}

/** A gate that lets everything pass once a 429 is over, and keeps a log. */
export class LoggingGate implements WriteGate {
  readonly log: string[] = [];
  readonly #clock: Clock;
  #until = 0;

  constructor(clock: Clock = new HeldClock()) {
    this.#clock = clock;
  }

  async enter(metered: boolean): Promise<void> {
    const ms = this.#until - this.#clock.now();
    if (ms > 0) await this.#clock.sleep(ms);
    this.log.push(metered ? 'enter' : 'enter unmetered');
  }

  leave(): void {
    this.log.push('leave');
  }

  throttled(until: number): void {
    this.#until = until;
    this.log.push(`throttled for ${Math.round((until - this.#clock.now()) / 1000)} s`);
  }
}

/** The requests that came in, in order, with their queries. */
export function asked(secoda: SecodaEmulator): string[] {
  return secoda.requests.map(({ method, path, query }) => {
    const search = new URLSearchParams(query).toString();
    return `${method} ${path}${search === '' ? '' : `?${search}`}`;
  });
}
