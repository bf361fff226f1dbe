import type { Change } from '../core/change.ts';
import { createIdentity } from '../core/identity.ts';
import { type Invitation, type InvitedInto, inFewCalls, type InviteOutcome } from '../core/invitations.ts';
import type { ChangeOutcome } from '../core/outcome.ts';
import type { InviteRules, SyncRules } from '../core/rules.ts';
import type { Fingerprint } from '../core/model.ts';
import { TurnOver, WriteError } from '../errors.ts';
import type { Archive, Inviter, Journey, Turn, Turns } from '../ports.ts';
import { type Note, noteOf } from './note.ts';
import { forgetInvited, invitedBy, noteInvited, SURE_MS, UNSURE_MS } from './invited.ts';
import { rememberInvitedMembers } from './invited-members.ts';
import type { Sources } from './read.ts';

/** Refusals in a row of one person after the other: it is not the people that Secoda minds. */
const REFUSALS = 3;
/** Turns taken in a row without a single call: somebody else uses up the whole write budget. */
const FRUITLESS_TURNS = 30;

/** Who of these people belongs into a group as Okta has it now. */
export type Belonging = (emails: readonly string[], group: InvitedInto) => Promise<ReadonlySet<string>>;
/** A new look at Okta, taken just before these people are invited: it asks for nothing twice. */
export type Look = (about: ReadonlySet<string>) => Belonging;

export interface InviteInput {
  readonly sources: Pick<Sources, 'workspace' | 'clock'>;
  readonly rules: SyncRules;
  readonly invite: InviteRules;
  readonly archive: Archive;
  readonly fingerprint: Fingerprint;
  readonly inviter: Inviter;
  readonly turns: Turns;
  readonly belonging: Look;
  /** The Secoda id of a group by now; `null` where it could not be made or written, so that nobody is invited into it. */
  readonly idOf: (group: InvitedInto) => string | null;
}

export interface InviteResult {
  /** One for each person. Plain data. */
  readonly outcomes: readonly InviteOutcome[];
  readonly stop: Note | null;
}

/** Sends all invitations, in steps `invite-1`, `invite-2` …, with waits for the write budget between them. Never throws. */
export async function sendInvitations(
  input: InviteInput,
  invitations: readonly Invitation[],
  journey: Journey,
): Promise<InviteResult> {
  const outcomes = new Map<string, InviteOutcome>();
  let stop: Note | null = null;
  let fruitless = 0;
  const left = () => invitationsWithout(invitations, outcomes);
  for (let n = 1; left().length > 0 && stop === null && fruitless < FRUITLESS_TURNS; n++) {
    const pending = left();
    const result = await journey.step(`invite-${n}`, () => inviteSlice(input, pending));
    for (const outcome of result.outcomes) outcomes.set(outcome.email, outcome);
    ({ stop } = result);
    fruitless = result.outcomes.length === 0 ? fruitless + 1 : 0;
    if (result.waitMs > 0) await journey.wait(`invite-budget-${n}`, result.waitMs);
  }
  const error = stop?.message ?? 'the write budget was used up by others all the time';
  for (const email of left().flatMap(({ emails }) => emails))
    outcomes.set(email, { email, outcome: 'not-attempted', error });
  return { outcomes: [...outcomes.values()], stop };
}

/** As many calls as one turn allows. People without an outcome are left for the next. */
async function inviteSlice(
  input: InviteInput,
  invitations: readonly Invitation[],
): Promise<InviteResult & { readonly waitMs: number }> {
  const { archive, rules, sources, turns } = input;
  const outcomes: InviteOutcome[] = [];
  const settle = (emails: readonly string[], outcome: InviteOutcome['outcome'], error: string | null) =>
    outcomes.push(...emails.map((email) => ({ email, outcome, error })));
  const sent: Invitation[] = [];
  let stop: Note | null = null;
  let over = false;
  let waitMs = 0;
  try {
    const wanted = await stillWanted(input, invitations, settle);
    const turn = await turns.take();
    try {
      const identity = createIdentity(rules.people, await sources.workspace.users());
      const invited = await invitedBy(archive, rules.name, sources.clock.now());
      const known = (email: string) => identity.account(email) !== 'none' || invited.has(email);
      for (const call of inFewCalls(new Map([...wanted].filter(([email]) => !known(email))))) {
        await turn.renew();
        await inviteAll(call);
      }
      for (const email of [...wanted.keys()].filter(known)) {
        // An account by now is what was wanted; an invitation that shows in no list yet may have been cut off.
        if (identity.account(email) !== 'none') settle([email], 'applied', null);
        else settle([email], 'not-attempted', 'they were invited a moment ago; the next run looks again');
      }

      async function inviteAll(call: Invitation): Promise<void> {
        const refused = await inviteOnce(input, call, turn, settle, call.emails.length > 1);
        if (refused === null) return void sent.push(call);
        let refusals = 0;
        for (const email of call.emails) {
          if (refusals === REFUSALS) settle([email], 'not-attempted', refused);
          else if ((await inviteOnce(input, { ...call, emails: [email] }, turn, settle, false)) === null) {
            refusals = 0;
            sent.push({ ...call, emails: [email] });
          } else refusals++;
        }
      }
    } catch (error) {
      if (!(error instanceof TurnOver)) throw error;
      over = true;
    } finally {
      await turn.release();
    }
    if (sent.length > 0) await rememberInvitedMembers({ ...input, sent });
    if (over) waitMs = await turns.due();
  } catch (error) {
    stop = noteOf(error);
    if (stop.kind === 'usage') stop = { ...stop, kind: 'unforeseen' };
  }
  return { outcomes, stop, waitMs };
}

type Settle = (emails: readonly string[], outcome: InviteOutcome['outcome'], error: string | null) => unknown;

/** Everybody whom Okta still has in a group that is there, with these groups. */
async function stillWanted(
  { belonging, idOf }: InviteInput,
  invitations: readonly Invitation[],
  settle: Settle,
): Promise<ReadonlyMap<string, readonly InvitedInto[]>> {
  const wanted = new Map<string, InvitedInto[]>();
  const belongs = belonging(new Set(invitations.flatMap(({ emails }) => emails)));
  for (const { emails, groups } of invitations) {
    for (const group of groups) {
      const secodaId = idOf(group);
      if (secodaId === null) continue;
      for (const email of await belongs(emails, group))
        wanted.set(email, [...(wanted.get(email) ?? []), { ...group, secodaId }]);
    }
    const none = emails.filter((email) => !wanted.has(email));
    settle(none, 'not-attempted', 'none of their groups is there, or Okta says otherwise by now');
  }
  return wanted;
}

/** One call. `null` when it was accepted; what Secoda has against it otherwise, which `again` leaves without an outcome. */
async function inviteOnce(
  { archive, rules, sources, inviter, invite }: InviteInput,
  { emails, groups }: Invitation,
  turn: Turn,
  settle: Settle,
  again: boolean,
): Promise<string | null> {
  const { clock } = sources;
  const ids = groups.flatMap(({ secodaId }) => secodaId ?? []);
  // Noted before it is sent, so that whoever is killed meanwhile does not invite them twice.
  await noteInvited(archive, rules.name, emails, clock.now(), UNSURE_MS);
  try {
    await inviter.invite(emails, invite.role, ids, turn);
  } catch (error) {
    const unknown = error instanceof WriteError && error.server;
    if (!unknown) await forgetInvited(archive, rules.name, emails);
    if (!(error instanceof WriteError)) throw error;
    if (!again || unknown) settle(emails, 'failed', error.message);
    return unknown ? null : error.message;
  }
  await noteInvited(archive, rules.name, emails, clock.now(), SURE_MS);
  settle(emails, 'applied', null);
  return null;
}

/** The Secoda ids of groups after these changes: of those that are there, and were written if they had to be. */
export function idsAfter(outcomes: ReadonlyMap<Change, ChangeOutcome>): InviteInput['idOf'] {
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

function invitationsWithout(
  invitations: readonly Invitation[],
  outcomes: ReadonlyMap<string, InviteOutcome>,
): readonly Invitation[] {
  return invitations.flatMap(({ emails, groups }) => {
    const left = emails.filter((email) => !outcomes.has(email));
    return left.length === 0 ? [] : [{ emails: left, groups }];
  });
}
