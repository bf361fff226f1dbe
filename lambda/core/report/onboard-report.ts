import { type Change, digestOf, type Plan } from '../plan/change.ts';
import type { Removal } from '../model/workspace.ts';
import type { InviteOutcome } from '../people/invitations.ts';
import type { Fingerprint } from '../model/memory.ts';
import { type Answer, answerText } from './onboard-answer.ts';
import type { Join } from '../plan/join.ts';
import type { Onboarding } from '../plan/onboard.ts';
import { buildReport, type ChangeOutcome, type Outcome, type Report, type ReportInput } from './report.ts';

/** What became of one join. Plain data. */
export interface JoinOutcome {
  readonly secodaId: string;
  /** `already`: everybody who still belongs was there by the time of the write. */
  readonly outcome: Outcome | 'already';
  /** Ids of people whom the group holds now and who were not there before. */
  readonly added: readonly string[];
  /** Ids of people whom Secoda did not take. */
  readonly unsettled: readonly string[];
  /** Members who lost their place because Secoda refuses them. */
  readonly lost: readonly Removal[];
  /** Ids of people who were not asked for after all, with the reason. */
  readonly dropped: readonly (readonly [userId: string, reason: string])[];
  /** Whether what is unsettled is new since the last run. */
  readonly news: boolean;
  readonly error: string | null;
}

/** A join of which nothing came. */
export const NO_JOIN = { added: [], unsettled: [], lost: [], dropped: [], news: false, error: null } as const;

/** The report of a run, and what became of each person who was asked for. */
export interface OnboardReport extends Report {
  readonly people: readonly { readonly email: string; readonly answers: readonly string[] }[];
}

type OnboardReportInput = Omit<ReportInput, 'mode' | 'plan' | 'outcomes'> & {
  /** `null` when the run ended before it was known. */
  readonly onboarding: Onboarding | null;
  /** What stands for it, where it is known. */
  readonly digest: string;
  /** By Secoda group id. */
  readonly joined: ReadonlyMap<string, JoinOutcome>;
  readonly invited: readonly InviteOutcome[];
  readonly fingerprint: Fingerprint;
};

/** The report of an onboarding: that of every run, and what each person is told. */
export function onboardReport({
  onboarding,
  digest,
  joined,
  invited,
  fingerprint,
  ...rest
}: OnboardReportInput): OnboardReport {
  const outcomes = new Map<Change, ChangeOutcome>();
  const changes: Change[] = [];
  for (const join of onboarding?.joins ?? []) {
    const result = joined.get(join.secodaId);
    if (result?.outcome === 'already') continue;
    const change = { ...changeOf(join, result?.added), remove: result?.lost ?? [] };
    changes.push(change);
    if (result === undefined) continue;
    const { outcome, news, error } = result;
    const unsettled = [
      ...result.unsettled.map((id) => emailIn(join, id)),
      ...result.lost.map(({ email, userId }) => email ?? userId),
    ];
    outcomes.set(change, { outcome, written: change, unsettled, news, error });
  }
  const plan = onboarding === null ? null : { ...onboardingPlan(onboarding, fingerprint, changes), digest };
  const report = buildReport({ ...rest, mode: 'onboard', plan, outcomes, invited });
  const whyNot =
    rest.refusals.length > 0
      ? 'the guard refused the run'
      : rest.planned === true
        ? 'a dry run writes nothing'
        : null;
  const people = (onboarding?.people ?? []).map((person) => ({
    email: person.email,
    answers: person.answers
      .map((answer) => resolved(answer, joined, invited))
      .map((answer) => answerText(whyNot === null ? answer : undone(answer, whyNot))),
  }));
  return { ...report, people };
}

/** A join as the report shows changes: an update that only adds. */
export function changeOf({ secodaId, name, oktaIds, add }: Join, added?: readonly string[]): Change {
  const members = add.map(({ user, email }) => ({ userId: user.id, email }));
  return {
    action: 'update',
    oktaIds,
    secodaId,
    name,
    adopted: false,
    known: false,
    renamedFrom: null,
    add:
      added === undefined || added.length === 0 ? members : members.filter((m) => added.includes(m.userId)),
    remove: [],
    reason: 'onboarding',
    before: null,
    content: null,
    superseded: false,
    handovers: [],
    wave: 0,
    again: false,
  };
}

/** A join as the guard judges it: against who is in the group. */
export function judgedJoin(join: Join): Change {
  const members = join.members.map((userId) => ({ userId, email: null }));
  return { ...changeOf(join), before: { name: join.name, description: '', members } };
}

/** An onboarding as a plan. `changes`: what became of its joins, or what they are to be. */
export function onboardingPlan(
  onboarding: Onboarding,
  fingerprint: Fingerprint,
  changes: readonly Change[] = onboarding.joins.map((join) => changeOf(join)),
): Plan {
  const { unchanged, skipped, warnings, unmatched, joins, invitations, awaited } = onboarding;
  return {
    digest: digestOf([], fingerprint),
    inScope: [],
    changes,
    unchanged: unchanged + joins.length - changes.length,
    skipped: skipped.filter(({ because }) => because !== 'frozen'),
    frozen: skipped.flatMap(({ because, group, oktaIds }) =>
      because === 'frozen' ? { group, oktaIds, wouldRemove: [] } : [],
    ),
    warnings,
    unmatched,
    invitations,
    awaited,
    unsettled: [],
    baseline: { groupsInScope: 0, managedGroups: 0, memberships: 0 },
    missed: [],
    doubted: [],
    fighting: [],
    copies: [],
    ours: [],
  };
}

/** What was to happen, replaced by what came of it. */
function resolved(
  answer: Answer,
  joined: ReadonlyMap<string, JoinOutcome>,
  invited: readonly InviteOutcome[],
): Answer {
  const invitation = invited.find(({ email }) => email === answer.email);
  if (invitation !== undefined) {
    if (invitation.outcome === 'applied') return { ...answer, kind: 'invited' };
    return { ...answer, kind: 'not-invited', detail: invitation.error };
  }
  const result = joined.get(answer.join?.secodaId ?? '');
  if (answer.join === null || result === undefined) return answer;
  const { userId } = answer.join;
  const dropped = result.dropped.find(([id]) => id === userId)?.[1];
  if (dropped !== undefined) return { ...answer, kind: 'not-added', detail: dropped };
  if (result.unsettled.includes(userId)) return { ...answer, kind: 'unsettled' };
  if (result.added.includes(userId)) return { ...answer, kind: 'added' };
  if (result.error !== null) return { ...answer, kind: 'not-added', detail: result.error };
  return { ...answer, kind: 'already-there' };
}

/** What a run left undone on purpose, and not because something ended it. */
function undone(answer: Answer, detail: string): Answer {
  if (answer.kind === 'joins') return { ...answer, kind: 'not-added', detail };
  return answer.kind === 'invites' ? { ...answer, kind: 'not-invited', detail } : answer;
}

function emailIn({ add }: Join, userId: string): string {
  return add.find(({ user }) => user.id === userId)?.email ?? userId;
}
