import { type SmallWorld, smallWorld } from '../small-world.ts';
import { type Scenario, type ScenarioOptions, scenario } from '../scenario.ts';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

/** A world whose groups have been read and need not be read again, with short cuts from the first group on. */
export async function quietNight(options: ScenarioOptions = {}): Promise<Night> {
  const stand = await scenario(options);
  const configure = (more: object = {}, okta: object = {}) =>
    stand.configure({
      okta: { orgUrl: stand.okta.url, groups: { all: true }, shortCutsFrom: 1, ...okta },
      guard: { minimumGroups: 0 },
      ...more,
    });
  await configure();
  const world = smallWorld(stand);
  // Old enough to be believed, and the time of their last change is not that of the first run.
  stand.jump(DAY);
  await stand.report('apply');
  stand.jump(DAY);
  return { stand, world, configure, reads: () => memberReads(stand) };
}

export interface Night {
  readonly stand: Scenario;
  readonly world: SmallWorld;
  readonly configure: (more?: object, okta?: object) => Promise<void>;
  /** Names of the groups whose members were read since this was asked last. */
  readonly reads: () => string[];
}

const seen = new WeakMap<Scenario, number>();

function memberReads(stand: Scenario): string[] {
  const { requests, state } = stand.okta;
  const fresh = requests.slice(seen.get(stand) ?? 0);
  seen.set(stand, requests.length);
  const read = fresh.filter(({ route }) => route === 'okta.group.users');
  const names = read.map(({ path }) => state.groups.get(path.split('/')[4] ?? '')?.name ?? path);
  return [...new Set(names)].sort();
}

/** First of the three groups, its people and their accounts. */
export function parts({ people, accounts, pairs }: SmallWorld) {
  const [person] = people;
  const [account] = accounts;
  const [pair] = pairs;
  if (!person || !account || !pair) throw new Error('empty world');
  return { person, account, group: pair.okta, mirror: pair.secoda };
}
