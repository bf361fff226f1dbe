import { createHash } from 'node:crypto';
import { createOktaPeople } from './edges/okta/directory-people.ts';
import { Pace } from './edges/okta/pace.ts';
import { secodaAdder } from './edges/secoda/adder.ts';
import type { OnboardWorld } from './run/onboarding/onboard.ts';
import { createOktaDirectory, type OktaOptions } from './edges/okta/directory.ts';
import { SecodaConnection, type SecodaOptions } from './edges/secoda/connection.ts';
import { secodaInviter } from './edges/secoda/inviter.ts';
import { secodaBaseUrl } from './edges/secoda/regions.ts';
import { secodaWorkspace } from './edges/secoda/workspace.ts';
import { secodaWriter } from './edges/secoda/writer.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from './edges/http/send.ts';
import type {
  Adder,
  Archive,
  Clock,
  Directory,
  Inviter,
  Journey,
  Listener,
  People,
  Turns,
  Workspace,
  WorkspaceWriter,
} from './ports.ts';
import type { Fingerprint } from './core/model.ts';
import { directJourney } from './run/direct-journey.ts';
import type { Drawers } from './run/kept.ts';
import { memoryDrawers } from './run/memory-drawer.ts';
import { rulesOf, type Settings } from './settings.ts';
import type { Credentials } from './settings/credentials.ts';
import { nextRun } from './settings/schedule/next-run.ts';
import type { World } from './sync.ts';
import { holderHere, mayBeAlive } from './turn/holder.ts';
import type { Holder } from './turn/turn-file.ts';
import { createTurns } from './turn/turns.ts';

/** What reaches the two services. */
export interface Edges {
  readonly directory: Directory;
  readonly workspace: Workspace;
  /** Single people of the directory. */
  readonly people: People;
  /** Never handed to a dry run. */
  readonly writer: WorkspaceWriter;
  /** All that an onboarding can change. */
  readonly adder: Adder;
  /** Invites people into the workspace. Never handed to a dry run either. */
  readonly inviter: Inviter;
}

/** Where a run takes place, and who listens. */
export interface Surroundings {
  readonly settings: Settings;
  readonly archive: Archive;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly listen: Listener;
  readonly timeouts?: Timeouts;
  /** How the run goes on from step to step; within this process unless given. */
  readonly journey?: Journey;
  readonly drawers?: Drawers;
  /** Who a turn is noted for; this process unless given. */
  readonly holder?: (runId: string) => Holder;
}

/** The parts of a run, put together. */
export interface Composition {
  /** All but what becomes of the end. */
  readonly world: Omit<World, 'finished' | 'usage'>;
  /** Makes what a writing run needs; never called for a dry run. */
  readonly writing: (runId: string) => {
    readonly writer: WorkspaceWriter;
    readonly inviter: Inviter;
    readonly turns: Turns;
  };
  /** Makes what an onboarding needs; it is given no writer. */
  readonly onboarding: (runId: string) => OnboardWorld;
}

/** Puts the product together from its parts. The entries differ only in what they bring along. */
export function compose(surroundings: Surroundings, edges: Edges): Composition {
  const { settings, archive, clock, listen, timeouts = DEFAULT_TIMEOUTS } = surroundings;
  const world = {
    sources: {
      directory: edges.directory,
      workspace: edges.workspace,
      people: edges.people,
      clock,
      listen,
    },
    archive,
    journey: surroundings.journey ?? directJourney(clock, listen),
    drawers: surroundings.drawers ?? memoryDrawers(),
    rules: rulesOf(settings),
    guard: settings.guard,
    shortCuts: {
      from: settings.okta.shortCutsFrom,
      fullReadDays: settings.okta.fullReadDays,
      org: settings.okta.orgUrl,
    },
    fingerprint,
    nextRunAt: nextRun(settings.schedule, clock.now()),
  };
  const turnsOf = (runId: string): Turns =>
    createTurns({
      archive,
      clock,
      listen,
      holder: (surroundings.holder ?? holderHere)(runId),
      mayBeAlive,
      writesPerMinute: settings.secoda.writesPerMinute,
      requestMs: timeouts.headersMs + timeouts.bodyMs,
    });
  return {
    world,
    writing: (runId) => ({ writer: edges.writer, inviter: edges.inviter, turns: turnsOf(runId) }),
    onboarding: (runId) => ({
      ...world,
      people: edges.people,
      adder: edges.adder,
      inviter: edges.inviter,
      turns: turnsOf(runId),
    }),
  };
}

type ServiceSurroundings = Pick<Surroundings, 'settings' | 'clock' | 'random'> &
  Partial<Pick<Surroundings, 'listen'>>;

/** The options of both services' edges, as `doctor` needs them too. `listen` hears what they wait for. */
export function serviceOptions(
  { settings, clock, random, listen }: ServiceSurroundings,
  credentials: Credentials,
): { readonly okta: OktaOptions; readonly secoda: SecodaOptions } {
  return {
    okta: {
      orgUrl: settings.okta.orgUrl,
      // Whatever asks Okta shares one pace.
      pace: new Pace(clock, settings.okta.requestsPerMinute),
      credentials: credentials.okta,
      selection: settings.okta.selection,
      requestsPerMinute: settings.okta.requestsPerMinute,
      clock,
      random,
      onProgress: (progress) => {
        if (progress.kind === 'wait')
          listen?.({ kind: 'waiting', ms: progress.ms, reason: `okta-${progress.reason}` });
      },
    },
    secoda: {
      baseUrl: secodaBaseUrl(settings.secoda.place),
      ...credentials.secoda,
      clock,
      random,
      onProgress: (progress) => {
        if (progress.kind === 'wait')
          listen?.({ kind: 'waiting', ms: progress.ms, reason: `secoda-${progress.reason}` });
      },
    },
  };
}

/** The real services, over one connection to each. Nothing is sent yet. */
export function openEdges({ okta, secoda }: ReturnType<typeof serviceOptions>): Edges {
  const connection = new SecodaConnection(secoda);
  return {
    directory: createOktaDirectory(okta),
    workspace: secodaWorkspace(connection),
    people: createOktaPeople(okta),
    writer: secodaWriter(connection),
    adder: secodaAdder(connection),
    inviter: secodaInviter(connection),
  };
}

/** SHA-256 in hexadecimal. */
export const fingerprint: Fingerprint = (text) => createHash('sha256').update(text).digest('hex');
