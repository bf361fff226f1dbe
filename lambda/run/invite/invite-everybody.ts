import type { GroupRef } from '../../core/model/workspace.ts';
import type { Change, Plan } from '../../core/plan/change.ts';
import type { Invitation } from '../../core/people/invitations.ts';
import type { ChangeOutcome } from '../../core/report/report.ts';
import type { Onboarding } from '../../core/plan/plan-onboarding.ts';
import type { InvitingTask, RunContext } from '../context.ts';
import { recheckByMembers, recheckByPeople } from '../read/recheck.ts';
import { type InviteResult, type Inviting, sendInvitations } from './invite.ts';
import { outcomesOf, type WriteEnd } from '../write/write.ts';

/** Whose changes and invitations; with the Okta records of each address where single people are asked for. */
type Invitable = Pick<Plan, 'changes' | 'invitations'> & { readonly invitees?: Onboarding['invitees'] };

/** Sends a plan's invitations once its groups are as they are to be: only then are the ids of new groups known. */
export async function inviteEverybody(
  task: InvitingTask,
  context: RunContext,
  plan: () => Promise<Invitable>,
  writing: WriteEnd | null,
  inviting: Omit<Inviting, 'invitations' | 'recheck'>,
): Promise<InviteResult> {
  const { workflow, checkpoints } = context;
  const { invitations, invitees } = await workflow.step('invitations', async () => {
    const found = await plan();
    const outcomes = writing === null ? new Map() : await outcomesOf(found, writing, checkpoints);
    return { invitations: fitting(found.invitations, idsAfter(outcomes)), invitees: found.invitees ?? null };
  });
  const recheck = invitees === null ? recheckByMembers(context) : recheckByPeople(context, new Map(invitees));
  return sendInvitations(task, context, { ...inviting, invitations, recheck });
}

/** The outcome of everybody who was to be invited, also of those who have to wait for the next run. */
export function everyInviteOutcome({ invitations }: Pick<Plan, 'invitations'>, { outcomes }: InviteResult) {
  const told = new Set(outcomes.map(({ email }) => email));
  const left = invitations.flatMap(({ emails }) => emails).filter((email) => !told.has(email));
  const error = 'so many people are invited over several runs; the next one goes on';
  return [...outcomes, ...left.map((email) => ({ email, outcome: 'not-attempted', error }) as const)];
}

/** The Secoda ids of groups after these changes: of those that are there, and were written if they had to be. */
function idsAfter(outcomes: ReadonlyMap<Change, ChangeOutcome>): (group: GroupRef) => string | null {
  const byKey = new Map(
    [...outcomes].flatMap(([change, outcome]) => [
      [change.oktaIds.join(), outcome] as const,
      ...(change.secodaId === null ? [] : [[change.secodaId, outcome] as const]),
    ]),
  );
  return ({ oktaIds, secodaId }) => {
    const result = byKey.get(secodaId ?? oktaIds.join());
    if (result === undefined) return secodaId;
    const written = result.outcome === 'applied' || result.outcome === 'unsettled';
    return written ? (result.written?.secodaId ?? secodaId) : null;
  };
}

/** A step's result may have 256 KB: so many people at most in one run, each of whom may fail with an error of its own. */
const MOST_PEOPLE = 150;
/** Bytes of all invitations together: people who share no groups take a list of groups each. */
const LONGEST = 100_000;
/** The members of so many Okta groups are read again in one step, which may take minutes; and so many calls are few operations. */
const MOST_LISTS = 200;

/**
 * As many of the invitations as one run sends, with the ids their groups have by now. One that is too large by itself comes
 * last, and is into some of its groups: these people get into the others like everybody who has an account.
 */
export function fitting(all: readonly Invitation[], idOf: (group: GroupRef) => string | null) {
  const invitations: Invitation[] = [];
  const room = { people: MOST_PEOPLE, lists: MOST_LISTS, bytes: LONGEST };
  for (const { emails, groups } of all.toSorted((a, b) => listsOf(a.groups) - listsOf(b.groups))) {
    const whole = { emails, groups: groups.map((group) => ({ ...group, secodaId: idOf(group) })) };
    const invitation = invitations.length === 0 ? cut(whole) : whole;
    const size = sizeOf(invitation);
    const fits = size.people <= room.people && size.lists <= room.lists && size.bytes <= room.bytes;
    if (!fits && invitations.length > 0) continue;
    invitations.push(invitation);
    room.people -= size.people;
    room.lists -= size.lists;
    room.bytes -= size.bytes;
  }
  return invitations;
}

/** Into as many of its groups as there is room for, the first at least. */
function cut({ emails, groups }: Invitation): Invitation {
  let lists = 0;
  let bytes = 0;
  const some = groups.filter((group, n) => {
    lists += group.oktaIds.length;
    bytes += Buffer.byteLength(JSON.stringify(group));
    return n === 0 || (lists <= MOST_LISTS && bytes <= LONGEST);
  });
  return { emails, groups: some };
}

function sizeOf(invitation: Invitation): { people: number; lists: number; bytes: number } {
  const bytes = Buffer.byteLength(JSON.stringify(invitation));
  return { people: invitation.emails.length, lists: listsOf(invitation.groups), bytes };
}

function listsOf(groups: readonly GroupRef[]): number {
  return groups.reduce((sum, { oktaIds }) => sum + oktaIds.length, 0);
}
