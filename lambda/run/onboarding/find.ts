import pMap from 'p-map';
import { createIdentity } from '../../core/people/identity.ts';
import { normaliseAddress } from '../../core/people/address.ts';
import { compareNotes, type InvitationNote, invitedBefore } from '../../core/people/invitations.ts';
import { mayHaveMoved, movedPeople, movedWarnings } from '../../core/people/moved.ts';
import { markedBy } from '../../core/groups/match.ts';
import { rulesThatMatchNothing } from '../../core/report/matches-nothing.ts';
import type { Memory } from '../../core/model/memory.ts';
import type { DirectorySnapshot, OktaGroup, Person } from '../../core/model/directory.ts';
import { companionsOf, type Onboarding, planOnboarding } from '../../core/plan/plan-onboarding.ts';
import type { OktaRecord, Sought } from '../../core/plan/join.ts';
import { baselineOf } from '../../core/groups/baseline.ts';
import type { PersonCache } from '../../ports.ts';
import { tellRead } from '../read/list.ts';
import { OKTA_WIDTH } from '../read/read-members.ts';
import { readsBefore } from '../read/short-cuts.ts';
import type { OnboardTask, RunContext, Sources } from '../context.ts';
import { type Warning, warningOf } from '../../core/model/warning.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import { lastComplete } from '../../archive/complete-run.ts';
import { isInScope } from '../../core/groups/mapping.ts';
import { basisOf, isWholeTruth, mirrorsOf } from '../../core/groups/onboarding-basis.ts';
import { SourceError } from '../../errors.ts';

/** Reads what onboarding these people rests on, and decides. Throws at the first thing that cannot be read. */
export async function findPeople(
  { emails, inviteAgain = false }: OnboardTask,
  context: RunContext,
  memory: Memory,
  notes: readonly InvitationNote[],
): Promise<Onboarding> {
  const { rules, sources } = context;
  const { workspace, people, clock } = sources;
  const listedAt = clock.now();
  const [users, { sought, theirs }] = await Promise.all([
    workspace.users(),
    lookUp(people, onceEach(emails)),
  ]);
  tellRead(sources, 'secoda-users', users);
  const { groups, secodaGroups, idle } =
    (await groupsNearby(context, memory, theirs)) ?? (await listGroups(sources));

  const identity = createIdentity(rules.people, users);
  const warnings = idle ?? rulesThatMatchNothing({ ...rules, groups, users, secodaGroups, inOkta: null });
  const records = sought.flatMap((each) => each.records.map(({ person }) => person));
  const moved = mayHaveMoved(rules.people, users, records)
    ? movedPeople(rules.people, users, records, await readsBefore(context))
    : [];
  const invited = invitedBefore(compareNotes(notes, users));
  const decide = async (companions: readonly Sought[]): Promise<Onboarding> => {
    const concerned = new Set(
      [...sought, ...companions].flatMap(({ records }) => records.flatMap(({ groupIds }) => groupIds)),
    );
    const now = clock.now();
    const base = {
      ...{ rules, groups: secodaGroups, identity, memory, nextRunAt: null },
      directory: await directoryOf(concerned, groups, secodaGroups, listedAt, context),
      isTarget: (id: string) => concerned.has(id),
    };
    return planOnboarding({
      ...{ memory, inviteAgain, invite: rules.invite, invited, moved, sought, companions },
      ...{ identity, now, baseline: baselineOf(base), warnings: [...warnings, ...movedWarnings(moved)] },
    });
  };

  const alone = await decide([]);
  const waiting = companionsOf(alone, secodaGroups, memory, identity);
  if (waiting.length === 0) return alone;
  return decide((await lookUp(people, waiting)).sought);
}

/** Okta's side as far as these Okta groups reach. Who else is in them does not matter here: nobody is ever removed. */
async function directoryOf(
  concerned: ReadonlySet<string>,
  groups: readonly OktaGroup[],
  secodaGroups: readonly WorkspaceGroup[],
  listedAt: number,
  { sources: { directory, clock }, rules }: RunContext,
): Promise<DirectorySnapshot> {
  const marked = markedBy(secodaGroups, rules.name)
    .filter(({ marker }) => marker.oktaIds.some((id) => concerned.has(id)))
    .flatMap(({ marker }) => marker.oktaIds);
  const unknown = new Set(marked).difference(new Set(groups.map(({ id }) => id)));
  const unlisted = new Map<string, OktaGroup | null>();
  await pMap(unknown, async (id) => unlisted.set(id, await directory.group(id)), { concurrency: OKTA_WIDTH });
  const nobody = { readAt: clock.now(), people: [], doubt: null };
  return { groups, listedAt, unlisted, memberships: new Map([...concerned].map((id) => [id, nobody])) };
}

async function listGroups(sources: Sources): Promise<GroupLists> {
  const { directory, workspace } = sources;
  const [groups, secodaGroups] = await Promise.all([directory.groups(), workspace.groups()]);
  tellRead(sources, 'okta-groups', groups);
  tellRead(sources, 'secoda-groups', secodaGroups);
  return { groups, secodaGroups, idle: null };
}

/** What Okta knows of these addresses, and all groups that their bearers are in. */
async function lookUp(people: PersonCache, emails: readonly string[]) {
  const groups = new Map<string, OktaGroup>();
  const recordOf = async (person: Person): Promise<OktaRecord[]> => {
    const theirs = await people.groupsOf(person.id);
    for (const group of theirs ?? []) groups.set(group.id, group);
    return theirs === null ? [] : [{ person, groupIds: theirs.map(({ id }) => id) }];
  };
  const sought = await pMap(
    emails,
    async (email) => ({ email, records: (await pMap(await people.byEmail(email), recordOf)).flat() }),
    { concurrency: OKTA_WIDTH },
  );
  return { sought, theirs: [...groups.values()] };
}

/** Somebody named twice, in whatever case, is one person. */
function onceEach(emails: readonly string[]): string[] {
  const known = new Map<string, string>();
  for (const email of emails) {
    const key = normaliseAddress(email) ?? email;
    if (!known.has(key)) known.set(key, email.trim());
  }
  return [...known.values()];
}

/** What an onboarding has to know of both sides' groups. */
interface GroupLists {
  readonly groups: readonly OktaGroup[];
  readonly secodaGroups: readonly WorkspaceGroup[];
  /** Of rules that match nothing, as the last complete run found them; `null` where the lists are whole and tell. */
  readonly idle: readonly Warning[] | null;
}

/**
 * The groups that some people are in, without a list of all groups of either side: what memory names is asked for by its id and
 * looked at, never believed. `null` where that does not tell all that the lists would. `theirs`: all Okta groups they are in.
 */
async function groupsNearby(
  { archive, rules, sources, origin }: RunContext,
  memory: Memory,
  theirs: readonly OktaGroup[],
): Promise<GroupLists | null> {
  const complete = await lastComplete(archive, rules.name);
  if (complete?.basis !== basisOf(origin)) return null;
  const idle = complete.idle.map((message) =>
    warningOf('matches-nothing', { group: null, oktaIds: [] }, message),
  );
  const inScope = theirs.filter((group) => isInScope(group, rules.mapping)).map(({ id }) => id);
  if (inScope.length === 0) return { groups: [], secodaGroups: [], idle };
  const mirrors = mirrorsOf(inScope, memory);
  const [groups, found] = await Promise.all([
    sources.directory.chosen([...mirrors.oktaIds], complete.seenUntil),
    pMap(mirrors.secodaIds, (id) => secodaGroup(sources, id), { concurrency: OKTA_WIDTH }),
  ]);
  if (groups === null) return null;
  const secodaGroups = found.flatMap((group) => group ?? []);
  const chosen = new Set(groups.map(({ id }) => id));
  const joined = new Set(inScope.filter((id) => chosen.has(id)));
  if (!isWholeTruth({ rules, memory, complete, joined, groups, secodaGroups })) return null;
  return { groups: groups.filter(({ id }) => mirrors.oktaIds.has(id)), secodaGroups, idle };
}

/** `null` also for an id that Secoda does not take for one. */
async function secodaGroup({ workspace }: RunContext['sources'], id: string): Promise<WorkspaceGroup | null> {
  return workspace.group(id).catch((error: unknown) => {
    if (error instanceof SourceError && error.cause === undefined) return null;
    throw error;
  });
}
