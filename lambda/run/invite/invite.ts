import type { GroupRef } from '../../core/model/workspace.ts';
import { NO_BASELINE } from '../../core/plan/change.ts';
import { createIdentity, type Identity } from '../../core/people/identity.ts';
import {
  byGroups,
  countInvited,
  type Invitation,
  type InvitedBefore,
  type InviteOutcome,
  NOT_KNOWN,
} from '../../core/people/invitations.ts';
import { forgetEarlier, settleInvited } from '../../archive/invitation-notes.ts';
import type { InvitingTask, RunContext } from '../context.ts';
import type { RecheckInvited } from '../read/recheck.ts';
import { leaseByLease, type LeaseStep, type SliceWork } from '../write/lease-by-lease.ts';
import { inviteOnce, rememberInvitedMembers } from './invite-call.ts';

/** All leases of a run: each is two operations of a durable execution, of which writing leaves a few hundred. */
const MOST_LEASES = 100;
const NOT_ANSWERED = 'Secoda did not say what came of the invitation before; the next run goes on';

/** Whom to invite, and how. */
export interface Inviting {
  readonly invitations: readonly Invitation[];
  /** An operator approved these very people. */
  readonly approved: boolean;
  /** What was noted of these people before this time (epoch milliseconds) does not count: an operator has them invited anew. */
  readonly anew: number | null;
  readonly recheck: RecheckInvited;
  /** When the run began, in epoch milliseconds. */
  readonly startedAt: number;
}

export interface InviteResult {
  /** One for each person. Plain data. */
  readonly outcomes: readonly InviteOutcome[];
  readonly stop: Error | null;
}

/** Sends all invitations, of which there is one at least, in steps `invite-1`, `invite-2` …, with waits between them. Never throws. */
export async function sendInvitations(
  task: InvitingTask,
  context: RunContext,
  inviting: Inviting,
): Promise<InviteResult> {
  const { invitations, startedAt } = inviting;
  const { kept, stopped, why } = await leaseByLease(context, task, {
    ...{ name: 'invite', count: 1, startedAt, mostSteps: MOST_LEASES },
    begin: (step: LeaseStep<string>) => beginCalls(task, context, inviting, step),
  });
  const outcomes = new Map(kept.flat().map((each) => [each.email, each] as const));
  for (const email of invitations.flatMap(({ emails }) => emails))
    if (!outcomes.has(email)) outcomes.set(email, { email, outcome: 'not-attempted', error: why });
  return { outcomes: [...outcomes.values()], stop: stopped };
}

/** As many calls as one lease allows, one a person who has no account and no invitation by then. */
async function beginCalls(
  task: InvitingTask,
  context: RunContext,
  { invitations: all, recheck, anew, approved }: Inviting,
  { pending, done: before }: LeaseStep<string>,
): Promise<SliceWork<string, InviteOutcome, readonly InviteOutcome[]>> {
  const { sources, rules, archive } = context;
  const invitations = withOnly(all, pending);
  const emails = invitations.flatMap((each) => each.emails);
  const wanted = await stillWanted(recheck, invitations);
  let called: ReadonlyMap<string, readonly GroupRef[]> = new Map();
  return {
    keys: emails,
    metered: true,
    bounds: { baseline: NO_BASELINE, mayLeave: null, byOperator: approved },
    told: (_email, _outcome, done) =>
      sources.listen({ kind: 'invited', done: before + done, total: countInvited(all) }),
    async prepare(lease) {
      if (anew !== null) await forgetEarlier(archive, rules.name, [...wanted.keys()], anew);
      const users = await sources.workspace.users();
      const identity = createIdentity(rules.people, users);
      const invited = await settleInvited(archive, rules.name, users);
      const toCall = [...wanted].filter(([email]) => isNew(email, identity) && !invited.has(email));
      called = new Map(
        byGroups(new Map(toCall)).flatMap((each) => each.emails.map((email) => [email, each.groups])),
      );
      let lost = false;
      return {
        keys: [...emails.filter((email) => !called.has(email)), ...called.keys()],
        changes: [],
        invited: called,
        async next(email) {
          const groups = called.get(email);
          if (groups === undefined) return { outcome: withoutCall(email, wanted, invited, identity) };
          // Whoever is not answered cannot be invited again for a while: that is not to become of others, too.
          if (lost) return { outcome: not(email, NOT_ANSWERED) };
          await lease.renew();
          return {
            asked: email,
            refused: (error) => not(email, error),
            failed: ({ message: error }) => ({ email, outcome: 'failed', error }),
            async send() {
              const sent = await inviteOnce(task, context, email, groups, lease);
              lost = sent.unsure === true;
              return sent;
            },
          };
        },
      };
    },
    async keep({ outcomes }, attempt) {
      const sent = outcomes.filter(([email, { outcome }]) => outcome === 'applied' && called.has(email));
      const into = sent.map(([email]) => [email, called.get(email) ?? []] as const);
      if (into.length > 0) await attempt(() => rememberInvitedMembers(context, into), undefined);
      return outcomes.map(([, outcome]) => outcome);
    },
    waits: (left) => left.length > 0,
  };
}

/** What becomes of somebody who is not called for. An account by now is what was wanted, and so is an invitation by another run. */
function withoutCall(
  email: string,
  wanted: ReadonlyMap<string, unknown>,
  invited: InvitedBefore,
  identity: Identity,
): InviteOutcome {
  if (!wanted.has(email)) return not(email, 'none of their groups is there, or Okta says otherwise by now');
  if (isNew(email, identity) && invited.get(email)?.sure === false) return not(email, NOT_KNOWN);
  return { email, outcome: 'applied', error: null };
}

function not(email: string, error: string): InviteOutcome {
  return { email, outcome: 'not-attempted', error };
}

function isNew(email: string, identity: Identity): boolean {
  return identity.account(email) === 'none';
}

/** Everybody whom Okta still has in a group that is there, with these groups. */
async function stillWanted(recheck: RecheckInvited, invitations: readonly Invitation[]) {
  const wanted = new Map<string, GroupRef[]>();
  const belongs = recheck(new Set(invitations.flatMap(({ emails }) => emails)));
  for (const { emails, groups } of invitations) {
    for (const group of groups.filter(({ secodaId }) => secodaId !== null)) {
      for (const email of await belongs(emails, group))
        wanted.set(email, [...(wanted.get(email) ?? []), group]);
    }
  }
  return wanted;
}

function withOnly(invitations: readonly Invitation[], pending: readonly string[] | null) {
  if (pending === null) return invitations;
  const left = new Set(pending);
  return invitations
    .map(({ emails, groups }) => ({ emails: emails.filter((email) => left.has(email)), groups }))
    .filter(({ emails }) => emails.length > 0);
}
