import { isDeepStrictEqual } from 'node:util';
import { lastSnapshot, readSnapshot } from '../archive/snapshot.ts';
import { findRun } from '../archive/runs.ts';
import { isInScope } from '../core/groups/mapping.ts';
import { jsonOf } from '../core/model/json.ts';
import { NO_MEMORY } from '../core/model/memory.ts';
import { NO_READS } from '../core/model/reads.ts';
import { NOTHING_RECENT } from '../core/guard/recent.ts';
import { planAgain, type Snapshot } from '../core/plan/plan-again.ts';
import { compare, type KeyDifference, type Kept, outlineOf } from '../core/report/difference.ts';
import { UsageError } from '../errors.ts';
import type { Archive } from '../ports.ts';
import { parseSettings, rulesOf, type Settings, toJson } from '../settings.ts';
import { isObject } from '../settings/values.ts';
import { nextRun } from '../settings/schedule.ts';

/** Plans a run again from its snapshot, by any configuration. `named`: its id, how that begins, or `last`. Throws `UsageError`. */
export async function replay(archive: Archive, named: string, settings: Settings) {
  const kept = await keptBy(archive, named);
  const was = settingsOf(kept.config);
  const config = toJson(settings);
  const own = was === null ? jsonOf(JSON.stringify(kept.config)) : jsonOf(toJson(was));
  const changed = differingKeys(own, jsonOf(config));
  const plan = (by: Settings) => planBy(by, kept.snapshot, was);
  const { outline, ...made } = plan(settings);
  const planning = changed.filter(({ key }) => PLANNING.test(key));
  const keys = changed.map((each): KeyDifference => {
    const without = (why: string | null) => ({ ...each, alone: null, why });
    if (!planning.includes(each)) return without('no plan depends on it');
    if (planning.length === 1) return without(null);
    const undone = undo(config, own, each.key);
    if (undone === null) return without('it cannot be undone alone');
    return { ...each, alone: compare(plan(undone).outline, outline), why: null };
  });
  const { runId, version } = kept;
  const compared = {
    ...{ runId, version, digest: kept.outline.digest, keys },
    comparison: compare(kept.outline, outline),
    unknown: unread(kept.snapshot, settings, changed),
  };
  return { kept, ...made, compared };
}

/** The snapshot of a run, or why there is none. */
async function keptBy(archive: Archive, named: string): Promise<Kept> {
  const runId = named === 'last' ? await lastSnapshot(archive) : await findRun(archive, named);
  if (runId === null)
    throw new UsageError([
      `no run in ${archive.address} has kept a snapshot yet: a run over all groups keeps one where it changes or refuses something (archive.snapshots)`,
    ]);
  const kept = await readSnapshot(archive, runId);
  if (kept !== null) return kept;
  throw new UsageError([
    `run ${runId} kept no snapshot, or it has expired: only a run over all groups keeps one, where it changes or refuses something, for archive.snapshotDays; --from last takes the last that did`,
  ]);
}

/** The settings that a configuration stands for; `null` where this version can make none of it. */
function settingsOf(config: unknown): Settings | null {
  try {
    return parseSettings(config);
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

/** What a plan depends on; and what decides what is read at all. */
const PLANNING = /^(name|schedule|(groups|users|guard)\..+)$/;

function planBy(settings: Settings, snapshot: Snapshot, was: Settings | null) {
  const deciding = { rules: rulesOf(settings), guard: settings.guard };
  const sameTimes = isDeepStrictEqual(was?.schedule, settings.schedule);
  const given = {
    ...snapshot,
    nextRunAt: sameTimes ? snapshot.nextRunAt : nextRun(settings.schedule, snapshot.now),
    // What earlier runs left behind, they left to this name alone.
    ...(was?.name === settings.name ? {} : NOTHING_BEFORE),
  };
  const { plan, verdict } = planAgain(given, deciding);
  const { refusals } = verdict;
  // An operator's word is for one plan: another one is judged without it.
  const otherPlan = refusals.some(({ rule }) => rule === 'approve') && !isDeepStrictEqual(was, settings);
  if (otherPlan) return planBy(settings, { ...snapshot, approval: null }, was);
  return { plan, refusals, outline: outlineOf(plan, refusals) };
}

const NOTHING_BEFORE = {
  memory: NO_MEMORY,
  invited: new Map(),
  recent: NOTHING_RECENT,
  reads: NO_READS,
  worklist: null,
  due: [],
} satisfies Partial<Snapshot>;

/** The keys of a configuration with their values: two levels deep, as its pages name them. */
function keysOf(config: unknown): Map<string, unknown> {
  const keys = new Map<string, unknown>();
  for (const [section, value] of Object.entries(isObject(config) ? config : {}))
    if (isObject(value) && section !== 'schedule')
      for (const [key, inner] of Object.entries(value)) keys.set(`${section}.${key}`, inner);
    else keys.set(section, value);
  return keys;
}

function differingKeys(was: unknown, is: unknown): Pick<KeyDifference, 'key' | 'was' | 'is'>[] {
  const [before, after] = [keysOf(was), keysOf(is)];
  const text = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => !isDeepStrictEqual(before.get(key), after.get(key)))
    .map((key) => ({ key, was: text(before.get(key)), is: text(after.get(key)) }));
}

/** The configuration with one key as the run had it; `null` where that is none. */
function undo(config: string, own: unknown, key: string): Settings | null {
  const [section = '', name] = key.split('.');
  const before = keysOf(own).get(key);
  const input = jsonOf(config);
  const is = isObject(input) ? input : {};
  const part = is[section];
  const undone = name === undefined ? before : { ...(isObject(part) ? part : {}), [name]: before };
  return settingsOf({ ...is, [section]: undone });
}

/** What these settings would need and the run did not read, in plain words. */
function unread({ directory }: Snapshot, settings: Settings, changed: readonly Pick<KeyDifference, 'key'>[]) {
  const told = (keys: readonly string[], what: string) => {
    const differing = changed.map(({ key }) => key).filter((key) => keys.includes(key));
    return differing.length === 0 ? [] : [`${differing.join(' and ')}: ${what}`];
  };
  const listed = 'which groups another selection lists; this is planned with those that the run listed';
  const place = 'another workspace; this is planned with the one that the run read';
  const left = `what earlier runs under the name ${settings.name} left behind; this is planned as if there had been none`;
  const groups = directory.groups.filter(
    (group) => isInScope(group, settings.mapping) && !directory.memberships.has(group.id),
  );
  return [
    ...told(['okta.groups', 'okta.orgUrl'], listed),
    ...told(['secoda.region', 'secoda.url'], place),
    ...told(['name'], left),
    ...groups.map(
      ({ id, name }) => `${name} (${id}): its members, which the run did not read; the group is skipped here`,
    ),
  ];
}
