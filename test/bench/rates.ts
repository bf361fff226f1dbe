import { HeldClock } from '../time/clock.ts';
import { openScenario, type Scenario } from './scenario.ts';
import { World } from './world.ts';

/** How much of an allowed rate was used while there was work: 1 is all of it. */
export interface Rate {
  readonly what: string;
  readonly requests: number;
  readonly perMinute: number;
  /** From the first of these requests to the first of the last window. */
  readonly ms: number;
  readonly used: number;
  /** 429 answers that the sync met. */
  readonly throttled: number;
}

const WRITES_PER_MINUTE = 30;
/** How long a real service takes for an answer. */
const LATENCY_MS = 250;

export interface RateOptions {
  readonly groups: number;
  readonly changes: number;
}

/** Reads the members of many groups at a rate that lets them through in a few minutes. */
export async function readingRate({ groups }: Pick<RateOptions, 'groups'>): Promise<Rate> {
  const perMinute = 300;
  const config = { okta: { requestsPerMinute: perMinute } };
  const scenario = await openScenario({ clock: new HeldClock(), config, okta: { latencyMs: LATENCY_MS } });
  try {
    new World(scenario, { groups, people: groups, members: 5 });
    const { oktaThrottled } = await checked(scenario, 'plan');
    return rateOf('Okta: reading', timesOf(scenario.okta), perMinute, oktaThrottled);
  } finally {
    await scenario.close();
  }
}

/** Changes some of very many groups, all of which Secoda lists before each slice. */
export async function writingRate({ groups, changes }: RateOptions): Promise<Rate> {
  const scenario = await writingStage(groups, changes);
  try {
    const { secodaThrottled } = await checked(scenario, 'apply');
    return rateOf('Secoda: writing', writesOf(scenario), WRITES_PER_MINUTE, secodaThrottled);
  } finally {
    await scenario.close();
  }
}

/** Another user of the same key writes ten times a minute, for the first minutes: how it goes meanwhile, and after. */
export async function sharedRate({ groups, changes }: RateOptions): Promise<readonly Rate[]> {
  const scenario = await writingStage(groups, changes);
  const others: number[] = [];
  let refused = 0;
  const stop = new AbortController();
  try {
    const { clock, secoda } = scenario;
    const meddle = async () => {
      while (secoda.state.writes.length === 0) await clock.sleep(1_000, stop.signal);
      for (const until = clock.now() + 3 * 60_000; clock.now() < until;) {
        if (await writeElsewhere(scenario)) others.push(clock.now());
        else refused += 1;
        await clock.sleep(6_000, stop.signal);
      }
    };
    const meddling = meddle().catch(() => undefined);
    const { secodaThrottled } = await checked(scenario, 'apply');
    stop.abort();
    await meddling;
    const gone = (others.at(-1) ?? 0) + 60_000;
    const all = [...writesOf(scenario), ...others];
    const [during, after] = [all.filter((at) => at < gone), all.filter((at) => at >= gone)];
    return [
      rateOf('Secoda: two writers together', during, WRITES_PER_MINUTE, secodaThrottled - refused),
      rateOf('Secoda: after the other stopped', after, WRITES_PER_MINUTE, 0),
    ];
  } finally {
    stop.abort();
    await scenario.close();
  }
}

async function writingStage(groups: number, changes: number): Promise<Scenario> {
  const okta = { requestsPerMinute: 100_000 };
  const scenario = await openScenario({
    clock: new HeldClock(),
    config: { okta },
    okta: { groupsPerMinute: 1_000_000 },
    secoda: { latencyMs: LATENCY_MS },
  });
  const world = new World(scenario, { groups, people: 200, members: 2 });
  world.mirror();
  world.join(changes);
  return scenario;
}

async function writeElsewhere({ secoda }: Scenario): Promise<boolean> {
  const response = await fetch(`${secoda.url}/api/v1/auth/group`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secoda.credentials.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Somebody else’s', users: [] }),
  });
  await response.arrayBuffer();
  return response.ok;
}

async function checked(scenario: Scenario, command: string) {
  const measured = await scenario.run('sync', command);
  if (measured.code !== 0) throw new Error(`exit code ${measured.code}\n${measured.said}`);
  return measured;
}

const timesOf = ({ requests }: Scenario['okta']) => requests.map(({ at }) => at);

const writesOf = ({ secoda }: Scenario) =>
  secoda.state.writes.filter(({ method }) => method === 'PATCH').map(({ at }) => at);

/**
 * A sliding window lets the first requests of each minute through at once: at best the first of the last window goes out
 * just as many minutes after the first of all as there are full windows between them.
 */
function rateOf(what: string, times: readonly number[], perMinute: number, throttled: number): Rate {
  const sorted = times.toSorted((a, b) => a - b);
  const windows = Math.ceil(sorted.length / perMinute) - 1;
  const ms = (sorted[windows * perMinute] ?? Number.NaN) - (sorted[0] ?? Number.NaN);
  return { what, requests: times.length, perMinute, ms, used: (windows * 60_000) / ms, throttled };
}
