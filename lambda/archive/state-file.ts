import { jsonOf } from '../core/model/json.ts';
import * as z from 'zod';
import { type CopyNote, type GroupMemory, type Memory, NO_MEMORY } from '../core/model/memory.ts';
import { isNews } from '../core/groups/settled-content.ts';
import { byText } from '../core/model/text.ts';
import type { Archive } from '../ports.ts';
import type { Plan } from '../core/plan/change.ts';

const KEY = 'state.json';
const VERSION = 1;

/** What a later version wrote of a group is carried along. */
export const groupShape = z.looseObject({
  secodaId: z.string(),
  via: z.string().optional(),
  oktaIds: z.array(z.string()),
  asked: z.string(),
  answered: z.string(),
  unsettled: z.array(z.object({ userId: z.string(), row: z.string() })),
  shortfall: z.string().nullish(),
  triedAt: z.number(),
});
const copyShape = z.object({ secodaId: z.string(), via: z.string(), oktaIds: z.array(z.string()) });
/** Written by an earlier version, it may be missing. */
const timesShape = mapOf(z.number()).catch(new Map());
const fileShape = z.object({
  version: z.literal(VERSION),
  groups: z.array(z.unknown()),
  unlistedSince: timesShape,
  doubtedSince: timesShape,
  fights: timesShape,
  copies: z.array(z.unknown()).catch([]),
  /** By the name of the deployment. */
  lastRuns: z.record(z.string(), z.string()).catch({}),
});

/** What a run found out and the next one should know. Of times and runs it has all that is to be remembered, or nothing new. */
interface Learned extends Partial<Pick<Memory, 'unlistedSince' | 'doubtedSince' | 'fights' | 'lastRuns'>> {
  readonly remember: readonly GroupMemory[];
  /** Groups of ours that were found: remembered where that is news. */
  readonly found?: readonly GroupMemory[];
  /** Secoda ids of groups to forget. */
  readonly forget: readonly string[];
  /** Copied markers that were found or are gone; the others stay remembered. */
  readonly copies?: readonly CopyNote[];
}

/** Reads `state.json`, of whatever deployments. Lost, half-written, old or foreign: what cannot be read is as good as forgotten, which does no harm. */
export async function readMemory(archive: Archive): Promise<Memory> {
  const stored = await archive.read(KEY);
  return stored === null ? NO_MEMORY : parsed(archive, stored.text);
}

/** Merges what a run learned, group by group, into what other runs may have written meanwhile. */
export async function mergeMemory(archive: Archive, learned: Learned): Promise<void> {
  const { remember, found = [], forget, copies: notes = [], ...replaced } = learned;
  const nothing = [remember, found, forget, notes].every(({ length }) => length === 0);
  if (nothing && Object.keys(replaced).length === 0) return;
  await editFile(archive, KEY, (text) => {
    const memory = text === null ? NO_MEMORY : parsed(archive, text);
    const groups = new Map(memory.groups);
    const put = (group: GroupMemory) => {
      const known = groups.get(group.secodaId);
      groups.set(group.secodaId, { ...known, via: undefined, shortfall: undefined, ...group });
    };
    for (const id of forget) groups.delete(id);
    for (const group of found) {
      const known = groups.get(group.secodaId);
      const isOthers = known?.via !== undefined && known.via !== group.via;
      if (isOthers || isNews(group, known)) put(group);
    }
    for (const group of remember) put(group);
    const copies = new Map(memory.copies);
    for (const { secodaId, marker } of notes) {
      if (marker === null) copies.delete(secodaId);
      else copies.set(secodaId, marker);
    }
    return serialise(carriedIn(text, fileShape), { ...memory, ...replaced, groups, copies });
  });
}

/** What each archive was last found to hold: each slice looks several times. */
const last = new WeakMap<Archive, { readonly text: string; readonly memory: Memory }>();

function parsed(archive: Archive, text: string): Memory {
  const known = last.get(archive);
  if (known?.text === text) return known.memory;
  const memory = parse(text);
  last.set(archive, { text, memory });
  return memory;
}

function parse(text: string): Memory {
  const file = fileShape.safeParse(jsonOf(text));
  if (!file.success) return NO_MEMORY;
  const { groups, unlistedSince, doubtedSince, fights, copies, lastRuns } = file.data;
  const markers = fitting(copyShape, copies).map(({ secodaId, via, oktaIds }) => {
    return [secodaId, { oktaIds: oktaIds.sort(byText), via }] as const;
  });
  return {
    groups: new Map(fitting(groupShape, groups).map((group) => [group.secodaId, group])),
    ...{ unlistedSince, doubtedSince, fights },
    copies: new Map(markers),
    lastRuns: new Map(Object.entries(lastRuns)),
  };
}

/** Pairs, as a map. */
export function mapOf<T>(value: z.ZodType<T>) {
  return z.array(z.tuple([z.string(), value])).transform((pairs) => new Map(pairs));
}

/** Those that have this shape: one that cannot be read takes no other with it. */
export function fitting<T>(shape: z.ZodType<T>, all: readonly unknown[]): readonly T[] {
  return all.flatMap((each) => {
    const found = shape.safeParse(each);
    return found.success ? [found.data] : [];
  });
}

function serialise(later: string, memory: Memory): string {
  const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => byText(a, b));
  const groups = sorted(memory.groups).map(([, group]) => JSON.stringify(group));
  const rest = JSON.stringify({
    unlistedSince: sorted(memory.unlistedSince),
    doubtedSince: sorted(memory.doubtedSince),
    fights: sorted(memory.fights),
    copies: sorted(memory.copies).map(([secodaId, { via, oktaIds }]) => ({ secodaId, via, oktaIds })),
    lastRuns: Object.fromEntries(sorted(memory.lastRuns)),
  });
  return `{"version":${VERSION},${later}${rest.slice(1, -1)},"groups":[\n${groups.join(',\n')}\n]}\n`;
}

/** What one deployment remembers: others may share the archive, and what they noted says nothing about ours. */
export async function memoryOf(archive: Archive, name: string): Promise<Memory> {
  const memory = await readMemory(archive);
  return {
    ...memory,
    groups: new Map([...memory.groups].filter(([, { via = name }]) => via === name)),
    unlistedSince: timesOf(memory.unlistedSince, name),
    doubtedSince: timesOf(memory.doubtedSince, name),
    fights: timesOf(memory.fights, name),
  };
}

/**
 * A complete run that missed an Okta group says so to the next one, which may then take it for gone; since when a list of members
 * is doubted; and, where its guard let its plan pass, whom it had to leave out (`run`: its id where there are such people).
 */
export async function rememberSeen(
  archive: Archive,
  name: string,
  { missed, doubted, fighting }: Pick<Plan, 'missed' | 'doubted' | 'fighting'>,
  now: number,
  run?: string | null,
): Promise<void> {
  const before = await readMemory(archive);
  const unlistedSince = withTimes(before.unlistedSince, name, missed, now);
  const doubtedSince = withTimes(before.doubtedSince, name, doubted, now);
  // One run more for each, and from the start for whichever was left alone once.
  const fights = new Map(
    [...withTimes(before.fights, name, fighting, 0)].map(([key, runs]) => [
      key,
      key.startsWith(`${name}/`) ? runs + 1 : runs,
    ]),
  );
  const lastRuns = new Map(before.lastRuns);
  if (run === null) lastRuns.delete(name);
  else if (run !== undefined) lastRuns.set(name, run);
  const same =
    sameKeys(unlistedSince, before.unlistedSince) &&
    sameKeys(doubtedSince, before.doubtedSince) &&
    fighting.length === 0 &&
    sameKeys(fights, before.fights);
  if (same && lastRuns.get(name) === before.lastRuns.get(name)) return;
  await mergeMemory(archive, { remember: [], forget: [], unlistedSince, doubtedSince, fights, lastRuns });
}

/** The times of this deployment, by Okta id. */
function timesOf(all: ReadonlyMap<string, number>, name: string): ReadonlyMap<string, number> {
  const own = [...all].filter(([key]) => key.startsWith(`${name}/`));
  return new Map(own.map(([key, since]) => [key.slice(name.length + 1), since]));
}

/** All times, with those of this deployment for these ids alone: as they were, or from now on. */
function withTimes(all: ReadonlyMap<string, number>, name: string, ids: readonly string[], now: number) {
  const others = [...all].filter(([key]) => !key.startsWith(`${name}/`));
  const ours = ids.map((id) => `${name}/${id}`);
  return new Map([...others, ...ours.map((key) => [key, all.get(key) ?? now] as const)]);
}

function sameKeys(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return [...a.keys()].sort(byText).join() === [...b.keys()].sort(byText).join();
}

/** What a file holds that is of this shape; `null` where there is none, or another. */
export async function readAs<T>(archive: Archive, key: string, shape: z.ZodType<T>): Promise<T | null> {
  return shape.safeParse(jsonOf((await archive.read(key))?.text ?? '')).data ?? null;
}

/** Swaps lost in a row before giving up: others edit in milliseconds. */
const TRIES = 50;

/**
 * Edits a file that other runs may edit at the same time. `edit` gets its text (`null`: there is none) and gives the new one, or
 * `null` to leave the file as it is; it is asked again where somebody else was faster. Throws where that never ends.
 */
export async function editFile(
  archive: Archive,
  key: string,
  edit: (text: string | null) => string | null | Promise<string | null>,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const stored = await archive.read(key);
    const text = await edit(stored?.text ?? null);
    if (text === null || text === stored?.text) return;
    if ((await archive.swap(key, text, stored?.tag ?? null)) !== null) return;
  }
  throw new Error(`${archive.address}${key} could not be written: other runs kept changing it`);
}

/** What a later version wrote beside the keys of this shape, as first fields of an object, to be carried along. */
export function carriedIn(text: string | null | undefined, { shape }: z.ZodObject): string {
  const file = jsonOf(text ?? '');
  if (typeof file !== 'object' || file === null) return '';
  const later = Object.entries(file).filter(([key]) => !Object.hasOwn(shape, key));
  return later.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`).join('');
}
