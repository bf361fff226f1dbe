import { grownTooMuch } from '../guard/guard-rules.ts';
import { settledBy } from '../guard/hold.ts';
import { type Judgement, judgePlan, type OperatorWord, waitingSince } from '../guard/judge-plan.ts';
import { measure, type Recent } from '../guard/recent.ts';
import { peopleIn, type Reads } from '../model/reads.ts';
import type { GuardRules, SyncRules } from '../model/rules.ts';
import type { InvitedBefore } from '../people/invitations.ts';
import { mayHaveMoved, type Moved, movedPeople, movedWarnings, withMoved } from '../people/moved.ts';
import { peopleOf } from '../people/people-report.ts';
import { idleRules } from '../report/matches-nothing.ts';
import type { Worklist } from '../report/worklist.ts';
import { withCauses } from './causes.ts';
import type { Baseline, Plan, PlanInput } from './change.ts';
import { makePlan } from './plan.ts';

/** All that the plan of a run was made from and judged by, but for the configuration. Plain data. */
export interface Snapshot extends Pick<
  PlanInput,
  'now' | 'nextRunAt' | 'directory' | 'workspace' | 'memory'
> {
  readonly invited: InvitedBefore;
  /** What the guard counted along. */
  readonly recent: Recent;
  /** The last reading of everything before this run. */
  readonly reads: Reads;
  readonly worklist: Worklist | null;
  readonly due: NonNullable<Baseline['due']>;
  /** The operator's word that the run went by. */
  readonly approval: OperatorWord | null;
  /** What earlier runs held and this one holds again, and since when (epoch milliseconds). */
  readonly heldBefore: { readonly digest: string; readonly since: number } | null;
}

/** The configuration, as far as planning and judging depend on it, and how texts are hashed. */
interface Deciding {
  readonly rules: SyncRules;
  readonly guard: GuardRules;
}

/** A run's whole input, as a plan is made from it. */
interface WholeInput extends PlanInput, Pick<Snapshot, 'reads' | 'worklist'> {
  /** Whose account is taken for theirs although their address differs: the rules have an alias for each of them. */
  readonly moved: readonly Moved[];
}

/** `part`: what a run of a part may change. */
export function inputOf(
  snapshot: Omit<Snapshot, 'due' | 'heldBefore'>,
  { rules }: Deciding,
  part: Pick<PlanInput, 'targets' | 'mayGo'> = { targets: null },
): WholeInput {
  const { recent, directory, workspace, reads } = snapshot;
  const inOkta = () => peopleOf(directory.memberships.keys(), directory);
  const moved = mayHaveMoved(rules.people, workspace.users, inOkta())
    ? movedPeople(rules.people, workspace.users, inOkta(), reads)
    : [];
  const people = withMoved(rules.people, moved);
  return { ...snapshot, ...part, rules: { ...rules, people }, moved, recentlyInvited: recent.invited };
}

/** The plan with why people come and go, and all warnings. Pure. `rules`: as configured. */
export function planFrom(input: WholeInput, rules: SyncRules): Plan {
  const { reads, worklist, moved } = input;
  const plan = withCauses(makePlan(input), input, {
    unmatched: new Set(worklist?.waiting.map(({ email }) => email)),
    people: reads.people,
    peopleIn(oktaId) {
      const list = reads.lists.get(oktaId);
      return list === undefined ? null : peopleIn(reads, list);
    },
  });
  return { ...plan, warnings: [...idleRules(rules, input), ...movedWarnings(moved), ...plan.warnings] };
}

/** Makes the plan of a snapshot again, and judges it: by the same rules the same plan, with the same digest. Pure. */
export function planAgain(snapshot: Snapshot, deciding: Deciding): Judgement {
  const { recent, approval, heldBefore, now, due } = snapshot;
  const input = inputOf(snapshot, deciding);
  const made = planFrom(input, deciding.rules);
  const measured = measure(made.baseline, recent, snapshot.workspace.groups);
  const grown = grownTooMuch(made.changes, { baseline: measured, recent }, deciding.guard);
  const baseline = grown.length === 0 ? measured : { ...measured, due };
  const judged = judgePlan(made, { ...deciding, recent, baseline, approval, settled: settledBy(input), now });
  if (judged.held === null || heldBefore?.digest !== judged.plan.digest) return judged;
  const warnings = [...waitingSince(heldBefore.since, now), ...judged.plan.warnings];
  return { ...judged, plan: { ...judged.plan, warnings } };
}
