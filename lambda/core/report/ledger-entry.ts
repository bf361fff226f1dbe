import { fingerprint } from '../model/text.ts';
import type { GroupRef, Member, WorkspaceGroup } from '../model/workspace.ts';
import { isNamedBy } from '../groups/match.ts';
import type { Change } from '../plan/change.ts';

/** What became of one change of access: `seen` and `not-seen` by a look, after the run that asked for it was killed. */
export type Fate = 'applied' | 'seen' | 'not-seen' | 'unknown';

/** One person's access to one group, as it is to be changed. Plain data. */
export interface Access {
  readonly change: 'granted' | 'revoked' | 'invited';
  /** `userId`: of the account in Secoda; `null` for somebody who is invited. */
  readonly person: {
    readonly userId: string | null;
    readonly email: string;
    readonly oktaId: string | null;
    readonly okta: string | null;
  };
  readonly group: GroupRef;
  readonly cause: string | null;
  /** The run was to apply what was held, and this was none of it: the rules let it pass. */
  readonly byRules?: true | undefined;
}

/** Access, and what became of it. */
export type AccessEnd = Access & { readonly outcome: Fate };

/** By whose word a run goes; as stated. */
export interface OnWhoseWord {
  readonly trigger: string;
  readonly requestedBy: string | null;
  readonly reason: string | null;
  /** The digest that was approved. */
  readonly approve: string | null;
  readonly awsRequestId: string | null;
}

/** What an entry says. */
export type LedgerEvent =
  /** Before the first write under a lease: all that may be changed under it. */
  | { readonly kind: 'intents'; readonly request: OnWhoseWord; readonly access: readonly Access[] }
  /** Before that lease is given up: all that was, with what became of it. */
  | {
      readonly kind: 'outcomes';
      readonly of: number;
      readonly request: OnWhoseWord;
      readonly access: readonly AccessEnd[];
    }
  /** By the next holder of the lease, where a run was killed in between: what a look at Secoda showed. */
  | {
      readonly kind: 'closed';
      readonly of: number;
      /** Of the run that was killed. */
      readonly killed: string;
      readonly request: OnWhoseWord;
      readonly access: readonly AccessEnd[];
    }
  /** A run's end: hashes (SHA-256) of its plan, report and snapshot as they were written; `null` where there is none. */
  | {
      readonly kind: 'end';
      readonly status: string;
      readonly request: OnWhoseWord;
      readonly plan: string | null;
      readonly report: string | null;
      /** Absent in entries of earlier releases. */
      readonly snapshot?: string | null | undefined;
    };

/** One file of the ledger. */
export type LedgerEntry = LedgerEvent & {
  readonly number: number;
  /** Hash of the entry before; `null` for the first. */
  readonly before: string | null;
  /** ISO 8601. */
  readonly at: string;
  readonly runId: string;
  /** Numbers of the intents that are not closed after this entry. */
  readonly open: readonly number[];
};

/** The end of the chain. */
export interface LedgerHead {
  readonly number: number;
  readonly hash: string;
}

/** The entry behind `last`, which is `null` for the first. */
export function entryBehind(
  last: (LedgerHead & Pick<LedgerEntry, 'open'>) | null,
  event: LedgerEvent,
  { runId, now }: { readonly runId: string; readonly now: number },
): LedgerEntry {
  const number = (last?.number ?? 0) + 1;
  const before = (last?.open ?? []).filter((each) => !('of' in event) || each !== event.of);
  const open = event.kind === 'intents' ? [...before, number] : before;
  return { number, before: last?.hash ?? null, at: new Date(now).toISOString(), runId, open, ...event };
}

/** An entry as it is stored; its hash is that of this text. */
export function entryText(entry: LedgerEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** All access that a change gives and takes. A change of a name alone gives and takes none. */
export function accessOf({ add, remove, oktaIds, secodaId, name, approved }: Change): Access[] {
  const group = { secodaId, name, oktaIds };
  const one = (change: 'granted' | 'revoked', { userId, email, why }: Member): Access => ({
    change,
    person: { userId, email: email ?? userId, oktaId: why?.oktaId ?? null, okta: why?.okta ?? null },
    group,
    cause: why?.cause ?? (change === 'granted' ? 'in-group' : null),
    ...(approved === undefined || approved.includes(userId) ? {} : { byRules: true }),
  });
  return [...add.map((each) => one('granted', each)), ...remove.map((each) => one('revoked', each))];
}

/** The access that an invitation gives once it is taken. */
export function accessByInvitation(email: string, groups: readonly GroupRef[]): Access[] {
  const person = { userId: null, email, oktaId: null, okta: null };
  return groups.map(({ secodaId, name, oktaIds }) => ({
    change: 'invited',
    person,
    group: { secodaId, name, oktaIds },
    cause: 'in-group',
  }));
}

/** What became of access, by the group as Secoda showed it then; `null`: the group is gone. */
export function fateIn(group: WorkspaceGroup | null, access: Access, shown: 'applied' | 'seen'): Fate {
  const { userId } = access.person;
  const isIn = group !== null && userId !== null && group.userIds.includes(userId);
  return isIn === (access.change === 'granted') ? shown : 'not-seen';
}

/** What a look at Secoda tells of access that a run was killed over. */
export function fateByLook(
  access: Access,
  groups: readonly WorkspaceGroup[],
  addresses: ReadonlySet<string>,
  name: string,
): Fate {
  const { change, group, person } = access;
  if (change === 'invited') return addresses.has(person.email) ? 'seen' : 'unknown';
  const found = groups.filter((each) => isNamedBy(each, group, name));
  if (found.length > 1) return 'unknown';
  return fateIn(found[0] ?? null, access, 'seen');
}

/** What a walk along a ledger found. */
export interface Verified {
  readonly ok: boolean;
  /** Numbers of the first and the last entry; 0 where there is none. */
  readonly from: number;
  readonly to: number;
  /** Of the last entry; `null` where there is none. */
  readonly hash: string | null;
  /** In plain words. */
  readonly problems: readonly string[];
}

/** What is wrong with a chain, in plain words; nothing where it is whole. `texts`: the stored entries by their numbers. */
export function chainProblems(
  texts: readonly (readonly [number: number, text: string, entry: LedgerEntry | null])[],
  hash: string | null,
): readonly string[] {
  const problems: string[] = [];
  const sorted = texts.toSorted(([a], [b]) => a - b);
  const hashes = new Set<string>();
  let last: (LedgerHead & Pick<LedgerEntry, 'open'>) | null = null;
  for (const [number, text, entry] of sorted) {
    const own = fingerprint(text);
    hashes.add(own);
    if (entry === null || entry.number !== number) {
      problems.push(`entry ${number} is no entry of a ledger, or was moved there`);
      last = { number, hash: own, open: [] };
      continue;
    }
    if (last !== null && number !== last.number + 1)
      problems.push(`entries ${last.number + 1} to ${number - 1} are missing`);
    else if (last === null ? number === 1 && entry.before !== null : entry.before !== last.hash)
      problems.push(`entry ${number} does not follow the one before it: that one, or this, was altered`);
    last = { number, hash: own, open: entry.open };
  }
  if (hash !== null && !hashes.has(hash))
    problems.push(`no entry has the hash ${hash}: the chain was cut or written anew since`);
  return problems;
}
