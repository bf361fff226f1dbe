import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { HeldClock } from '../time/clock.ts';
import { NODE_OPTIONS } from './launch.ts';
import { openScenario } from './scenario.ts';
import { World, type WorldSize } from './world.ts';

/** What it takes to list all groups of Secoda again and again in a run. */
export interface Lists {
  readonly size: WorldSize;
  readonly writes: number;
  /** Before each slice, and a last one: that which the plan rests on does not count. */
  readonly lists: number;
  /** User and system time of one list, the median of many in one process. */
  readonly listMs: number;
  /** User and system time of the whole run. */
  readonly runMs: number;
}

/** The part of the run's CPU that the lists took. */
export function shareOf({ lists, listMs, runMs }: Lists): number {
  return (lists * listMs) / runMs;
}

/** Lists a workspace alone, in a process of its own; then lets the sync write some of its groups. */
export async function measureLists(size: WorldSize, changes: number, times: number): Promise<Lists> {
  const clock = new HeldClock();
  const config = { okta: { requestsPerMinute: 100_000 } };
  const scenario = await openScenario({ clock, config, okta: { groupsPerMinute: 1_000_000 } });
  try {
    const world = new World(scenario, size);
    world.mirror();
    world.join(changes);
    const { secoda } = scenario;
    const child = fileURLToPath(new URL('./lists-child.ts', import.meta.url));
    const args = [...NODE_OPTIONS, child, secoda.url, secoda.credentials.apiKey, String(times)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const before = secoda.requests.length;
    const run = await scenario.run('sync', 'apply');
    const firstPages = secoda.requests
      .slice(before)
      .filter(({ route, query }) => route === 'secoda.group.list' && (query['page'] ?? '1') === '1');
    const lists = firstPages.length - 1;
    return {
      size,
      writes: run.secodaWrites,
      lists,
      listMs: z.coerce.number().parse(stdout),
      runMs: run.cpuMs,
    };
  } finally {
    await scenario.close();
  }
}
