import manifest from '../package.json' with { type: 'json' };
import { createOktaPeople } from './services/okta/directory-people.ts';
import { Pace } from './services/okta/pace.ts';
import { secodaAdder, secodaInviter, secodaWriter } from './services/secoda/writer.ts';
import {
  createOktaDirectory,
  oktaGroupsLike,
  oktaGroupsNamed,
  type OktaOptions,
} from './services/okta/directory.ts';
import { interruptible, interruptibleClock } from './services/clock.ts';
import { secodaBaseUrl, SecodaConnection, type SecodaOptions } from './services/secoda/connection.ts';
import { PageSizes } from './services/secoda/learned-habits.ts';
import { secodaWorkspace } from './services/secoda/workspace.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from './services/http/send.ts';
import type { Archive, Clock, Leases, Listener, Workflow } from './ports.ts';
import type { Lookup } from './commands/explain.ts';
import type { Origin } from './core/model/request.ts';
import { fingerprint } from './core/model/text.ts';
import { directWorkflow, memoryCheckpoints } from './run/workflow.ts';
import type { Checkpoints } from './run/checkpoints.ts';
import { rulesOf, type Settings, toJson } from './settings.ts';
import { nextRun } from './settings/schedule.ts';
import type { AddingTask, ApplyTask, RunContext, Sources } from './run/context.ts';
import { holderHere, mayBeAlive } from './services/store/lock.ts';
import type { Holder } from './archive/lease/lease-file.ts';
import { pageSizesIn } from './archive/complete-run.ts';
import { createLeases } from './archive/lease/leases.ts';

/** What reaches the two services. Nothing that can write is ever handed to a dry run. */
export interface Edges
  extends
    Pick<Sources, 'directory' | 'workspace' | 'people'>,
    Pick<ApplyTask, 'writer' | 'inviter'>,
    Pick<AddingTask, 'adder'> {
  readonly lookup: Lookup;
}

/** Where a run takes place, and who listens. */
interface Surroundings {
  readonly settings: Settings;
  readonly archive: Archive;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly listen: Listener;
  /** Where the run comes from. */
  readonly origin: Omit<Origin, 'version' | 'config'>;
  readonly timeouts?: Timeouts;
  /** Aborted when somebody interrupts the run; never unless given. */
  readonly interrupted?: AbortSignal | undefined;
  /** How the run goes on from step to step; within this process unless given. */
  readonly workflow?: Workflow;
  readonly checkpoints?: Checkpoints;
  /** Who is at work; this process unless given. */
  readonly holder?: (runId: string) => Holder;
}

/** The parts of a run, put together. */
export type Composition = ReturnType<typeof compose>;

const NEVER = new AbortController().signal;

/** Puts the product together from its parts. The entries differ only in what they bring along. */
export function compose(surroundings: Surroundings, edges: Edges) {
  const { settings, archive, listen, timeouts = DEFAULT_TIMEOUTS, interrupted = NEVER } = surroundings;
  const config = toJson(settings);
  const { shortCutsFrom, fullReadDays, orgUrl } = settings.okta;
  const clock = interruptibleClock(surroundings.clock, interrupted);
  const context: RunContext = {
    sources: {
      directory: interruptible(edges.directory, interrupted),
      workspace: interruptible(edges.workspace, interrupted),
      people: interruptible(edges.people, interrupted),
      clock,
      listen,
    },
    interrupted,
    archive,
    workflow: surroundings.workflow ?? directWorkflow(clock, listen),
    checkpoints: surroundings.checkpoints ?? memoryCheckpoints(),
    rules: rulesOf(settings),
    guard: settings.guard,
    shortCuts: { from: shortCutsFrom, fullReadDays, org: orgUrl },
    snapshots: { keep: settings.archive.snapshots, config },
    origin: { ...surroundings.origin, version: VERSION, config: fingerprint(config) },
    nextRunAt: nextRun(settings.schedule, clock.now()),
    holder: surroundings.holder ?? holderHere,
    mayBeAlive,
  };
  const leasesOf = (runId: string): Leases =>
    createLeases({
      ...{ archive, clock, listen, interrupted, mayBeAlive, holder: context.holder(runId) },
      writesPerMinute: settings.secoda.writesPerMinute,
      requestMs: timeouts.headersMs + timeouts.bodyMs,
    });
  return {
    context,
    /** What a writing run needs; never made for a dry run. */
    writing: (runId: string) => ({ writer: edges.writer, inviter: edges.inviter, leases: leasesOf(runId) }),
    /** What an onboarding needs; it is given no writer. */
    onboarding: (runId: string) => ({ adder: edges.adder, inviter: edges.inviter, leases: leasesOf(runId) }),
  };
}

type ServiceSurroundings = Pick<Surroundings, 'settings' | 'clock' | 'random'> &
  Partial<Pick<Surroundings, 'listen' | 'archive'>> &
  Pick<SecodaOptions, 'holdMs' | 'pageSizes'>;

/** How large pages of Secoda's lists are asked for, as the archive has it from run to run. */
export function pageSizesOf({ archive, settings }: Pick<Surroundings, 'archive' | 'settings'>): PageSizes {
  return new PageSizes(pageSizesIn(archive, settings.name));
}

/** The options of both services' edges. `listen` hears what they wait for; `archive` keeps what is learned of their habits. */
export function serviceOptions(
  { settings, clock, random, listen, holdMs, archive, pageSizes }: ServiceSurroundings,
  credentials: { readonly okta: OktaOptions['credentials']; readonly secoda: Pick<SecodaOptions, 'apiKey'> },
): { readonly okta: OktaOptions; readonly secoda: SecodaOptions } {
  const { orgUrl, selection, requestsPerMinute } = settings.okta;
  return {
    okta: {
      ...{ orgUrl, selection, requestsPerMinute, clock, random, holdMs },
      // Whatever asks Okta shares one pace.
      pace: new Pace(clock, requestsPerMinute),
      credentials: credentials.okta,
      onProgress: ({ ms, reason }) => listen?.({ kind: 'waiting', ms, reason: `okta-${reason}` }),
    },
    secoda: {
      baseUrl: secodaBaseUrl(settings.secoda.place),
      ...credentials.secoda,
      pageSizes: pageSizes ?? (archive && pageSizesOf({ archive, settings })),
      ...{ clock, random, holdMs },
      onProgress: ({ ms, reason }) => listen?.({ kind: 'waiting', ms, reason: `secoda-${reason}` }),
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
    lookup: {
      named: (text) => oktaGroupsNamed(okta, text),
      like: (text) => oktaGroupsLike(okta, text),
    },
    writer: secodaWriter(connection),
    adder: secodaAdder(connection),
    inviter: secodaInviter(connection),
  };
}

/** Of this software. */
export const VERSION = manifest.version;
