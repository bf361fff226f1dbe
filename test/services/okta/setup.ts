import { onTestFinished } from 'vitest';
import { createOktaDirectory, type OktaOptions } from '../../../lambda/services/okta/directory.ts';
import type { Directory } from '../../../lambda/ports.ts';
import { HeldClock } from '../../time/clock.ts';
import { type OktaEmulator, type OktaOptions as EmulatorOptions, startOkta } from '../../emulators/index.ts';
import { keepDiscreet } from '../../discretion.ts';

export { errorOf } from '../../discretion.ts';

/** An emulated org that ends with the test. */
export async function anOrg(options: EmulatorOptions = {}): Promise<OktaEmulator> {
  const okta = await startOkta({ clock: new HeldClock(), ...options });
  onTestFinished(() => okta.close());
  keepDiscreet(okta);
  return okta;
}

/** What a directory on this org is made with, unless a test says otherwise: its API token, its time and all its groups. */
export function optionsFor(okta: OktaEmulator, changes: Partial<OktaOptions> = {}): OktaOptions {
  return {
    orgUrl: okta.url,
    credentials: { apiToken: okta.credentials.apiToken },
    selection: { all: true },
    requestsPerMinute: 10_000,
    clock: okta.clock,
    random: () => 0,
    ...changes,
  };
}

export function aDirectory(okta: OktaEmulator, changes: Partial<OktaOptions> = {}): Directory {
  return createOktaDirectory(optionsFor(okta, changes));
}
