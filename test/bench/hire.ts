import { HeldClock } from '../time/clock.ts';
import { type Measured, openScenario } from './scenario.ts';
import { World, type WorldSize } from './world.ts';

/** How long a real service takes for an answer. */
const LATENCY_MS = 250;

export interface Hire extends Measured {
  readonly size: WorldSize;
  /** From the command to the last of the writes that give access. */
  readonly accessMs: number;
}

/** After a complete run, somebody is hired into three groups and onboarded. */
export async function playHire(size: WorldSize): Promise<Hire> {
  const clock = new HeldClock();
  const [okta, secoda] = [{ latencyMs: LATENCY_MS, groupsPerMinute: 10_000_000 }, { latencyMs: LATENCY_MS }];
  const scenario = await openScenario({ clock, okta, secoda });
  try {
    const world = new World(scenario, size);
    world.mirror();
    // Groups that changed while they were listed could have changed since, too.
    clock.advance(86_400_000);
    await scenario.run('sync', 'apply');
    const email = 'hire@example.com';
    const { okta: org, secoda: workspace } = scenario;
    const hire = org.state.addUser({ email });
    workspace.state.addUser({ email });
    for (const group of [...org.state.groups.values()].slice(0, 3)) org.state.join(hire, group);
    clock.advance(3_600_000);
    const from = clock.now();
    const measured = await scenario.run('sync', 'onboard', email);
    if (measured.code !== 0) throw new Error(`exit code ${measured.code}\n${measured.said}`);
    return { ...measured, size, accessMs: (workspace.state.writes.at(-1)?.at ?? Number.NaN) - from };
  } finally {
    await scenario.close();
  }
}
