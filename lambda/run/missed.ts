import { byText } from '../core/order.ts';
import type { Memory } from '../core/memory.ts';
import { type Learned, mergeMemory, readMemory } from '../memory-file.ts';
import type { Archive } from '../ports.ts';
import type { MemoryKeeper } from './writing-step.ts';

/**
 * What one deployment remembers. Several may share an archive: what another wrote is not known to be ours, and what its
 * selection did not list says nothing about ours.
 */
export async function memoryOf(archive: Archive, name: string): Promise<Memory> {
  const memory = await readMemory(archive);
  const own = [...memory.unlistedSince].filter(([key]) => key.startsWith(`${name}/`));
  return {
    ...memory,
    groups: new Map([...memory.groups].filter(([, { via = name }]) => via === name)),
    unlistedSince: new Map(own.map(([key, since]) => [key.slice(name.length + 1), since])),
  };
}

/** A complete run that missed an Okta group says so to the next one, which may then take it for gone. */
export async function rememberMissed(
  archive: Archive,
  name: string,
  missed: readonly string[],
  now: number,
): Promise<void> {
  const { unlistedSince } = await readMemory(archive);
  const kept = [...unlistedSince].filter(([key]) => !key.startsWith(`${name}/`));
  const ours = missed.map((id) => `${name}/${id}`);
  const since = new Map([...kept, ...ours.map((key) => [key, unlistedSince.get(key) ?? now] as const)]);
  const before = [...unlistedSince.keys()].sort(byText).join();
  if ([...since.keys()].sort(byText).join() === before) return;
  await mergeMemory(archive, { remember: [], forget: [], unlistedSince: since });
}

/** Where a run looks up and keeps what it learned of groups, slice by slice. */
export function memoryKeeper(archive: Archive, name: string): MemoryKeeper {
  return {
    read: () => memoryOf(archive, name),
    merge: (learned: Learned) => mergeMemory(archive, learned),
  };
}
