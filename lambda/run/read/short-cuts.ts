import { mapGroups } from '../../core/groups/mapping.ts';
import { markedIds } from '../../core/groups/match.ts';
import type { Fingerprint, Memory } from '../../core/model/memory.ts';
import type { Membership, OktaGroup } from '../../core/model/directory.ts';
import type { WorkspaceGroup, WorkspaceUser } from '../../core/model/workspace.ts';
import type { Moved } from '../../core/people/moved.ts';
import { makePlan } from '../../core/plan/plan.ts';
import { NO_READS, peopleIn, type Reads, readsOf, withPeople } from '../../core/model/reads.ts';
import type { ShortCutRules, SyncRules } from '../../core/model/rules.ts';
import { isFuture, SETTLED_MS, united, type WhyRead, whyReadAny } from '../../core/groups/short-cuts.ts';
import { AccessError, SourceError } from '../../errors.ts';
import type { Archive } from '../../ports.ts';
import { loadReads, type ReadsOwner, saveReads } from '../../archive/reads.ts';
import type { Recall } from './read-members.ts';
import type { RunContext, Sources } from '../context.ts';
import type { Listing, Members, ReadingBasis, UsersList } from '../checkpoints.ts';
import { memoryOf } from '../../archive/memory.ts';

/** Both sides as they were listed, before any members were read. */
interface Listed {
  readonly groups: readonly OktaGroup[];
  readonly listedAt: number;
  readonly unlisted: ReadonlyMap<string, OktaGroup | null>;
  readonly workspaceGroups: readonly WorkspaceGroup[];
  /** Okta ids of the only groups that may change; `null` for all. */
  readonly targets: ReadonlySet<string> | null;
  /** Okta ids of the groups whose members the run needs. */
  readonly needed: readonly string[];
}

interface ShortCutInput {
  readonly sources: Sources;
  readonly archive: Archive;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly shortCuts: ShortCutRules;
  /** Everything is to be read. */
  readonly full: boolean;
  readonly memory: Memory;
  readonly listed: Listed;
  readonly users: readonly WorkspaceUser[];
}

/** What is to be read, what need not, and what `rememberReading` has to know. */
interface ReadingPlan {
  readonly toRead: readonly string[];
  /** The members of the other needed groups, as they stand. They bear the time of their own read. */
  readonly quiet: ReadonlyMap<string, Membership>;
  /** Why groups are read, for those that were looked at one by one. */
  readonly reasons: ReadonlyMap<string, WhyRead>;
  /** `null`: nothing is to be remembered of this run. */
  readonly basis: ReadingBasis | null;
}

/**
 * Decides whose members are read. A group is quiet when Okta shows it just as it did when it was read, and nothing is to be
 * done about it: its members are then those remembered, brought up to date with everyone who changed since. Nothing is ever
 * written from them, since a slice reads again what was not read within two minutes.
 */
async function planReading(input: ShortCutInput): Promise<ReadingPlan> {
  const { sources, archive, listed, shortCuts, rules, full } = input;
  const { directory, clock, listen } = sources;
  const skewMs = directory.skewMs();
  const everything = (basis: ReadingBasis | null, note: string | null): ReadingPlan => {
    if (note !== null) listen({ kind: 'short-cuts', taken: 0, of: listed.needed.length, note });
    return { toRead: listed.needed, quiet: new Map(), reasons: new Map(), basis };
  };
  // Whatever is targeted is what has changed.
  if (listed.targets !== null || skewMs === null) return everything(null, null);
  const now = clock.now() + skewMs;
  const basis = { asOf: now, skewMs };
  // Few groups are read in no time.
  if (listed.needed.length < shortCuts.from) return everything(basis, null);
  const reads = full ? null : await loadReads(archive, ownerOf(input));
  const needed = neededOf(listed);
  if (needed.every(({ usersCount }) => usersCount === null))
    return everything(basis, 'Okta could not count the people in them in time');
  if (reads === null || isFuture(reads.asOf, now)) return everything(basis, null);

  const marked = markedIds(listed.workspaceGroups, rules.name);
  const { wanted } = mapGroups(listed.groups, rules.mapping, marked);
  const reasons = whyReadAny(needed, wanted, reads, now, shortCuts.fullReadDays);
  const left = needed.length - reasons.size;
  if (left === 0) return everything(basis, null);
  const changed = await changedPeople(input, reads, left);
  if (typeof changed === 'string') return everything(basis, changed);

  const quiet = quietOf(needed, withPeople(reads, changed), reasons, skewMs);
  for (const id of changedBy(input, quiet))
    if (quiet.has(id)) reasons.set(id, 'it would be changed in Secoda');
  united(reasons, wanted, 'it is united with one that is read');
  for (const id of reasons.keys()) quiet.delete(id);
  listen({ kind: 'short-cuts', taken: quiet.size, of: needed.length, note: null });
  const toRead = listed.needed.filter((id) => !quiet.has(id));
  return { toRead, quiet, reasons, basis };
}

/** Remembers what a run has read whole, before anything is planned from it. `memberships`: those read and the quiet ones. */
export async function rememberReading(
  input: Pick<ShortCutInput, 'archive' | 'rules' | 'shortCuts' | 'fingerprint'>,
  basis: ReadingBasis | null,
  groups: readonly OktaGroup[],
  memberships: ReadonlyMap<string, Membership>,
  moved: readonly Moved[],
): Promise<void> {
  if (basis === null) return;
  const formerly = new Map(moved.map(({ oktaId, to }) => [oktaId, to]));
  const reads = readsOf(basis.asOf, basis.skewMs, groups, memberships, formerly);
  await saveReads(input.archive, ownerOf(input), reads);
}

/** The last reading of everything; nothing where none is remembered. */
export async function readsBefore(
  input: Pick<ShortCutInput, 'archive' | 'rules' | 'shortCuts' | 'fingerprint'>,
): Promise<Reads> {
  return (await loadReads(input.archive, ownerOf(input))) ?? NO_READS;
}

/** People as the last reading of everything showed them. */
export function recallFrom(
  input: Pick<ShortCutInput, 'archive' | 'rules' | 'shortCuts' | 'fingerprint'>,
): Recall {
  return async (ids) => (await readsBefore(input)).people.filter(({ id }) => ids.has(id));
}

function ownerOf({
  rules,
  shortCuts,
  fingerprint,
}: Pick<ShortCutInput, 'rules' | 'shortCuts' | 'fingerprint'>): ReadsOwner {
  return { name: rules.name, org: shortCuts.org, fingerprint };
}

function neededOf({ groups, needed }: Listed): OktaGroup[] {
  const ids = new Set(needed);
  return groups.filter(({ id }) => ids.has(id));
}

/**
 * Everyone who changed since the reads, or why that cannot be told. `saved`: how many groups need not be read if it can. That
 * nobody changed is believed of a list that shows people who are known to be there.
 */
async function changedPeople({ sources }: ShortCutInput, reads: Reads, saved: number) {
  const { directory } = sources;
  // A page of 200 people costs one request, a group at least one: a tenth of what is saved may be spent.
  const limit = Math.max(200, 20 * saved);
  try {
    const changed = await directory.changedSince(reads.asOf - SETTLED_MS, limit);
    if (changed === null) return `more than ${limit} people changed in Okta since the last run`;
    const { people } = withPeople(reads, changed);
    if (people.length === 0) return changed;
    const blind = await directory.blindTo(people);
    return blind === null ? changed : `Okta does not tell who has changed: ${blind}`;
  } catch (error) {
    if (error instanceof AccessError || error instanceof SourceError)
      return `Okta does not tell who has changed: ${error.message}`;
    throw error;
  }
}

function quietOf(
  needed: readonly OktaGroup[],
  reads: Reads,
  reasons: Map<string, WhyRead>,
  skewMs: number,
): Map<string, Membership> {
  const quiet = new Map<string, Membership>();
  for (const { id } of needed) {
    const list = reads.lists.get(id);
    if (reasons.has(id) || list === undefined) continue;
    const people = peopleIn(reads, list);
    if (people === null) reasons.set(id, 'not remembered');
    else quiet.set(id, { readAt: list.readAt - skewMs, people, doubt: null });
  }
  return quiet;
}

/** The Okta ids of everything that would be changed, were the quiet lists true: all of that is read, so that no plan rests on them. */
function changedBy(input: ShortCutInput, quiet: ReadonlyMap<string, Membership>): string[] {
  const { listed, rules, memory, users, sources, fingerprint } = input;
  // What is read anyway takes part as an empty group, so that names and markers are matched as they will be.
  const blank: Membership = { readAt: 0, people: [], doubt: null };
  const memberships = new Map(listed.needed.map((id) => [id, quiet.get(id) ?? blank]));
  const { groups, listedAt, unlisted } = listed;
  const plan = makePlan({
    rules,
    memory,
    directory: { groups, listedAt, unlisted, memberships },
    workspace: { users, groups: listed.workspaceGroups },
    targets: null,
    now: sources.clock.now(),
    nextRunAt: null,
    fingerprint,
  });
  return plan.changes.flatMap(({ oktaIds }) => oktaIds);
}

/** The listing with only those groups needed whose members must be read, and the members of the others. */
export async function withShortCuts(
  listing: Listing,
  { users }: UsersList,
  full: boolean,
  context: RunContext,
): Promise<Listing & { readonly quiet: Members }> {
  const memory = await memoryOf(context.archive, context.rules.name);
  const { toRead, quiet, basis } = await planReading({
    ...context,
    full,
    memory,
    listed: listing,
    users,
  });
  return { ...listing, needed: toRead, basis, quiet };
}
