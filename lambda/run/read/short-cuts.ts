import { mapGroups } from '../../core/groups/mapping.ts';
import { markedIds } from '../../core/groups/match.ts';
import type { Memory } from '../../core/model/memory.ts';
import type { Membership, OktaGroup } from '../../core/model/directory.ts';
import type { WorkspaceUser } from '../../core/model/workspace.ts';
import type { Moved } from '../../core/people/moved.ts';
import { makePlan } from '../../core/plan/plan.ts';
import { NO_READS, peopleIn, type Reads, readsOf, withPeople } from '../../core/model/reads.ts';
import { isFuture, SETTLED_MS, united, type WhyRead, whyReadAny } from '../../core/groups/why-read.ts';
import { AccessError, SourceError } from '../../errors.ts';
import { loadReads, type ReadsOwner, saveReads } from '../../archive/kept-reads.ts';
import type { Recall } from './read-members.ts';
import type { RunContext, Sources } from '../context.ts';
import type { Listing, Members, ReadingBasis, UsersList } from '../checkpoints.ts';
import { memoryOf } from '../../archive/state-file.ts';

/** What the reads of earlier runs are found by. */
type ReadsContext = Pick<RunContext, 'archive' | 'rules' | 'shortCuts'>;

/**
 * The listing with only those groups needed whose members must be read, and the members of the others. A group is quiet when Okta
 * shows it just as it did when it was read, and nothing is to be done about it: its members are then those remembered, brought up to
 * date with everyone who changed since. Nothing is ever written from them: a slice reads again what is older than two minutes.
 */
export async function withShortCuts(
  listed: Listing,
  { users }: UsersList,
  full: boolean,
  context: RunContext,
): Promise<Listing & { readonly quiet: Members }> {
  const { archive, rules, shortCuts } = context;
  const { directory, clock, listen } = context.sources;
  const skewMs = directory.skewMs();
  const everything = (basis: ReadingBasis | null, note: string | null) => {
    if (note !== null) listen({ kind: 'short-cuts', taken: 0, of: listed.needed.length, note });
    return { ...listed, basis, quiet: new Map() };
  };
  // Whatever is targeted is what has changed.
  if (listed.targets !== null || skewMs === null) return everything(null, null);
  const now = clock.now() + skewMs;
  const basis = { asOf: now, skewMs };
  // Few groups are read in no time.
  if (listed.needed.length < shortCuts.from) return everything(basis, null);
  const reads = full ? null : await loadReads(archive, ownerOf(context));
  const ids = new Set(listed.needed);
  const needed = listed.groups.filter(({ id }) => ids.has(id));
  if (needed.every(({ usersCount }) => usersCount === null))
    return everything(basis, 'Okta could not count the people in them in time');
  if (reads === null || isFuture(reads.asOf, now)) return everything(basis, null);

  const marked = markedIds(listed.workspaceGroups, rules.name);
  const { wanted } = mapGroups(listed.groups, rules.mapping, marked);
  const reasons = whyReadAny(needed, wanted, reads, now, shortCuts.fullReadDays);
  const left = needed.length - reasons.size;
  if (left === 0) return everything(basis, null);
  const changed = await changedPeople(context.sources, reads, left);
  if (typeof changed === 'string') return everything(basis, changed);

  const quiet = quietOf(needed, withPeople(reads, changed), reasons, skewMs);
  const memory = await memoryOf(archive, rules.name);
  for (const id of changedBy(context, listed, users, memory, quiet))
    if (quiet.has(id)) reasons.set(id, 'it would be changed in Secoda');
  united(reasons, wanted, 'it is united with one that is read');
  for (const id of reasons.keys()) quiet.delete(id);
  listen({ kind: 'short-cuts', taken: quiet.size, of: needed.length, note: null });
  return { ...listed, needed: listed.needed.filter((id) => !quiet.has(id)), basis, quiet };
}

/** Remembers what a run has read whole, before anything is planned from it. `memberships`: those read and the quiet ones. */
export async function rememberReading(
  context: ReadsContext,
  basis: ReadingBasis | null,
  groups: readonly OktaGroup[],
  memberships: ReadonlyMap<string, Membership>,
  moved: readonly Moved[],
): Promise<void> {
  if (basis === null) return;
  const formerly = new Map(moved.map(({ oktaId, to }) => [oktaId, to]));
  const reads = readsOf(basis.asOf, basis.skewMs, groups, memberships, formerly);
  await saveReads(context.archive, ownerOf(context), reads);
}

/** The last reading of everything; nothing where none is remembered. */
export async function readsBefore(context: ReadsContext): Promise<Reads> {
  return (await loadReads(context.archive, ownerOf(context))) ?? NO_READS;
}

/** People as the last reading of everything showed them. */
export function recallFrom(context: ReadsContext): Recall {
  return async (ids) => (await readsBefore(context)).people.filter(({ id }) => ids.has(id));
}

function ownerOf({ rules, shortCuts }: ReadsContext): ReadsOwner {
  return { name: rules.name, org: shortCuts.org };
}

/**
 * Everyone who changed since the reads, or why that cannot be told. `saved`: how many groups need not be read if it can. That
 * nobody changed is believed of a list that shows people who are known to be there.
 */
async function changedPeople({ directory }: Sources, reads: Reads, saved: number) {
  // A page of 200 people costs one request, a group at least one: a tenth of what is saved may be spent.
  const limit = Math.max(200, 20 * saved);
  try {
    const changed = await directory.changedSince(reads.asOf - SETTLED_MS, limit, reads.people);
    if (changed === null) return `more than ${limit} people changed in Okta since the last run`;
    const { people, blind } = changed;
    return blind === null || reads.people.length === 0
      ? people
      : `Okta does not tell who has changed: ${blind}`;
  } catch (error) {
    if (error instanceof AccessError || error instanceof SourceError)
      return `Okta does not tell who has changed: ${error.message}`;
    throw error;
  }
}

function quietOf(needed: readonly OktaGroup[], reads: Reads, reasons: Map<string, WhyRead>, skewMs: number) {
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
function changedBy(
  { rules, sources }: RunContext,
  listed: Listing,
  users: readonly WorkspaceUser[],
  memory: Memory,
  quiet: Members,
): string[] {
  // What is read anyway takes part as an empty group, so that names and markers are matched as they will be.
  const blank: Membership = { readAt: 0, people: [], doubt: null };
  const memberships = new Map(listed.needed.map((id) => [id, quiet.get(id) ?? blank]));
  const { groups, listedAt, unlisted } = listed;
  const directory = { groups, listedAt, unlisted, memberships };
  const workspace = { users, groups: listed.workspaceGroups };
  const now = sources.clock.now();
  const plan = makePlan({ rules, memory, directory, workspace, targets: null, now, nextRunAt: null });
  return plan.changes.flatMap(({ oktaIds }) => oktaIds);
}
