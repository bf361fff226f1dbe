import type { Invitation, InvitedInto, InviteOutcome } from '../core/invitations.ts';

/** A step's result may have 256 KB: so many people at most in one run, each of whom may fail with an error of its own. */
const MOST_PEOPLE = 300;
/** Characters of all invitations together: people who share no groups take a list of groups each. */
const LONGEST = 100_000;
/** The members of so many Okta groups are read again in one step, which may take minutes; and so many calls are few operations. */
const MOST_LISTS = 200;

export interface Portion {
  readonly invitations: readonly Invitation[];
  /** Addresses of whoever has to wait. */
  readonly later: readonly string[];
}

/** As many of the invitations as one run sends, the first at least, with the ids their groups have by now. */
export function portion(all: readonly Invitation[], idOf: (group: InvitedInto) => string | null): Portion {
  const invitations: Invitation[] = [];
  const later: string[] = [];
  let people = 0;
  let length = 0;
  let lists = 0;
  for (const { emails, groups } of all) {
    const invitation = { emails, groups: groups.map((group) => ({ ...group, secodaId: idOf(group) })) };
    people += emails.length;
    length += JSON.stringify(invitation).length;
    lists += groups.reduce((sum, { oktaIds }) => sum + oktaIds.length, 0);
    const fits = people <= MOST_PEOPLE && length <= LONGEST && lists <= MOST_LISTS;
    if (fits || invitations.length === 0) invitations.push(invitation);
    else later.push(...emails);
  }
  return { invitations, later };
}

/** The outcomes of people whom this run does not invite any more. */
export function outcomesOfLater(later: readonly string[]): readonly InviteOutcome[] {
  const error = 'so many people are invited over several runs; the next one goes on';
  return later.map((email) => ({ email, outcome: 'not-attempted', error }));
}
