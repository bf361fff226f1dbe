import { type Change, countGroups, type Frozen, type Plan, type Skipped } from '../plan/change.ts';
import { nothingToDo } from '../plan/plan.ts';
import type { Cause, GroupRef, Member, Unmatched, Unsettled } from '../model/workspace.ts';
import type { GuardRefusal } from '../guard/guard-rules.ts';
import { countInvited, type InviteOutcome } from '../people/invitations.ts';
import { type Invited, reportedInvitations } from './onboard-answer.ts';
import { byText } from '../model/text.ts';
import type { Resolved, Worklist } from './worklist.ts';
import type { LedgerHead } from './ledger-entry.ts';
import type { Warning } from '../model/warning.ts';
import { causesOf } from '../plan/causes.ts';
import type { Requested } from '../model/request.ts';

type Mode = 'plan' | 'apply' | 'onboard' | 'explain';
/** What became of a run; the exit codes and metrics follow it. */
export type Status =
  'in-sync' | 'planned' | 'applied' | 'partial' | 'held' | 'refused' | 'interrupted' | 'failed';

/** A change as the report shows it, people by their addresses. */
export interface ReportedChange
  extends
    Pick<Change, 'action' | 'adopted' | 'renamedFrom' | 'reason' | 'before'>,
    Pick<ChangeOutcome, 'unsettled' | 'error'> {
  readonly group: GroupRef;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** By address, or id where there is none: why somebody is removed, or added for another reason than that Okta has them in the group. */
  readonly causes: Readonly<Record<string, Cause>>;
  readonly outcome: Outcome | null;
}

type Counts<Of extends string> = Readonly<Record<Of, number>>;

/** What a run asked of both sides. */
export interface Requests {
  readonly okta: Counts<'reads' | 'throttled' | 'retries'>;
  readonly secoda: Counts<'reads' | 'writes' | 'throttled' | 'retries'>;
}

export const NO_REQUESTS: Requests = {
  okta: { reads: 0, throttled: 0, retries: 0 },
  secoda: { reads: 0, writes: 0, throttled: 0, retries: 0 },
};

/** What a run answers and leaves behind; its fields are a promise. */
export interface Report {
  readonly runId: string;
  readonly mode: Mode;
  readonly status: Status;
  /** `null` when the run ended before there was a plan. */
  readonly digest: string | null;
  readonly request: Requested;
  readonly summary: {
    readonly groups: Readonly<Record<'create' | 'update' | 'delete' | 'unchanged' | 'skipped', number>>;
    readonly members: { readonly add: number; readonly remove: number };
    readonly unmatched: number;
    readonly invited: number;
  };
  readonly changes: readonly ReportedChange[];
  readonly skipped: readonly Skipped[];
  readonly warnings: readonly Warning[];
  /** With since when, and in how many complete runs; `null` and 0 where none has seen it yet. */
  readonly unmatched: readonly (Unmatched & { readonly since: string | null; readonly runs: number })[];
  /** Unmatched in the last complete run, and no more; only a run over everything can tell. */
  readonly resolved: readonly Resolved[];
  /** Everyone invited, by this run or an earlier one, until they have signed in. */
  readonly invited: readonly Invited[];
  readonly unsettled: readonly Unsettled[];
  readonly frozen: readonly Frozen[];
  readonly refusals: readonly GuardRefusal[];
  readonly requests: Requests;
  /** The end of the ledger when the report was made; `null` where there is none. */
  readonly ledger: LedgerHead | null;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly error: string | null;
}

export interface ReportInput {
  readonly runId: string;
  readonly mode: Mode;
  readonly request: Requested;
  /** Nothing was to be written, although the mode would. */
  readonly planned?: boolean;
  readonly plan: Plan | null;
  readonly refusals: readonly GuardRefusal[];
  /** Empty for a plan or a refusal. */
  readonly outcomes: ReadonlyMap<Change, ChangeOutcome>;
  /** What became of each invitation; empty for a plan or a refusal. */
  readonly invited?: readonly InviteOutcome[];
  /** Who is unmatched since when; none is known unless given. */
  readonly worklist?: Worklist | null;
  readonly requests: Requests;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** What ended the run before its end, if anything did. Its name tells of an `AccessError` and of somebody who `Interrupted` it. */
  readonly failure: Error | null;
}

/** The report of a run, from what was planned and what became of it. */
export function buildReport(input: ReportInput): Report {
  const { runId, mode, plan, refusals, outcomes, requests, startedAt, endedAt, failure } = input;
  const { invited = [], worklist = null } = input;
  const changes = plan?.changes ?? [];
  return {
    runId,
    mode,
    status: statusOf(input),
    digest: plan?.digest ?? null,
    request: input.request,
    summary: {
      groups: {
        ...countGroups(changes),
        unchanged: plan?.unchanged ?? 0,
        skipped: plan?.skipped.length ?? 0,
      },
      members: {
        add: changes.reduce((sum, { add }) => sum + add.length, 0),
        remove: changes.reduce((sum, { remove }) => sum + remove.length, 0),
      },
      unmatched: plan?.unmatched.length ?? 0,
      invited: countNow(plan, invited),
    },
    changes: changes.map((change) => reported(change, outcomes.get(change))),
    skipped: (plan?.skipped ?? []).map(told),
    warnings: plan?.warnings ?? [],
    unmatched: unmatchedSince(plan, worklist),
    resolved: worklist?.resolved ?? [],
    invited: reportedInvitations(plan, invited),
    unsettled: unsettledOf(plan, outcomes),
    frozen: plan?.frozen ?? [],
    refusals,
    requests,
    ledger: null,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Math.round(endedAt - startedAt),
    error: failure?.message ?? null,
  };
}

function unmatchedSince(plan: Plan | null, worklist: Worklist | null): Report['unmatched'] {
  const known = new Map(worklist?.waiting.map((each) => [each.email, each]));
  return (plan?.unmatched ?? []).map((each) => {
    const { since = null, runs = 0 } = known.get(each.email) ?? {};
    return { ...each, since, runs };
  });
}

/** Those to be invited, or once it was tried, those who were. */
function countNow(plan: Plan | null, outcomes: readonly InviteOutcome[]): number {
  if (outcomes.length === 0) return countInvited(plan?.invitations ?? []);
  return outcomes.filter(({ outcome }) => outcome === 'applied').length;
}

function statusOf(input: ReportInput): Status {
  const { plan, refusals, outcomes, invited = [], failure, planned = input.mode === 'plan' } = input;
  if (failure?.name === 'Interrupted') return 'interrupted';
  const calls = invited.map(({ outcome }) => ({ outcome, news: false, needless: false }));
  const ends = [...outcomes.values(), ...calls];
  const tried = ends.some(({ outcome }) => outcome !== 'not-attempted');
  if (plan === null || failure?.name === 'AccessError' || (failure !== null && !tried)) return 'failed';
  if (plan.changes.some(({ held }) => held)) return 'held';
  if (refusals.length > 0) return 'refused';
  if (planned) return nothingToDo(plan) ? 'in-sync' : 'planned';
  const whole = ends.every(
    ({ outcome, news, needless = false }) =>
      outcome === 'applied' || needless || (outcome === 'unsettled' && !news),
  );
  if (failure !== null || !whole || plan.skipped.some(({ because }) => because === undefined))
    return 'partial';
  return nothingToDo(plan) || ends.every(({ needless = false }) => needless) ? 'in-sync' : 'applied';
}

/** A change as it was planned, or, once written, as it was written. */
function reported(planned: Change, outcome: ChangeOutcome | undefined): ReportedChange {
  const change = outcome?.written ?? planned;
  const email = ({ email: address, userId }: Member) => address ?? userId;
  return {
    action: change.action,
    group: { oktaIds: change.oktaIds, secodaId: change.secodaId, name: change.name },
    adopted: change.adopted,
    renamedFrom: change.renamedFrom,
    add: change.add.map(email),
    remove: change.remove.map(email),
    causes: Object.fromEntries(causesOf(change).map((member) => [email(member), member.why])),
    reason: change.reason,
    outcome: outcome?.outcome ?? (planned.held ? 'held' : null),
    unsettled: outcome?.unsettled ?? [],
    error: outcome?.error ?? null,
    before: change.before,
  };
}

/** Without what only decides the status. */
function told({ group, oktaIds, secodaId, reason }: Skipped): Skipped {
  return { group, oktaIds, ...(secodaId === undefined ? {} : { secodaId }), reason };
}

/** Everyone whom Secoda did not honour, now or in an earlier run that is remembered. */
function unsettledOf(plan: Plan | null, outcomes: ReportInput['outcomes']): Unsettled[] {
  const groups = new Map((plan?.unsettled ?? []).map((each) => [each.email, [...each.groups]]));
  for (const [{ name }, { unsettled }] of outcomes)
    for (const email of unsettled) groups.set(email, [...(groups.get(email) ?? []), name]);
  return [...groups]
    .map(([email, names]) => ({ email, groups: names }))
    .sort((a, b) => byText(a.email, b.email));
}

/** `unsettled`: accepted by Secoda, and not honoured in full. */
export type Outcome = 'applied' | 'failed' | 'unsettled' | 'held' | 'not-attempted';

/** What became of one change of an approved plan. */
export interface ChangeOutcome {
  readonly outcome: Outcome;
  /** The change as it was really written, on fresh reads; `null` when nothing was sent. */
  readonly written: Change | null;
  /** People (e-mail, or id where there is none) whom Secoda did not honour. */
  readonly unsettled: readonly string[];
  /** Whether anything of that is new since the last run: only then does it count against the run. */
  readonly news: boolean;
  readonly error: string | null;
  /** Of a join: ids of people who were not asked for after all, since Okta says otherwise by now. */
  readonly dropped?: readonly string[];
  /** Another run, or somebody by hand, brought about what was wanted: nothing is left undone. */
  readonly needless?: true;
}

/** The outcome of a change that was not sent; `error` says why. */
export function notAttempted(error: string, needless = false): ChangeOutcome {
  const outcome = { outcome: 'not-attempted', written: null, unsettled: [], news: false, error } as const;
  return needless ? { ...outcome, needless } : outcome;
}
