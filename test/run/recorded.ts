/** A run of which all is noted that it does in steps, rests from, tells and keeps for itself. */
import { compose, openEdges, serviceOptions } from '../../lambda/compose.ts';
import type { Archive, CheckpointStore, RunEvent, Workflow } from '../../lambda/ports.ts';
import type { Checkpoints } from '../../lambda/run/checkpoints.ts';
import type { OnboardTask, RunEnd } from '../../lambda/run/context.ts';
import { runOnboard } from '../../lambda/run/onboarding/onboard.ts';
import { runSync } from '../../lambda/run/run.ts';
import { memoryCheckpoints } from '../../lambda/run/workflow.ts';
import { parseSettings } from '../../lambda/settings.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import { ORIGIN } from '../core/requested.ts';
import type { Scenario } from './scenario.ts';

export const RUN_ID = '20260102T030405Z-1a2b3c4d';

export interface Recorded {
  readonly end: RunEnd;
  /** Steps with what they returned, and rests and waits with their milliseconds. */
  readonly course: readonly (readonly [name: string, what: unknown])[];
  readonly told: readonly RunEvent[];
  /** What was kept between the steps, by its key. */
  readonly kept: ReadonlyMap<string, unknown>;
  readonly reports: readonly object[];
}

/** The parts of a run that notes all of this. `config`: beside the two addresses. */
function recorder({ okta, secoda, clock }: Scenario, config: object, archive: Archive) {
  const course: [string, unknown][] = [];
  const told: RunEvent[] = [];
  const kept = new Map<string, unknown>();
  const reports: object[] = [];
  const pause = (name: string, ms: number | undefined): Promise<void> =>
    Promise.resolve(void course.push([name, ms]));
  const workflow: Workflow = {
    async step<T>(name: string, work: () => Promise<T>): Promise<T> {
      const text = JSON.stringify(await work());
      course.push([name, JSON.parse(text)]);
      return JSON.parse(text) as T;
    },
    wait: pause,
    rest: pause,
  };
  const noting = <T>(store: CheckpointStore<T>): CheckpointStore<T> => ({
    ...store,
    put(key, content) {
      kept.set(key, content);
      return store.put(key, content);
    },
  });
  const stores = memoryCheckpoints();
  const checkpoints: Checkpoints = {
    listing: noting(stores.listing),
    users: noting(stores.users),
    members: noting(stores.members),
    plan: noting(stores.plan),
    slice: noting(stores.slice),
    slices: noting(stores.slices),
    written: noting(stores.written),
    onboarding: noting(stores.onboarding),
    isRetry: (name) => stores.isRetry(name),
  };
  const settings = parseSettings({
    okta: { orgUrl: okta.url, groups: { all: true } },
    secoda: { url: secoda.url },
    ...config,
  });
  const listen = (event: RunEvent): void => void told.push(event);
  const parts = {
    settings,
    archive,
    clock,
    random: () => 0.5,
    listen,
    origin: ORIGIN,
    workflow,
    checkpoints,
  };
  const credentials = {
    okta: { apiToken: okta.credentials.apiToken },
    secoda: { apiKey: secoda.credentials.apiKey },
  };
  const composition = compose(parts, openEdges(serviceOptions(parts, credentials)));
  const ending = {
    usage: 'report',
    finished: (report: object) => Promise.resolve(void reports.push(report)),
  } as const;
  return { ...composition, ending, noted: { course, told, kept, reports } };
}

/** An apply of everything. */
export async function recordedApply(
  stand: Scenario,
  config: object = {},
  archive: Archive = memoryArchive(),
): Promise<Recorded> {
  const { context, writing, ending, noted } = recorder(stand, config, archive);
  const about = { runId: RUN_ID, groups: [], hints: null, full: false, approve: null };
  const end = await runSync({ ...about, mode: 'apply', ...writing(RUN_ID) }, { ...context, ...ending });
  return { end, ...noted };
}

/** An onboarding of these people. `asked`: what else is asked for. */
export async function recordedOnboarding(
  stand: Scenario,
  emails: readonly string[],
  config: object = {},
  archive: Archive = memoryArchive(),
  asked: Pick<OnboardTask, 'inviteAgain' | 'approve'> = {},
): Promise<Recorded> {
  const { context, onboarding, ending, noted } = recorder(stand, config, archive);
  const task = { runId: RUN_ID, emails, mode: 'onboard', ...asked, ...onboarding(RUN_ID) } as const;
  const end = await runOnboard(task, { ...context, ...ending });
  return { end, ...noted };
}
