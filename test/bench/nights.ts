import { leastReads, windowsMs } from './bounds.ts';
import type { HeldClock } from '../time/clock.ts';
import { type Contender, type Measured, openScenario } from './scenario.ts';
import { type Scenario, SCENARIOS, World, type WorldSize } from './world.ts';

/** What the sync takes of Okta's 600 a minute, and of Secoda's writes, unless configured otherwise. */
const READS_PER_MINUTE = 240;
const WRITES_PER_MINUTE = 30;
const DAY_MS = 24 * 60 * 60_000;

export interface Night extends Measured {
  readonly scenario: Scenario;
  readonly contender: Contender;
  readonly size: WorldSize;
  readonly leastReads: number;
  readonly leastWrites: number;
  /** The time that Okta's and Secoda's rate limits cost alone. */
  readonly boundMs: number;
  /** Groups that Secoda shows as Okta has them, at the end. */
  readonly right: number;
  /** Groups in Secoda that nobody asked for. */
  readonly spare: number;
}

/** Plays all scenarios on one world, a day apart from each other. */
export async function playNights(size: WorldSize, contender: Contender, clock: HeldClock): Promise<Night[]> {
  const org = await openScenario({ clock });
  try {
    const world = new World(org, size);
    clock.advance(DAY_MS);
    const nights: Night[] = [];
    for (const scenario of SCENARIOS) {
      const leastWrites = world.play(scenario);
      clock.advance(DAY_MS);
      const measured = await org.run(contender, 'apply');
      if (measured.code !== 0) {
        throw new Error(`${contender}, ${scenario}: exit code ${measured.code}\n${measured.said}`);
      }
      const reads = leastReads(org.okta);
      const boundMs = windowsMs(reads, READS_PER_MINUTE) + windowsMs(leastWrites, WRITES_PER_MINUTE);
      nights.push({
        ...measured,
        ...world.compared(),
        ...{ scenario, contender, size, leastReads: reads, leastWrites, boundMs },
      });
    }
    return nights;
  } finally {
    await org.close();
  }
}

/** All runs of one night by one of the two. */
export function nightsOf(
  nights: readonly Night[],
  size: WorldSize,
  scenario: Scenario,
  contender: Contender,
): readonly Night[] {
  return nights.filter(
    (night) =>
      night.size.groups === size.groups && night.scenario === scenario && night.contender === contender,
  );
}
