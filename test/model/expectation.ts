/** What a run must lead to: for each group of Secoda its members, name and marker; and what the guard must say of it. */
import {
  markerIds,
  match,
  type Matched,
  plain,
  type Remembered,
  shared,
  spreadOver,
  type Taking,
  type Wanted,
} from './matching.ts';
import { type People, peopleOf } from './people.ts';
import { type Configuration, NO_LIMIT } from './pools.ts';
import type { Seen, SeenGroup } from './seen.ts';
import type { Manners } from './world.ts';

/** What may become of one group: between `must` and `may`, people are free to be in or out. */
export interface End {
  readonly group: SeenGroup | null;
  readonly wanted: Wanted | null;
  readonly how: Taking['how'] | 'gone' | 'superseded';
  readonly deleted: boolean;
  readonly must: ReadonlySet<string>;
  readonly may: ReadonlySet<string>;
  /** The names it may bear afterwards. */
  readonly names: readonly string[];
  /** What its marker names afterwards. */
  readonly ids: readonly string[];
  /** People who belong here and are not sure to be shown, as they have not signed in. */
  readonly hoped: ReadonlySet<string>;
  /** Whether somebody is in of whom nobody can say if Secoda keeps them. */
  readonly vague: boolean;
  /** What its description says below the marker; `null` where that stays as it is. */
  readonly text: string | null;
  /** Whether Secoda refuses some of it, so that name, marker and text may be left for later. */
  readonly lesser: boolean;
  /** Whether Secoda refuses somebody who is in. */
  readonly refuses: boolean;
  /** Whether the rules leave it open if this happens in this run: a name that is held, a riddle of memory. */
  readonly open: boolean;
}

export interface Expected {
  readonly ends: readonly End[];
  readonly matched: Matched;
  readonly people: People;
  /** Whether Secoda takes everything as it is asked for. */
  readonly calm: boolean;
}

/** Every answer that the rules allow. */
export function expected(
  seen: Seen,
  config: Configuration,
  memory: Remembered,
  manners: Manners,
): readonly Expected[] {
  const fates = ({ takings }: Matched): string => [...takings.values()].map(({ how }) => how).join();
  const answers = new Map<string, Matched>();
  for (const waits of [false, true]) {
    const early = match(seen, config, memory, { waits });
    const late = match(seen, config, memory, { waits, heirless: early.left });
    for (const each of [late, early]) answers.set(fates(each), each);
  }
  return [...answers.values()].map((matched) => endsOf(matched, seen, config, manners));
}

function endsOf(matched: Matched, seen: Seen, config: Configuration, manners: Manners): Expected {
  const people = peopleOf(seen, config);
  const everybody = new Set(seen.users.map(({ id }) => id));
  const fate = { pending: manners.invited, disabled: manners.disabled, odd: manners.serviceAccounts };
  const fates = (userId: string): string[] => people.doubts(userId).map((doubt) => fate[doubt]);
  // Where Secoda makes something else of people than it is asked to, nobody can say where they end.
  const vague = (userId: string): boolean => fates(userId).some((each) => each !== 'kept');
  const refused = (userId: string): boolean => fates(userId).includes('refused');
  const ends: End[] = [];

  /** Where somebody is refused, everybody who is not active may be left out for it. */
  const vagueIn = (members: Iterable<string>): ((userId: string) => boolean) => {
    const anybody = [...members].some(refused);
    return (userId) => vague(userId) || (anybody && people.doubts(userId).length > 0);
  };

  const synced = (wanted: Wanted, group: SeenGroup | null): Pick<End, 'must' | 'may' | 'hoped' | 'vague'> => {
    const { wanted: addresses, unknown } = people.in(wanted.groups);
    const before = group?.members ?? new Set<string>();
    const must = new Set<string>();
    for (const each of addresses) {
      const [account, ...others] = people.account(each);
      if (account !== undefined && others.length === 0) must.add(account);
    }
    for (const userId of before) {
      const own = people.addressOf(userId);
      if (people.stays(userId) || (own !== null && unknown.has(own))) must.add(userId);
    }
    const isVague = vagueIn([...before, ...must]);
    const hoped = new Set([...must].filter(isVague));
    const may = new Set(must);
    for (const userId of before) if (isVague(userId)) may.add(userId);
    const sure = new Set([...must].filter((userId) => !isVague(userId)));
    return { must: sure, may, hoped, vague: [...before].some(isVague) };
  };

  const idsIn = (group: SeenGroup | null): readonly string[] =>
    group === null ? [] : (markerIds(group.description, config.name) ?? []);
  const left = [...matched.rest].filter(([, fate]) => fate === 'left' || fate === 'deferred');
  const skipped = [...matched.takings.values()].flatMap((each) =>
    each.how === 'skipped' ? (each.group ?? []) : [],
  );
  const idsLeft = spreadOver([...left.map(([group]) => group), ...skipped].flatMap(idsIn), [
    ...matched.markers,
    ...matched.wanted.map(({ ids }) => ids),
  ]);
  // Whether a reason to leave a group alone also spreads to others that its marker names is not said.
  const besideLeft = (ids: readonly string[]): boolean => ids.some((id) => idsLeft.has(id));

  const { memberRemovals, removalsPerGroup, emptiedGroups } = config.guard;
  const loose = [memberRemovals?.max, removalsPerGroup?.max, emptiedGroups?.atLeast].every(
    (limit) => limit === NO_LIMIT,
  );
  const kept = (userId: string): boolean => refused(userId) && people.isProtected(userId);
  const isTwice = ({ name }: SeenGroup): boolean =>
    [...seen.groups.values()].filter((other) => plain(other.name) === plain(name)).length > 1;

  for (const [wanted, taking] of matched.takings) {
    if (taking.how === 'skipped') continue;
    const group = taking.how === 'created' ? null : taking.group;
    const held = [...seen.groups.values()].some(
      (other) => other !== group && plain(other.name) === wanted.name,
    );
    const names = [wanted.name, ...(held && group !== null ? [plain(group.name)] : [])];
    const ofPeople = synced(wanted, group);
    const text = textOf(wanted);
    const long = 200 + (text?.length ?? 0) > manners.descriptionLimit;
    const refuses = [...(group?.members ?? [])].some(refused);
    // Less is asked for only where our marker stands; members who are refused leave only where nothing speaks against it.
    const stuck =
      group !== null &&
      ((refuses && (!loose || taking.how !== 'managed' || [...group.members].some(kept))) ||
        (long && manners.longDescription === 'refused' && idsIn(group).join() !== wanted.ids.join()) ||
        (manners.patchNeedsName && manners.duplicateNames === 'refused' && isTwice(group)));
    ends.push({
      ...ofPeople,
      group,
      wanted,
      how: taking.how,
      deleted: false,
      names,
      ids: wanted.ids,
      text,
      lesser: long || refuses || [...ofPeople.hoped].some(refused),
      refuses,
      open: stuck || (held && group === null) || besideLeft([...wanted.ids, ...idsIn(group)]),
    });
  }
  for (const [group, fate] of matched.rest) {
    if (fate !== 'gone' && fate !== 'superseded') continue;
    const { whenGone } = config.groups;
    if (whenGone === 'keep') continue;
    // Whoever is in the groups it mirrored with a status never seen before keeps what they have.
    const takers = [...matched.takings].filter(([{ ids }]) => shared(ids, idsIn(group)) > 0);
    const waits = (userId: string): boolean =>
      takers.some(([{ groups }, taking]) => {
        const { wanted, unknown } = people.in(groups.filter(({ id }) => idsIn(group).includes(id)));
        const own = people.addressOf(userId) ?? '';
        const isIn = taking.how !== 'created' && taking.group?.members.has(userId) === true;
        return unknown.has(own) && !wanted.has(own) && !isIn;
      });
    const remains = (userId: string): boolean => people.stays(userId) || waits(userId);
    const holds = (userId: string): boolean => people.isProtected(userId) || waits(userId);
    const deleted = whenGone === 'delete' && ![...group.members].some(holds);
    const isVague = vagueIn(group.members);
    const must = new Set([...group.members].filter((userId) => remains(userId) && !isVague(userId)));
    const may = new Set([...group.members].filter((userId) => remains(userId) || isVague(userId)));
    ends.push({
      group,
      wanted: null,
      how: fate,
      deleted,
      must: deleted ? new Set() : must,
      may: deleted ? everybody : may,
      hoped: new Set(),
      vague: [...group.members].some(isVague),
      names: [plain(group.name)],
      ids: idsIn(group),
      text: null,
      // That people stay who may be wanted elsewhere is told as something that is not done yet.
      lesser: [...group.members].some((userId) => refused(userId) || waits(userId)),
      refuses: [...group.members].some(refused),
      open:
        besideLeft(idsIn(group)) ||
        (!deleted &&
          (([...group.members].some(refused) && (!loose || [...group.members].some(kept))) ||
            isTwice(group))),
    });
  }
  // Who moves to a group that may not get them stays where they are, and so does whoever may be wanted there.
  const unsure = new Set(ends.flatMap(({ open, wanted }) => (open && wanted !== null ? wanted.ids : [])));
  const moving = (end: End): readonly string[] => {
    const theirs = idsIn(end.group).filter((id) => !end.wanted?.ids.includes(id));
    const known = matched.wanted.flatMap(({ groups }) => groups.filter(({ id }) => theirs.includes(id)));
    const { unknown } = people.in(known);
    const isUnknown = (userId: string) => unknown.has(people.addressOf(userId) ?? '');
    return theirs.filter((id) => unsure.has(id) || [...(end.group?.members ?? [])].some(isUnknown));
  };
  for (const [n, end] of ends.entries()) {
    if (moving(end).length === 0) continue;
    const may = end.deleted ? end.may : new Set([...end.may, ...(end.group?.members ?? [])]);
    ends[n] = { ...end, open: true, lesser: true, may };
  }
  const calm = ends.every((end) => end.hoped.size === 0 && !end.lesser && !end.vague);
  return { ends, matched, people, calm };
}

/** What Okta says of a group that one Okta group feeds, as words; a line that looks like a marker is none of it. */
function textOf({ groups: [first, ...others] }: Wanted): string | null {
  const lines = (first?.description ?? '').split('\n').filter((line) => !/^\s*Managed by Okta \(/.test(line));
  const text = words(lines.join('\n'));
  return others.length > 0 || text === '' ? null : text;
}

/** White space is no difference. */
export const words = (text: string): string => text.trim().split(/\s+/).join(' ');

/**
 * Whether whose a group is, is not said: one of several with the same marker, and by now the only one; or one that bears ids of
 * a known one that has lost its marker.
 */
export function disputed({ matched }: Expected, memory: Remembered, seen: Seen, via: string): boolean {
  const undecided = new Set([...matched.undecided].map(({ id }) => id));
  const marked = [...seen.groups.values()].map(({ description }) => markerIds(description, via));
  const unmarked = [...memory.known].filter(
    ([id]) => markerIds(seen.groups.get(id)?.description ?? '', via) === null,
  );
  return (
    [...memory.puzzles].some((id) => !undecided.has(id)) ||
    unmarked.some(([, ids]) => marked.some((each) => each?.some((id) => ids.includes(id)) === true))
  );
}
