import pMap from 'p-map';
import { memoryOf } from '../archive/state-file.ts';
import { listRuns, readRuns } from '../archive/runs.ts';
import type { OktaGroup, Person } from '../core/model/directory.ts';
import { mapGroups } from '../core/groups/mapping.ts';
import { didYouMean, sameName } from '../core/model/text.ts';
import { readMarker } from '../core/groups/marker.ts';
import type { WorkspaceGroup } from '../core/model/workspace.ts';
import { normaliseAddress } from '../core/people/address.ts';
import type { SyncRules } from '../core/model/rules.ts';
import { createIdentity, type Identity } from '../core/people/identity.ts';
import { explain, knownGroup } from '../core/report/explain.ts';
import { type Explanation, explainGone, type LastRun } from '../core/report/explanation.ts';
import { buildReport, type Report } from '../core/report/report.ts';
import { type Question, requested } from '../core/model/request.ts';
import { recordOf } from '../archive/record.ts';
import type { RunContext, RunEnd } from '../run/context.ts';
import { unforeseen } from '../run/error-record.ts';
import { UsageError } from '../errors.ts';
import type { Archive, Directory, PersonCache, Workspace } from '../ports.ts';

const WIDTH = 4;

/** Okta groups, whole, found without listing the org. */
export interface Lookup {
  /** Those of this id or name. */
  named(text: string): Promise<readonly OktaGroup[]>;
  /** Some whose names begin as this does. */
  like(text: string): Promise<readonly OktaGroup[]>;
}

interface ExplainInput {
  readonly directory: Directory;
  readonly people: PersonCache;
  readonly workspace: Workspace;
  readonly lookup: Lookup;
  readonly rules: SyncRules;
  readonly archive: Archive;
}

/**
 * Explains access without writing anything. However large the org is, it asks for Secoda's pages of users, a few things about
 * the person, and two for each of their groups. Throws `UsageError` for a group that nobody knows, and as every read does.
 */
export async function explainAccess(question: Question, input: ExplainInput): Promise<Explanation> {
  const { directory, people, workspace, rules, archive } = input;
  const { person: email, group } = question;
  const memory = await memoryOf(archive, rules.name);
  const lastRun = await lastComplete(archive);
  const users = email === null ? [] : await workspace.users();
  const identity = createIdentity(rules.people, users);
  const persons = email === null ? [] : await knownBy(email, people, identity);
  const addresses = users.flatMap(({ id }) => identity.addressOfUser(id) ?? []);
  const account = users.find(({ id, email: theirs }) => {
    const address = identity.addressOfUser(id);
    return persons.length === 0
      ? normaliseAddress(theirs) === normaliseAddress(email)
      : address !== null && persons.some((each) => identity.addressOf(each) === address);
  });
  if (email !== null && persons.length === 0 && account === undefined) {
    const waiting = lastRun?.unmatched.map((each) => each.email) ?? [];
    throw new UsageError([
      `neither Okta nor Secoda knows ${JSON.stringify(email)}${didYouMean(email, [...addresses, ...waiting])}`,
    ]);
  }
  const records = await pMap(
    persons,
    async (person) => ({ person, groups: (await people.groupsOf(person.id)) ?? [] }),
    { concurrency: WIDTH },
  );
  const theirs = new Map(records.flatMap(({ groups }) => groups.map((each) => [each.id, each] as const)));
  const { about, gone } =
    group === null
      ? { about: [...theirs.values()], gone: [] }
      : await groupsNamed(group, [...theirs.values()], input);
  const selected = new Map(
    await pMap(about, async ({ id }) => [id, await directory.selects(id)] as const, { concurrency: WIDTH }),
  );
  const known = [...new Set(about.flatMap(({ id }) => knownGroup(memory, id) ?? []))];
  const secoda = new Map(
    await pMap(known, async (id) => [id, await workspace.group(id)] as const, { concurrency: WIDTH }),
  );
  const facts = { rules, identity, addresses, memory, selected, secoda, lastRun };
  const who = email === null ? null : { email, records };
  const groups = [
    ...about.map((each) => explain(who, each, facts)),
    ...gone.map((each) => explainGone(who, each, facts)),
  ];
  return {
    person:
      email === null
        ? null
        : {
            email,
            okta: persons,
            account:
              account === undefined ? null : { id: account.id, email: account.email, active: account.active },
          },
    groups: groups.toSorted((a, b) => a.group.name.localeCompare(b.group.name, 'en')),
  };
}

/** Whoever Okta has under this address, or, where nobody has, under one that an alias makes this of. */
async function knownBy(email: string, people: PersonCache, identity: Identity): Promise<readonly Person[]> {
  const found = await people.byEmail(email);
  if (found.length > 0) return found;
  const sources = identity.sourcesOf(normaliseAddress(email) ?? '');
  return (await pMap(sources, (each) => people.byEmail(each), { concurrency: WIDTH })).flat();
}

/** `gone`: managed groups of which Okta has no group any more. */
interface Named {
  readonly about: readonly OktaGroup[];
  readonly gone: readonly WorkspaceGroup[];
}

/**
 * The group that is meant: one of the person's, one of that id or name in Okta, or one that goes by this name in Secoda. Only for
 * a name that a rule makes, and for what nobody knows, the groups of both sides are listed.
 */
async function groupsNamed(
  text: string,
  theirs: readonly OktaGroup[],
  { directory, workspace, lookup, rules }: ExplainInput,
): Promise<Named> {
  const wanted = (group: OktaGroup) => mapGroups([group], rules.mapping).wanted.map(({ name }) => name);
  const goesBy = (group: OktaGroup) =>
    group.id === text || [group.name, ...wanted(group)].some((name) => sameName(name, text));
  const byIds = async (keys: readonly string[]) =>
    (await pMap(keys, (key) => lookup.named(key), { concurrency: WIDTH })).flat();
  const own = theirs.filter(goesBy);
  if (own.length > 0) return { about: own, gone: [] };
  const found = await lookup.named(text);
  if (found.length > 0) return { about: found, gone: [] };
  const mapped = await byIds(
    [...rules.mapping.map].flatMap(([key, name]) => (sameName(name, text) ? [key] : [])),
  );
  if (mapped.length > 0) return { about: mapped, gone: [] };
  const [listed, secoda] = await Promise.all([directory.groups(), workspace.groups()]);
  const renamed = listed.filter(goesBy);
  if (renamed.length > 0) return { about: renamed, gone: [] };
  const markerOf = ({ description }: WorkspaceGroup) => {
    const marker = readMarker(description);
    return marker?.via === rules.name ? marker : null;
  };
  const managed = secoda.filter((group) => {
    const { id, name } = group;
    const oktaIds = markerOf(group)?.oktaIds;
    return oktaIds !== undefined && (id === text || sameName(name, text) || oktaIds.includes(text));
  });
  const mirrored = await byIds(managed.flatMap((group) => markerOf(group)?.oktaIds ?? []));
  const isThere = new Set(mirrored.map(({ id }) => id));
  const gone = managed.filter((group) => markerOf(group)?.oktaIds.some((id) => isThere.has(id)) === false);
  if (managed.length > 0) return { about: mirrored, gone };
  const other = secoda.some(({ id, name }) => id === text || sameName(name, text))
    ? '; Secoda has a group of it that this sync does not manage'
    : '';
  const near = didYouMean(text, [
    ...[...listed, ...theirs, ...(await lookup.like(text))].flatMap((each) => [each.name, ...wanted(each)]),
    ...rules.mapping.map.values(),
    ...secoda.flatMap((group) => (markerOf(group) === null ? [] : [group.name])),
  ]);
  throw new UsageError([
    `--group ${JSON.stringify(text)}: no Okta group has this id or name, and none goes by it in Secoda${other}${near}`,
  ]);
}

/** The last run over everything that could write, as its record has it. */
async function lastComplete(archive: Archive): Promise<LastRun | null> {
  // Of one without a report it does not matter how it ended.
  const isOver = () => false;
  const runs = await listRuns(archive, { since: null, limit: 50, isOver });
  const last = runs.find(
    ({ mode, request }) => mode === 'apply' && (request === null || request.groups.length === 0),
  );
  return last === undefined ? null : ((await readRuns(archive, [last.runId], isOver)).reports[0] ?? null);
}

/** Explains access as a run of its own, which leaves a report and ends as planned. It is given nothing that it could write with. */
export async function explainRun(
  runId: string,
  question: Question,
  lookup: Lookup,
  context: Pick<RunContext, 'sources' | 'archive' | 'workflow' | 'rules' | 'origin'>,
  finished: (report: Report) => Promise<void>,
): Promise<RunEnd> {
  const { sources, archive, workflow, rules, origin } = context;
  const { clock, directory, workspace, people } = sources;
  const message = await workflow.step('explain', async () => {
    const startedAt = clock.now();
    let explanation: Explanation | null = null;
    let error: string | null = null;
    let mistaken = false;
    try {
      explanation = await explainAccess(question, { ...sources, lookup, rules, archive });
    } catch (thrown) {
      error = unforeseen(thrown).message;
      // A group that nobody knows is an answer, and no failure of anything.
      mistaken = thrown instanceof UsageError;
    }
    const [okta, one, { reads, writes, throttled, retries }] = [
      directory.traffic(),
      people.traffic(),
      workspace.traffic(),
    ];
    const groups = question.group === null ? [] : [question.group];
    const report = {
      ...buildReport({
        runId,
        mode: 'explain',
        request: requested(origin, { groups, full: false, dryRun: true, approve: null }),
        plan: null,
        refusals: [],
        outcomes: new Map(),
        requests: {
          okta: {
            reads: okta.reads + one.reads,
            throttled: okta.throttled + one.throttled,
            retries: okta.retries + one.retries,
          },
          secoda: { reads, writes, throttled, retries },
        },
        startedAt,
        endedAt: clock.now(),
        failure: error === null ? null : new Error(error),
      }),
      status: error === null || mistaken ? 'planned' : 'failed',
      explanation,
    } as const;
    await recordOf(archive, runId).report(report);
    await finished(report);
    return mistaken ? null : error;
  });
  return message === null
    ? { status: 'planned', failure: null }
    : { status: 'failed', failure: new Error(message) };
}
