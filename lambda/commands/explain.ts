import pMap from 'p-map';
import { memoryOf } from '../archive/state-file.ts';
import type { OktaGroup, Person } from '../core/model/directory.ts';
import { mapGroups } from '../core/groups/mapping.ts';
import { didYouMean, sameName } from '../core/model/text.ts';
import { markedBy } from '../core/groups/match.ts';
import type { WorkspaceGroup } from '../core/model/workspace.ts';
import { normaliseAddress } from '../core/people/address.ts';
import { createIdentity, type Identity } from '../core/people/identity.ts';
import { lastComplete } from './show.ts';
import { explain, knownGroup } from '../core/report/explain.ts';
import { type Explanation, explainGone } from '../core/report/explanation.ts';
import { buildReport, type Report } from '../core/report/report.ts';
import { type Question, requested } from '../core/model/request.ts';
import { recordOf } from '../archive/record.ts';
import type { RunContext, RunEnd, Sources } from '../run/context.ts';
import { unforeseen } from '../run/error-record.ts';
import { requestsHere } from '../run/workflow.ts';
import { UsageError } from '../errors.ts';
import type { PersonCache } from '../ports.ts';

const WIDTH = 4;

/** Okta groups, whole, found without listing the org. */
export interface Lookup {
  /** Those of this id or name. */
  named(text: string): Promise<readonly OktaGroup[]>;
  /** Some whose names begin as this does. */
  like(text: string): Promise<readonly OktaGroup[]>;
}

interface ExplainInput
  extends Pick<Sources, 'directory' | 'people' | 'workspace'>, Pick<RunContext, 'rules' | 'archive'> {
  readonly lookup: Lookup;
}

/**
 * Explains access without writing anything. However large the org is, it asks for Secoda's pages of users, a few things about
 * the person, and two for each of their groups. Throws `UsageError` for a group that nobody knows, and as every read does.
 */
export async function explainAccess(question: Question, input: ExplainInput): Promise<Explanation> {
  const { directory, people, workspace, rules, archive } = input;
  const { person: email, group } = question;
  const memory = await memoryOf(archive, rules.name);
  const lastRun = await lastComplete(archive, { since: null }, rules.name);
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
  const own = [...theirs.values()];
  const { about, gone } = group === null ? { about: own, gone: [] } : await groupsNamed(group, own, input);
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
  const shown = account && { id: account.id, email: account.email, active: account.active };
  return {
    person: email === null ? null : { email, okta: persons, account: shown ?? null },
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

/**
 * The group that is meant: one of the person's, one of that id or name in Okta, or one that goes by this name in Secoda. Only for
 * a name that a rule makes, and for what nobody knows, the groups of both sides are listed. `gone`: managed groups of which Okta
 * has no group any more.
 */
async function groupsNamed(
  text: string,
  theirs: readonly OktaGroup[],
  { directory, workspace, lookup, rules }: ExplainInput,
): Promise<{ readonly about: readonly OktaGroup[]; readonly gone: readonly WorkspaceGroup[] }> {
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
  const isMeant = ({ id, name }: WorkspaceGroup) => id === text || sameName(name, text);
  const marked = markedBy(secoda, rules.name);
  const managed = marked.filter(({ group, marker }) => isMeant(group) || marker.oktaIds.includes(text));
  const mirrored = await byIds(managed.flatMap(({ marker }) => marker.oktaIds));
  const isThere = new Set(mirrored.map(({ id }) => id));
  const gone = managed.filter(({ marker }) => !marker.oktaIds.some((id) => isThere.has(id)));
  if (managed.length > 0) return { about: mirrored, gone: gone.map(({ group }) => group) };
  const other = secoda.some(isMeant) ? '; Secoda has a group of it that this sync does not manage' : '';
  const near = didYouMean(text, [
    ...[...listed, ...theirs, ...(await lookup.like(text))].flatMap((each) => [each.name, ...wanted(each)]),
    ...rules.mapping.map.values(),
    ...marked.map(({ group }) => group.name),
  ]);
  throw new UsageError([
    `--group ${JSON.stringify(text)}: no Okta group has this id or name, and none goes by it in Secoda${other}${near}`,
  ]);
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
  const { clock } = sources;
  const message = await workflow.step('explain', async () => {
    const startedAt = clock.now();
    let explanation: Explanation | null = null;
    let error: string | null = null;
    let failed: string | null = null;
    try {
      explanation = await explainAccess(question, { ...sources, lookup, rules, archive });
    } catch (thrown) {
      error = unforeseen(thrown).message;
      // A group that nobody knows is an answer, and no failure of anything.
      if (!(thrown instanceof UsageError)) failed = error;
    }
    const groups = question.group === null ? [] : [question.group];
    const report = {
      ...buildReport({
        runId,
        mode: 'explain',
        request: requested(origin, { groups, full: false, dryRun: true, approve: null }),
        plan: null,
        refusals: [],
        outcomes: new Map(),
        requests: requestsHere(sources),
        startedAt,
        endedAt: clock.now(),
        failure: error === null ? null : new Error(error),
      }),
      status: failed === null ? 'planned' : 'failed',
      explanation,
    } as const;
    await recordOf(archive, runId).report(report);
    await finished(report);
    return failed;
  });
  return message === null
    ? { status: 'planned', failure: null }
    : { status: 'failed', failure: new Error(message) };
}
