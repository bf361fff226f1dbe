import { readMarker } from '../groups/marker.ts';
import { sameName } from '../model/text.ts';
import { normaliseAddress } from '../people/address.ts';
import type { Identity } from '../people/identity.ts';
import type { Memory } from '../model/memory.ts';
import type { OktaGroup, Person } from '../model/directory.ts';
import type { SyncRules } from '../model/rules.ts';
import type { GroupRef, WorkspaceGroup, WorkspaceUser } from '../model/workspace.ts';

/** What decides, in the order in which it is asked. `nothing`: all is as it should be, or will be after the next run. */
export type DecidedBy =
  | 'okta'
  | 'status'
  | 'membership'
  | 'scope'
  | 'mapping'
  | 'account'
  | 'protect'
  | 'frozen'
  | 'skipped'
  | 'guard'
  | 'secoda'
  | 'nothing';

export interface Step {
  readonly step: DecidedBy;
  readonly ok: boolean;
  readonly text: string;
}

/** Why a person is in a Secoda group or not, or (`person` of the whole is `null`) why the group is as it is. */
export interface GroupExplanation {
  readonly group: GroupRef;
  readonly member: boolean;
  /** Whether both sides and the rules say that the person is to be in it. */
  readonly wanted: boolean;
  readonly decidedBy: DecidedBy;
  readonly steps: readonly Step[];
  /** What to do about it; `null` where nothing is wrong. */
  readonly fix: string | null;
}

export interface PersonFacts {
  /** As it was asked for. */
  readonly email: string;
  /** All that Okta shows of people with this address, and the groups of each. */
  readonly records: readonly { readonly person: Person; readonly groups: readonly OktaGroup[] }[];
}

/** What a run left behind that explains what is not there. */
export interface LastRun {
  readonly runId: string;
  readonly status: string;
  readonly skipped: readonly { readonly group: string; readonly reason: string }[];
  readonly refusals: readonly { readonly message: string }[];
  readonly changes: readonly {
    readonly group: { readonly name: string };
    readonly add: readonly string[];
    readonly remove: readonly string[];
    readonly outcome: string | null;
    readonly error: string | null;
    readonly unsettled: readonly string[];
  }[];
  readonly unmatched: readonly {
    readonly email: string;
    readonly since: string | null;
    readonly runs: number;
  }[];
}

export interface ExplainFacts {
  readonly rules: SyncRules;
  readonly identity: Identity;
  /** Every address with an account, for near misses. */
  readonly addresses: readonly string[];
  readonly memory: Memory;
  /** Whether `okta.groups` holds the group; `null` where Okta does not say. */
  readonly selected: ReadonlyMap<string, boolean | null>;
  /** By Secoda id, the groups that memory knows for these Okta groups; `null`: gone. */
  readonly secoda: ReadonlyMap<string, WorkspaceGroup | null>;
  readonly lastRun: LastRun | null;
}

/** Each step from Okta to Secoda, for a person or a group. */
export interface Explanation {
  readonly person: {
    readonly email: string;
    readonly okta: readonly Person[];
    readonly account: Pick<WorkspaceUser, 'id' | 'email' | 'active'> | null;
  } | null;
  readonly groups: readonly GroupExplanation[];
}

/** The Secoda account that a person has, by any of their addresses; `null` where they have none of their own. */
export function accountOf({ email, records }: PersonFacts, identity: Identity): string | null {
  const addresses = [...records.map(({ person }) => identity.addressOf(person)), normaliseAddress(email)];
  for (const address of addresses) {
    const account = address === null ? 'none' : identity.account(address);
    if (typeof account !== 'string') return account.userId;
  }
  return null;
}

const FATES = {
  delete: 'deletes it, or where it holds protected people reduces it to them',
  empty: 'empties it',
  keep: 'keeps it',
} as const;

/** What becomes of a managed group whose Okta groups left the scope. */
export function fateOf({ id, name }: WorkspaceGroup, { mapping, whenGone }: SyncRules): string {
  const shown = `Secoda group ${JSON.stringify(name)} (${id})`;
  return mapping.frozen.some((each) => each === id || sameName(each, name))
    ? `${shown}: groups.frozen leaves it as it is`
    : `${shown}: the next full run ${FATES[whenGone]}, since groups.whenGone is '${whenGone}'`;
}

/** Explains a managed group of which Okta has no group any more: nobody is wanted in it. Pure. */
export function explainGone(
  person: PersonFacts | null,
  group: WorkspaceGroup,
  { rules, identity }: Pick<ExplainFacts, 'rules' | 'identity'>,
): GroupExplanation {
  const oktaIds = readMarker(group.description)?.oktaIds ?? [];
  const userId = person === null ? null : accountOf(person, identity);
  const gone = `${oktaIds.join(', ')}: Okta has no such group any more`;
  return {
    group: { name: group.name, oktaIds, secodaId: group.id },
    member: userId !== null && group.userIds.includes(userId),
    wanted: false,
    decidedBy: 'scope',
    steps: [
      { step: 'scope', ok: false, text: gone },
      { step: 'nothing', ok: true, text: fateOf(group, rules) },
    ],
    fix: `groups.whenGone and groups.frozen say what becomes of it; a new Okta group that maps to ${JSON.stringify(group.name)} takes it over`,
  };
}

/** Notes a step; with a `fix`, one that keeps them out. Returns whether it does not. */
export type Say = (what: DecidedBy, text: string, fix?: string) => boolean;

/** Notes that the configuration, or the last run, leaves the group as it is; true where neither does. */
export function isFree(
  group: OktaGroup,
  name: string,
  ours: WorkspaceGroup | null,
  { rules, lastRun }: ExplainFacts,
  step: Say,
): boolean {
  const frozen = rules.mapping.frozen.some(
    (each) => [group.id, ours?.id].includes(each) || [group.name, name].some((text) => sameName(each, text)),
  );
  if (frozen)
    return step('frozen', 'groups.frozen leaves this group as it is', 'take it out of groups.frozen');
  const skipped = lastRun?.skipped.find((each) => sameName(each.group, name));
  if (skipped === undefined) return true;
  const { reason } = skipped;
  return step('skipped', `the last run left it alone: ${reason} (${lastRun?.runId})`, reason);
}
