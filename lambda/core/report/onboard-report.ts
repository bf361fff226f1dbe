import { type Change, digestOf, NO_BASELINE, type Plan } from '../plan/change.ts';
import type { InviteOutcome } from '../people/invitations.ts';
import { type Answer, answerText } from './onboard-answer.ts';
import type { Join } from '../plan/join.ts';
import type { Onboarding } from '../plan/plan-onboarding.ts';
import { buildReport, type ChangeOutcome, type Report, type ReportInput } from './report.ts';

/** The report of a run, and what became of each person who was asked for. */
export interface OnboardReport extends Report {
  readonly people: readonly { readonly email: string; readonly answers: readonly string[] }[];
}

type OnboardReportInput = Omit<ReportInput, 'mode' | 'plan'> & {
  /** `null` when the run ended before it was known. */
  readonly onboarding: Onboarding | null;
  /** What stands for it, where it is known. */
  readonly digest: string;
  readonly invited: readonly InviteOutcome[];
};

/** The report of an onboarding: that of every run, and what each person is told. */
export function onboardReport({
  onboarding,
  digest,
  outcomes: ends,
  ...rest
}: OnboardReportInput): OnboardReport {
  const outcomes = new Map<Change, ChangeOutcome>();
  const changes: Change[] = [];
  for (const join of onboarding?.joins ?? []) {
    const end = ends.get(join);
    if (end?.needless) continue;
    const added = addedBy(end);
    const remove = end?.written?.remove ?? [];
    const change = { ...join, add: added.length > 0 ? added : join.add, remove, before: null };
    changes.push(change);
    if (end !== undefined) outcomes.set(change, { ...end, written: change });
  }
  const plan = onboarding === null ? null : { ...onboardingPlan(onboarding, changes), digest };
  const report = buildReport({ ...rest, mode: 'onboard', plan, outcomes });
  const whyNot =
    rest.refusals.length > 0
      ? 'the guard refused the run'
      : rest.planned === true
        ? 'a dry run writes nothing'
        : null;
  const people = (onboarding?.people ?? []).map((person) => ({
    email: person.email,
    answers: person.answers
      .map((answer) => resolved(answer, onboarding?.joins ?? [], ends, rest.invited))
      .map((answer) => answerText(whyNot === null ? answer : undone(answer, whyNot))),
  }));
  return { ...report, people };
}

/** Who is in the group by now and was not before. */
function addedBy(end: ChangeOutcome | undefined): Change['add'] {
  if (end?.outcome !== 'applied' && end?.outcome !== 'unsettled') return [];
  return (end.written?.add ?? []).filter(({ email, userId }) => !end.unsettled.includes(email ?? userId));
}

/** An onboarding as a plan. `changes`: what became of its joins, or what they are to be. */
export function onboardingPlan(onboarding: Onboarding, changes: readonly Change[] = onboarding.joins): Plan {
  const { unchanged, skipped, warnings, unmatched, joins, invitations, awaited } = onboarding;
  return {
    digest: digestOf([]),
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
    baseline: NO_BASELINE,
    missed: [],
    doubted: [],
    fighting: [],
    copies: [],
    ours: [],
  };
}

/** Where the archive failed, nobody is said to have what nobody saw. */
const LOST = 'what came of it could not be kept; the same onboarding once more tells';

/** What was to happen, replaced by what came of it. */
function resolved(
  answer: Answer,
  joins: readonly Join[],
  ends: ReadonlyMap<Change, ChangeOutcome>,
  invited: readonly InviteOutcome[],
): Answer {
  const invitation = invited.find(({ email }) => email === answer.email);
  if (invitation !== undefined) {
    if (invitation.outcome === 'applied') return { ...answer, kind: 'invited' };
    return { ...answer, kind: 'not-invited', detail: invitation.error };
  }
  const join = joins.find(({ secodaId }) => secodaId === answer.join?.secodaId);
  const end = join && ends.get(join);
  if (end === undefined) return answer;
  const isThem = (each: { readonly userId: string }) => each.userId === answer.join?.userId;
  if (end.dropped?.some((userId) => userId === answer.join?.userId))
    return { ...answer, kind: 'not-added', detail: 'Okta says otherwise by now' };
  if (addedBy(end).some(isThem)) return { ...answer, kind: 'added' };
  if (end.written?.add.some(isThem)) return { ...answer, kind: 'unsettled' };
  if (end.error !== null) return { ...answer, kind: 'not-added', detail: end.error };
  if (end.written !== null || end.needless === true) return { ...answer, kind: 'already-there' };
  return { ...answer, kind: 'not-added', detail: LOST };
}

/** What a run left undone on purpose, and not because something ended it. */
function undone(answer: Answer, detail: string): Answer {
  if (answer.kind === 'joins') return { ...answer, kind: 'not-added', detail };
  return answer.kind === 'invites' ? { ...answer, kind: 'not-invited', detail } : answer;
}
