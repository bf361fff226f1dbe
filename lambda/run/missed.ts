import type { Plan } from '../core/change.ts';
import { byText } from '../core/order.ts';
import type { Memory } from '../core/memory.ts';
import { type Learned, mergeMemory, readMemory } from '../memory-file.ts';
import type { Archive } from '../ports.ts';
import type { MemoryKeeper } from './writing-step.ts';

/**
 * What one deployment remembers. Several may share an archive: what another wrote is not known to be ours, and what its
 * selection did not list, or its lists left out, says nothing about ours.
 */
export async function memoryOf(archive: Archive, name: string): Promise<Memory> {
  const memory = await readMemory(archive);
  return {
    ...memory,
    groups: new Map([...memory.groups].filter(([, { via = name }]) => via === name)),
    unlistedSince: timesOf(memory.unlistedSince, name),
    doubtedSince: timesOf(memory.doubtedSince, name),
  };
}

/**
 * A complete run that missed an Okta group says so to the next one, which may then take it for gone; and since when a list of
 * members is doubted.
 */
export async function rememberSeen(
  archive: Archive,
  name: string,
  { missed, doubted }: Pick<Plan, 'missed' | 'doubted'>,
  now: number,
): Promise<void> {
  const before = await readMemory(archive);
  const unlistedSince = withTimes(before.unlistedSince, name, missed, now);
  const doubtedSince = withTimes(before.doubtedSince, name, doubted, now);
  if (sameKeys(unlistedSince, before.unlistedSince) && sameKeys(doubtedSince, before.doubtedSince)) return;
  await mergeMemory(archive, { remember: [], forget: [], unlistedSince, doubtedSince });
}

/** The times of this deployment, by Okta id. */
function timesOf(all: ReadonlyMap<string, number>, name: string): ReadonlyMap<string, number> {
  const own = [...all].filter(([key]) => key.startsWith(`${name}/`));
  return new Map(own.map(([key, since]) => [key.slice(name.length + 1), since]));
}

/** All times, with those of this deployment for these ids alone: as they were, or from now on. */
function withTimes(
  all: ReadonlyMap<string, number>,
  name: string,
  ids: readonly string[],
  now: number,
): ReadonlyMap<string, number> {
  const others = [...all].filter(([key]) => !key.startsWith(`${name}/`));
  const ours = ids.map((id) => `${name}/${id}`);
  return new Map([...others, ...ours.map((key) => [key, all.get(key) ?? now] as const)]);
}

function sameKeys(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return [...a.keys()].sort(byText).join() === [...b.keys()].sort(byText).join();
}

/** Where a run looks up and keeps what it learned of groups, slice by slice. */
export function memoryKeeper(archive: Archive, name: string): MemoryKeeper {
  return {
    read: () => memoryOf(archive, name),
    merge: (learned: Learned) => mergeMemory(archive, learned),
  };
}
