import { createIdentity } from '../../core/people/identity.ts';
import {
  byGroups,
  countInvited,
  type Invitation,
  type InvitedInto,
  type InviteOutcome,
  NOT_KNOWN,
} from '../../core/people/invitations.ts';
import { forgetEarlier, settleInvited } from '../../archive/invitations.ts';
import { AccessError } from '../../errors.ts';
import type { Lease } from '../../ports.ts';
import type { InvitingTask, RunContext } from '../context.ts';
import type { RecheckInvited } from '../read/recheck.ts';
import { leaseByLease, type LeaseStep, type SliceWork } from '../write/lease-by-lease.ts';
import type { Prepared, Settled, ToSend } from '../write/under-lease.ts';
import { type Called, inviteOnce, rememberInvitedMembers } from './invite-call.ts';

/** All leases of a run: each is two operations of a durable execution, of which writing leaves a few hundred. */
const MOST_LEASES = 100;
const NOT_ANSWERED = 'Secoda did not say what came of the invitation before; the next run goes on';
/** For invitations, which no group is the measure of. */
const NO_BASELINE = { groupsInScope: 0, managedGroups: 0, memberships: 0 };

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

/** Sends all invitations, one at least, in steps `invite-1`, `invite-2` …, with waits between them. Never throws. */
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

/** As many calls as one lease allows. */
async function beginCalls(
  task: InvitingTask,
  context: RunContext,
  inviting: Inviting,
  { pending, done: before }: LeaseStep<string>,
): Promise<SliceWork<string, InviteOutcome, readonly InviteOutcome[]>> {
  const invitations = withOnly(inviting.invitations, pending);
  const wanted = await stillWanted(inviting.recheck, invitations);
  const sent: Invitation[] = [];
  const total = countInvited(inviting.invitations);
  return {
    keys: invitations.flatMap(({ emails }) => emails),
    metered: true,
    bounds: { baseline: NO_BASELINE, mayLeave: null, byOperator: inviting.approved },
    told: (_email, _outcome, done) => context.sources.listen({ kind: 'invited', done: before + done, total }),
    prepare: (lease) => prepare({ context, task, anew: inviting.anew, wanted, lease, sent }, invitations),
    async keep({ outcomes }, attempt) {
      if (sent.length > 0) await attempt(() => rememberInvitedMembers(context, sent), undefined);
      return outcomes.map(([, outcome]) => outcome);
    },
    waits: (left) => left.length > 0,
  };
}

interface LeaseInput {
  readonly context: RunContext;
  readonly task: InvitingTask;
  readonly anew: number | null;
  readonly wanted: ReadonlyMap<string, readonly InvitedInto[]>;
  readonly lease: Lease;
  /** What Secoda accepted. */
  readonly sent: Invitation[];
}

/** Reads who has an account or an invitation by now: only the others are called for, group by group. */
async function prepare(
  input: LeaseInput,
  invitations: readonly Invitation[],
): Promise<Prepared<string, InviteOutcome>> {
  const { context, anew, wanted } = input;
  const { archive, rules, sources } = context;
  if (anew !== null) await forgetEarlier(archive, rules.name, [...wanted.keys()], anew);
  const users = await sources.workspace.users();
  const identity = createIdentity(rules.people, users);
  const before = await settleInvited(archive, rules.name, users);
  const all = invitations.flatMap(({ emails }) => emails);
  const known = (email: string) => identity.account(email) !== 'none' || before.has(email);
  const calls = byGroups(new Map([...wanted].filter(([email]) => !known(email))));
  const called = new Map(
    calls.flatMap(({ emails, groups }) => emails.map((email) => [email, groups] as const)),
  );
  const unsaid = (email: string): Settled<InviteOutcome> => {
    const not = (error: string) => ({ outcome: { email, outcome: 'not-attempted', error } as const });
    if (!wanted.has(email)) return not('none of their groups is there, or Okta says otherwise by now');
    const isNew = identity.account(email) === 'none';
    if (isNew && before.get(email)?.sure === false) return not(NOT_KNOWN);
    // An account by now is what was wanted, and so is an invitation by another run, a moment ago.
    return { outcome: { email, outcome: 'applied', error: null } };
  };
  let lost = false;
  return {
    keys: [...all.filter((email) => !called.has(email)), ...called.keys()],
    changes: [],
    invited: called,
    async next(email) {
      const groups = called.get(email);
      if (groups === undefined) return unsaid(email);
      // Whoever is not answered cannot be invited again for a while: that is not to become of others, too.
      if (lost) return { outcome: { email, outcome: 'not-attempted', error: NOT_ANSWERED } };
      await input.lease.renew();
      return toCall(input, { emails: [email], groups }, (outcome) => {
        lost = outcome === 'lost';
      });
    },
  };
}

function toCall(
  { context, task, lease, sent }: LeaseInput,
  call: Invitation & { readonly emails: readonly [string] },
  heard: (outcome: Called['outcome']) => void,
): ToSend<InviteOutcome> {
  const [email] = call.emails;
  return {
    asked: email,
    refused: (error) => ({ email, outcome: 'not-attempted', error }),
    // Without the right to invite, what became of them is why the run ended.
    failed: ({ message: error, stop }) =>
      stop instanceof AccessError ? null : { email, outcome: 'failed', error },
    async send() {
      const { outcome, error, stop } = await inviteOnce(task, context, call, lease);
      heard(outcome);
      if (outcome === 'applied') sent.push(call);
      const said = { email, outcome: outcome === 'lost' ? 'failed' : outcome, error } as const;
      const unsure = outcome === 'lost';
      return stop === undefined ? { outcome: said, unsure } : { outcome: said, unsure, stop };
    },
  };
}

/** Everybody whom Okta still has in a group that is there, with these groups. */
async function stillWanted(
  recheck: RecheckInvited,
  invitations: readonly Invitation[],
): Promise<ReadonlyMap<string, readonly InvitedInto[]>> {
  const wanted = new Map<string, InvitedInto[]>();
  const belongs = recheck(new Set(invitations.flatMap(({ emails }) => emails)));
  for (const { emails, groups } of invitations) {
    for (const group of groups.filter(({ secodaId }) => secodaId !== null)) {
      for (const email of await belongs(emails, group))
        wanted.set(email, [...(wanted.get(email) ?? []), group]);
    }
  }
  return wanted;
}

function withOnly(
  invitations: readonly Invitation[],
  pending: readonly string[] | null,
): readonly Invitation[] {
  if (pending === null) return invitations;
  const left = new Set(pending);
  return invitations
    .map(({ emails, groups }) => ({ emails: emails.filter((email) => left.has(email)), groups }))
    .filter(({ emails }) => emails.length > 0);
}
