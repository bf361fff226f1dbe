import * as z from 'zod';
import { notedRuns } from '../archive/run-index.ts';
import { GUARD_RULES, type GuardRule, isBroken } from '../core/guard/guard-rules.ts';
import { NOTHING_RECENT } from '../core/guard/recent.ts';
import type { Plan } from '../core/plan/change.ts';
import type { GuardRules, SyncRules } from '../core/model/rules.ts';
import { readAs } from '../archive/state-file.ts';
import { safeJson } from '../core/model/json.ts';
import { diagnoseOkta } from '../services/okta/diagnose.ts';
import type { OktaOptions } from '../services/okta/directory.ts';
import { diagnoseSecoda } from '../services/secoda/diagnose.ts';
import { probeSecoda } from '../services/secoda/probe.ts';
import type { SecodaOptions } from '../services/secoda/connection.ts';
import { AccessError, SourceError } from '../errors.ts';
import type { Archive, Leases } from '../ports.ts';
import type { RunContext, Sources } from '../run/context.ts';
import { LONGEST, printable } from '../render/escape.ts';
import type { Output, Style } from '../render/style.ts';
import { answersText, bad, type Finding, fine, untold } from '../core/report/finding.ts';
import { type KnownAddresses, rulesThatMatchNothing } from '../core/report/matches-nothing.ts';
import pMap from 'p-map';
import { normaliseAddress } from '../core/people/address.ts';
import { OKTA_WIDTH } from '../run/read/read-members.ts';

interface Examination {
  readonly okta: OktaOptions;
  readonly secoda: SecodaOptions;
  readonly archive: Archive;
  readonly context: Pick<RunContext, 'rules' | 'guard' | 'sources'>;
  readonly runId: string;
  /** Of this software. */
  readonly version: string;
  /** Given for a probe only: without a lease nothing can be written. */
  readonly leases: Leases | null;
  readonly json: boolean;
  readonly output: Output;
  readonly style: Style;
}

/** Checks everything a run needs, one line each, with the fix. Exit code 0 when nothing failed, 6 where access was denied, 1 otherwise. */
export async function examine(input: Examination): Promise<number> {
  const { context, leases, json, output } = input;
  const archive = await archiveFinding(input.archive);
  const findings: Finding[] = [
    fine('Configuration', 'complete, and credentials for both sides are there'),
    archive,
    ...(await diagnoseOkta(input.okta)),
    ...(await diagnoseSecoda(input.secoda)),
  ];
  findings.push(...(await rulesFindings(context, findings)));
  findings.push(...(archive.ok === true ? await limitFindings(input.archive, context) : [untold(LIMITS)]));
  // The lease lies in the archive, and nothing is written without it.
  if (leases !== null && archive.ok === false) findings.push(untold('Secoda: writes'));
  else if (leases !== null) {
    const lease = await leases.take();
    try {
      findings.push(...(await probeSecoda({ ...input.secoda, gate: lease, id: input.runId })));
    } finally {
      await lease.release();
    }
  }
  output.write(json ? `${safeJson(findings)}\n` : findingsText(findings, input.style));
  if (leases !== null && !json)
    for (const line of ['', ...answersText(findings, input.version)]) output.write(`${printable(line)}\n`);
  if (findings.some(({ denied }) => denied)) return 6;
  return findings.some(({ ok }) => ok === false) ? 1 : 0;
}

async function archiveFinding(archive: Archive): Promise<Finding> {
  const check = 'Archive';
  try {
    await archive.write('doctor.txt', 'Written by doctor to see whether this archive can be written.\n');
    return fine(check, `${archive.address} can be written`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Its words end with the fix.
    const detail = error.message.replaceAll('\n', '; ');
    return bad(check, detail, null, error instanceof AccessError);
  }
}

function findingsText(findings: readonly Finding[], style: Style): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, ok, detail, fix }) => {
    const remark = fix === null ? style.dim('–') : style.warn('!');
    const sign = ok === true ? style.good('✓') : ok === false ? style.bad('✗') : remark;
    const help =
      fix === null || ok === true ? '' : `\n  ${' '.repeat(width)}  → ${printable(fix, LONGEST.line)}`;
    return `${sign} ${check.padEnd(width)}  ${printable(detail, LONGEST.line)}${help}`;
  });
  return `${lines.join('\n')}\n`;
}

const CHECK = 'Rules';

/** The findings on what is read here. */
const LISTS = /^(Okta: (app|groups)|Secoda: users)$/;

/**
 * The rules of the configuration that match nothing, a line each. Reads all groups and accounts, and asks Okta for each alias
 * alone, since reading everybody would take as long as a run: of an alias with a `*`, only a run tells.
 */
async function rulesFindings({ rules, sources }: Examination['context'], before: readonly Finding[]) {
  const lists = before.filter(({ check, ok }) => LISTS.test(check) && ok === true);
  if (lists.length < 2) return [untold(CHECK)];
  try {
    return await look(rules, sources);
  } catch (error) {
    if (error instanceof SourceError || error instanceof AccessError) return [untold(CHECK, error.message)];
    throw error;
  }
}

async function look(rules: SyncRules, { directory, workspace, people }: Sources) {
  const asked = rules.mapping.frozen.length === 0 ? [] : workspace.groups();
  const [groups, users, secodaGroups] = await Promise.all([directory.groups(), workspace.users(), asked]);
  const inOkta = await aliasesInOkta(rules, people);
  const idle = rulesThatMatchNothing({ ...rules, groups, users, secodaGroups, inOkta });
  if (idle.length > 0) return idle.map(({ message }) => ({ ...untold(CHECK, message), fix: FIX }));
  const unasked = [...rules.people.aliases.keys()].some((key) => inOkta === null || key.includes('*'));
  const limits = unasked ? ', as far as can be told without a plan' : '';
  return [fine(CHECK, `each matches something${limits}`)];
}

const FIX = 'Correct it, or take it out of the configuration. This is a warning: a run goes on without it.';

/** `null` without the right to read users. */
async function aliasesInOkta(
  { people: { aliases, match } }: SyncRules,
  people: Sources['people'],
): Promise<KnownAddresses | null> {
  const exact = [...aliases.keys()].filter((key) => !key.includes('*'));
  try {
    const found = await pMap(exact, (key) => people.byEmail(key), { concurrency: OKTA_WIDTH });
    const all = new Set(found.flat().map((person) => normaliseAddress(person[match]) ?? ''));
    return { all: [], fits: (text) => text.includes('*') || all.has(text) };
  } catch (error) {
    if (error instanceof AccessError) return null;
    throw error;
  }
}

const LIMITS = 'Limits';
/** So many full runs are looked at. */
const NIGHTS = 30;

const people = z.array(z.object({ userId: z.string() }));
/** What the rules count in a plan, whichever release made it. */
const counted = z.object({
  /** Whose it is, where several deployments share an archive. */
  name: z.string().optional(),
  changes: z.array(
    z.object({
      action: z.enum(['create', 'update', 'delete']),
      secodaId: z.string().nullable(),
      adopted: z.boolean(),
      add: people,
      remove: people,
      before: z.object({ members: people }).nullable(),
      content: z.object({ userIds: z.array(z.string()) }).nullable(),
    }),
  ),
  invitations: z.array(z.object({ emails: z.array(z.string()) })),
  baseline: z.object({ groupsInScope: z.number(), managedGroups: z.number(), memberships: z.number() }),
});
type Counted = Pick<Plan, 'changes' | 'invitations' | 'baseline'> & { readonly name?: string };
const planShape = z.custom<Counted>((value) => counted.safeParse(value).success);

interface Night {
  readonly runId: string;
  readonly plan: Counted;
}

/** How near the last full runs came to each limit as it is configured now: what a limit is to be, nights tell best. */
export async function limitFindings(
  archive: Archive,
  { guard, rules }: Pick<Examination['context'], 'guard' | 'rules'>,
): Promise<readonly Finding[]> {
  const nights = await lastNights(archive, rules.name);
  const [last, first] = [nights[0], nights.at(-1)];
  if (last === undefined || first === undefined)
    return [untold(LIMITS, `no full run has left a plan in ${archive.address} to hold them against`)];
  const over = `${nights.length} full runs, from ${first.runId} to ${last.runId}, against the limits as they are now`;
  return [fine(LIMITS, over), ...GUARD_RULES.map((rule) => nearest(rule, nights, guard))];
}

async function lastNights(archive: Archive, name: string): Promise<readonly Night[]> {
  const nights: Night[] = [];
  for await (const chapter of notedRuns(archive))
    for (const { runId, mode, request } of chapter) {
      if (nights.length === NIGHTS) return nights;
      const whole = request === null || (request.groups.length === 0 && request.trigger !== 'event');
      if (!whole || (mode !== 'apply' && mode !== 'plan')) continue;
      const plan = await readAs(archive, `${runId}/plan.json`, planShape);
      if (plan !== null && (plan.name ?? name) === name) nights.push({ runId, plan });
    }
  return nights;
}

function nearest({ name, measure }: GuardRule, nights: readonly Night[], guard: GuardRules): Finding {
  const all = nights.flatMap(({ runId, plan: { changes, invitations, baseline } }) => {
    const invited = invitations.flatMap(({ emails }) => emails);
    const found = measure({ changes, invited, baseline, recent: NOTHING_RECENT }, guard);
    return found.map((each) => ({ ...each, runId }));
  });
  const share = ({ count, limit }: (typeof all)[number]) => count / Math.max(limit, 0.1);
  const sorted = all.toSorted((a, b) => share(b) - share(a));
  const isLeast = name === 'minimumGroups';
  const most = isLeast ? sorted.at(-1) : sorted[0];
  if (most === undefined) return fine(LIMITS, `${name}: nothing in any of them`);
  const { count, limit, runId } = most;
  const words = isLeast ? `smallest night ${count}, at least ${limit}` : `largest night ${count} of ${limit}`;
  return isBroken(most)
    ? untold(LIMITS, `${name}: ${words}, against the limit (${runId})`)
    : fine(LIMITS, `${name}: ${words} (${runId})`);
}
