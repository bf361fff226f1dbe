/** A run of which all is noted that it does in steps, rests from, tells and keeps for itself. */
import { compose, openEdges, serviceOptions } from '../../lambda/compose.ts';
import type { Archive, CheckpointStore, RunEvent, Workflow } from '../../lambda/ports.ts';
import type { Checkpoints } from '../../lambda/run/checkpoints.ts';
import type { ApplyTask, Ending, OnboardTask, RunEnd } from '../../lambda/run/context.ts';
import { runOnboard } from '../../lambda/run/onboarding/onboard.ts';
import { runSync } from '../../lambda/run/run.ts';
import { memoryCheckpoints } from '../../lambda/run/workflow.ts';
import { parseSettings } from '../../lambda/settings.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import { ORIGIN } from '../core/requested.ts';
import { brief } from '../core/world.ts';
import type { OktaUser, SecodaUser } from '../emulators/index.ts';
import { markerOf } from './small-world.ts';
import type { Scenario } from './scenario.ts';

const RUN_ID = '20260102T030405Z-1a2b3c4d';

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

/** An apply of everything. `asked`: what else is asked for. */
export async function recordedApply(
  stand: Scenario,
  config: object = {},
  archive: Archive = memoryArchive(),
  asked: Partial<Pick<ApplyTask, 'groups' | 'confirm'>> = {},
): Promise<Recorded> {
  const { context, writing, ending, noted } = recorder(stand, config, archive);
  const about = { runId: RUN_ID, groups: [], hints: null, full: false, approve: null, ...asked };
  const end = await runSync({ ...about, mode: 'apply', ...writing(RUN_ID) }, { ...context, ...ending });
  return { end, ...noted };
}

/** An onboarding of these people. `asked`: what else is asked for. */
export async function recordedOnboarding(
  stand: Scenario,
  emails: readonly string[],
  config: object = {},
  archive: Archive = memoryArchive(),
  {
    usage = 'report',
    ...asked
  }: Pick<OnboardTask, 'inviteAgain' | 'approve'> & { usage?: Ending['usage'] } = {},
): Promise<Recorded> {
  const { context, onboarding, ending, noted } = recorder(stand, config, archive);
  const task = { runId: RUN_ID, emails, mode: 'onboard', ...asked, ...onboarding(RUN_ID) } as const;
  const end = await runOnboard(task, { ...context, ...ending, usage });
  return { end, ...noted };
}

/** Two groups that are mirrored, and one that is gone; somebody has left one of them, somebody joins it, and somebody has no account. */
export function company({ okta, secoda }: Scenario, { everybody = false } = {}) {
  const person = (id: string) => okta.state.addUser({ id: `00u-${id}`, email: `${id}@acme.com` });
  const [ann, bea, cid] = [person('ann'), person('bea'), person('cid')];
  const user = (id: string) => secoda.state.addUser({ id: `u-${id}`, email: `${id}@acme.com` });
  const accounts = { ann: user('ann'), bea: user('bea') };
  if (everybody) user('cid');
  const mirrored = (id: string, name: string, members: OktaUser[], users: SecodaUser[]) => {
    const group = okta.state.addGroup({ id: `00g-${id}`, name, members });
    const mirror = secoda.state.addGroup({ id: `s-${id}`, name, description: markerOf(group), users });
    return { group, mirror };
  };
  const a = mirrored('a', 'A', [ann, cid], [accounts.bea]);
  const b = mirrored('b', 'B', [ann], [accounts.ann]);
  okta.state.removeGroup(mirrored('c', 'C', [], [accounts.bea]).group);
  return { accounts, groups: { a: a.mirror, b: b.mirror }, joined: () => okta.state.join(bea, b.group) };
}
export const INVITING = { users: { invite: { role: 'viewer' } } };

/** In a line each, with names for what differs from run to run, so that a whole run can be compared. */
export const lines = (pairs: Iterable<readonly [string, unknown]>) =>
  Array.from(pairs, ([name, what]) =>
    `${name} ${JSON.stringify(what, plain)}`
      .replaceAll(/\{"key":"([^"]*)","version":null\}/g, '<$1>')
      .replaceAll(/[0-9a-f]{64}/g, 'HASH')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST'),
  );
const plain = (_: string, value: unknown) => (value instanceof Map ? [...value] : value);

/** What was told, without the changes themselves. */
export const heard = (told: readonly RunEvent[]) =>
  told.map((event) => {
    if (event.kind === 'planned') return 'planned';
    if (event.kind !== 'outcome') return Object.values(event).join(' ');
    return `${event.kind} ${brief(event.change)}: ${event.outcome.outcome} ${event.done} ${event.total}`;
  });
