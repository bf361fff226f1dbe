import { createHash } from 'node:crypto';
import { createOktaDirectory, type OktaOptions } from './edges/okta/directory.ts';
import { SecodaConnection, type SecodaOptions } from './edges/secoda/connection.ts';
import { secodaBaseUrl } from './edges/secoda/regions.ts';
import { secodaWorkspace } from './edges/secoda/workspace.ts';
import { secodaWriter } from './edges/secoda/writer.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from './edges/http/send.ts';
import type { Archive, Clock, Listener, Turns, WorkspaceWriter } from './ports.ts';
import { rulesOf, type Settings } from './settings.ts';
import type { Credentials } from './settings/credentials.ts';
import { nextRun } from './settings/schedule/next-run.ts';
import type { World } from './sync.ts';
import { holderHere, mayBeAlive } from './turn/holder.ts';
import { createTurns } from './turn/turns.ts';

/** What an entry brings along: where it runs, and who listens. */
export interface Surroundings {
  readonly settings: Settings;
  readonly credentials: Credentials;
  readonly archive: Archive;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly listen: Listener;
  readonly timeouts?: Timeouts;
}

export interface Composition {
  readonly world: World;
  readonly okta: OktaOptions;
  readonly secoda: SecodaOptions;
  /** Makes what a writing run needs; never called for a dry run. */
  readonly writing: (runId: string) => { readonly writer: WorkspaceWriter; readonly turns: Turns };
}

/** Puts the product together from its parts. The entries differ only in what they bring along. */
export function compose(surroundings: Surroundings): Composition {
  const { settings, credentials, archive, clock, random, listen, timeouts = DEFAULT_TIMEOUTS } = surroundings;
  const okta: OktaOptions = {
    orgUrl: settings.okta.orgUrl,
    credentials: credentials.okta,
    selection: settings.okta.selection,
    requestsPerMinute: settings.okta.requestsPerMinute,
    clock,
    random,
  };
  const secoda: SecodaOptions = {
    baseUrl: secodaBaseUrl(settings.secoda.place),
    ...credentials.secoda,
    clock,
    random,
  };
  const connection = new SecodaConnection(secoda);
  return {
    okta,
    secoda,
    world: {
      sources: {
        directory: createOktaDirectory(okta),
        workspace: secodaWorkspace(connection),
        clock,
        listen,
      },
      archive,
      rules: rulesOf(settings),
      guard: settings.guard,
      fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
      nextRunAt: nextRun(settings.schedule, clock.now()),
    },
    writing: (runId) => ({
      writer: secodaWriter(connection),
      turns: createTurns({
        archive,
        clock,
        listen,
        holder: holderHere(runId),
        mayBeAlive,
        writesPerMinute: settings.secoda.writesPerMinute,
        requestMs: timeouts.headersMs + timeouts.bodyMs,
      }),
    }),
  };
}

/** A run's name: when it began, to the second, and something to tell it from another of that second. */
export function runIdAt(now: number, random: () => number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const tail = Math.floor(random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');
  return `${stamp}-${tail}`;
}
