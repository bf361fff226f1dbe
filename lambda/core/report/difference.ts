import type { GuardRefusal } from '../guard/guard-rules.ts';
import type { Snapshot } from '../plan/plan-again.ts';
import { type GroupRef, keyOf } from '../model/workspace.ts';
import type { Change, Plan, Skipped } from '../plan/change.ts';

/** A plan and its verdict, as far as another one of the same input can differ from it. Plain data. */
export interface Outline {
  readonly digest: string;
  /** The rules of the guard that it broke. */
  readonly rules: readonly string[];
  readonly changes: readonly OutlinedChange[];
  readonly skipped: readonly Pick<Skipped, 'group' | 'oktaIds' | 'reason'>[];
  /** Addresses of people who are invited. */
  readonly invited: readonly string[];
}

/** A snapshot, with the run that it is of. */
export interface Kept {
  readonly runId: string;
  /** Of the software that made it. */
  readonly version: string;
  /** The checked configuration, as JSON. */
  readonly config: unknown;
  readonly snapshot: Snapshot;
  /** What the run made of it. */
  readonly outline: Outline;
}

/** One change, people by their addresses, or ids where they have none. */
export interface OutlinedChange extends GroupRef, Pick<Change, 'action' | 'adopted' | 'renamedFrom'> {
  readonly held: boolean;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** What becomes of one group by either plan, where that is not the same. */
export interface Difference {
  readonly group: GroupRef;
  /** `null`: that plan leaves the group as it is. */
  readonly was: Fate | null;
  readonly is: Fate | null;
  /** People whom only the other plan adds, or removes; and whom only the first one does. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly notAdd: readonly string[];
  readonly notRemove: readonly string[];
}

/** In one word, what a plan does to a group. */
type Fate = Change['action'] | 'adopt' | 'rename' | 'hold' | 'skip';

/** How one plan differs from another of the same input. */
export interface Comparison {
  /** Both do the same, and the guard says the same of both. */
  readonly same: boolean;
  readonly groups: readonly Difference[];
  /** People who are invited by the other plan alone, and by the first alone. */
  readonly invite: readonly string[];
  readonly notInvite: readonly string[];
  /** Rules that only the other plan breaks, and that only the first one does. */
  readonly breaks: readonly string[];
  readonly keeps: readonly string[];
}

/** A key in which two configurations differ; values as JSON, `null` where there is none. */
export interface KeyDifference {
  readonly key: string;
  readonly was: string | null;
  readonly is: string | null;
  /** How the plan differs from the one with this key as it was; `null` where there is no such plan. */
  readonly alone: Comparison | null;
  /** Why there is none, in plain words; `null` where it is the only key. */
  readonly why: string | null;
}

/** A plan made again, beside the run's own. */
export interface Compared {
  readonly runId: string;
  /** Of the software that made the run's own. */
  readonly version: string;
  /** Of the run's own plan. */
  readonly digest: string;
  readonly comparison: Comparison;
  readonly keys: readonly KeyDifference[];
  /** What was not read and would be needed, in plain words. */
  readonly unknown: readonly string[];
}

export function outlineOf(plan: Plan, refusals: readonly Pick<GuardRefusal, 'rule'>[]): Outline {
  const address = ({ email, userId }: Change['add'][number]) => email ?? userId;
  return {
    digest: plan.digest,
    rules: [...new Set(refusals.map(({ rule }) => rule))],
    changes: plan.changes.map(
      ({ action, oktaIds, secodaId, name, adopted, renamedFrom, add, remove, ...rest }) => ({
        ...{ action, oktaIds, secodaId, name, adopted, renamedFrom },
        held: rest.held === true,
        // Of millions of people only one group's are named at a time.
        get add() {
          return add.map(address);
        },
        get remove() {
          return remove.map(address);
        },
      }),
    ),
    skipped: plan.skipped.map(({ group, oktaIds, reason }) => ({ group, oktaIds, reason })),
    invited: plan.invitations.flatMap(({ emails }) => emails),
  };
}

/** How `is` differs from `was`, both made of the same input. */
export function compare(was: Outline, is: Outline): Comparison {
  const before = byGroup(was);
  const after = byGroup(is);
  const groups = [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const difference = differenceOf(before.get(key) ?? [], after.get(key) ?? []);
    return difference === null ? [] : [difference];
  });
  const [invite, notInvite] = apart(was.invited, is.invited);
  const [breaks, keeps] = apart(was.rules, is.rules);
  const same = [groups, invite, notInvite, breaks, keeps].every(({ length }) => length === 0);
  // What nobody thought of here shows in the digest, which names all that can harm.
  return { same: same && was.digest === is.digest, groups, invite, notInvite, breaks, keeps };
}

/** What a plan does to a group: a change is held in one part and made in another. */
type Part = OutlinedChange | Outline['skipped'][number];

function byGroup({ changes, skipped }: Outline): Map<string, Part[]> {
  const groups = new Map<string, Part[]>();
  const note = (key: string, part: Part) => groups.set(key, [...(groups.get(key) ?? []), part]);
  for (const change of changes) note(keyOf(change), change);
  for (const each of skipped) note(`skipped ${each.oktaIds.join()} ${each.group}`, each);
  return groups;
}

function differenceOf(before: readonly Part[], after: readonly Part[]): Difference | null {
  const [was, is] = [fateOf(before), fateOf(after)];
  const people = (parts: readonly Part[], which: 'add' | 'remove') =>
    parts.flatMap((part) =>
      'action' in part ? part[which].map((person) => (part.held ? `${person} (held)` : person)) : [],
    );
  const [add, notAdd] = apart(people(before, 'add'), people(after, 'add'));
  const [remove, notRemove] = apart(people(before, 'remove'), people(after, 'remove'));
  const [first] = [...after, ...before];
  if (first === undefined) return null;
  const name = (parts: readonly Part[]) => parts.map((part) => ('action' in part ? part.name : part.group));
  const same =
    was === is &&
    name(before).join() === name(after).join() &&
    [add, notAdd, remove, notRemove].every(({ length }) => length === 0);
  if (same) return null;
  const { oktaIds } = first;
  const { secodaId, name: shown } = 'action' in first ? first : { secodaId: null, name: first.group };
  return { group: { oktaIds, secodaId, name: shown }, was, is, add, remove, notAdd, notRemove };
}

function fateOf(parts: readonly Part[]): Fate | null {
  const [first] = parts;
  if (first === undefined) return null;
  if (!('action' in first)) return 'skip';
  if (parts.every((part) => 'action' in part && part.held)) return 'hold';
  if (first.adopted) return 'adopt';
  return first.renamedFrom === null ? first.action : 'rename';
}

/** What only the second list has, and what only the first has. */
function apart(before: readonly string[], after: readonly string[]): [string[], string[]] {
  const [was, is] = [new Set(before), new Set(after)];
  return [after.filter((each) => !was.has(each)), before.filter((each) => !is.has(each))];
}
