/** What a run is asked to do, and how much of what a full run would do is its business. */
import { groupTarget, oktaEvent, userTarget } from '../aws/events/okta-event.ts';
import type { Passed } from './checks.ts';
import type { End, Expected } from './expectation.ts';
import { markerIds, plain, spreadOver, wantedGroups } from './matching.ts';
import { address, peopleOf, USUAL } from './people.ts';
import type { Configuration } from './pools.ts';
import type { Seen, SeenPerson } from './seen.ts';
import type { EventChoice, Request } from './world.ts';

export interface Asked {
  readonly kind: Request['kind'];
  readonly args: readonly string[];
  /** The run follows these of Okta instead. */
  readonly events?: readonly object[];
  /** What such a run may do, of all that is expected. */
  readonly ends: (expectation: Expected) => readonly End[];
  /** What it must have done. */
  readonly done: (passed: Passed, ends: readonly End[], expectation: Expected) => string[];
}

const nothing = (): string[] => [];

export const FULL: Asked = { kind: 'full', args: ['apply'], ends: ({ ends }) => ends, done: nothing };

/** Every text that ever was somebody's e-mail or login in Okta. */
export type Bore = (person: SeenPerson) => readonly string[];

export function asking(request: Request, seen: Seen, config: Configuration, bore: Bore): Asked {
  switch (request.kind) {
    case 'full':
      return FULL;
    case 'plan':
      return { ...FULL, kind: 'plan', args: ['plan'] };
    case 'group': {
      const wanted = wantedGroups(seen, config);
      const target = wanted[request.group % Math.max(1, wanted.length)];
      const [first] = target?.groups ?? [];
      if (target === undefined || first === undefined) return FULL;
      const text = { id: first.id, okta: first.name, secoda: target.name }[request.by];
      return {
        kind: 'group',
        args: ['apply', '--group', text],
        ends: (expectation) => targeted(expectation, text, config),
        done: joinedAndLeft,
      };
    }
    case 'events':
      return following(request.events, seen, config, bore);
    case 'onboard': {
      const people = [...new Set(request.people)]
        .flatMap((n) => seen.okta.flatMap((group) => group.people)[n] ?? [])
        .map((person) => person[config.users.match])
        .filter((text) => /^[^\s@]+@[^\s@]+$/.test(text));
      if (people.length === 0) return FULL;
      return {
        kind: 'onboard',
        args: ['onboard', ...people],
        ends: (expectation) => onlyJoining(expectation, people, config),
        done: joinedAndLeft,
      };
    }
  }
}

/**
 * What a target names, by an id or by a name on either side, is to change. What shares an id with it may: people move
 * between them. Nothing else does, and of those nothing is deleted but what bears one of its ids.
 */
function targeted({ ends, matched }: Expected, text: string, { name: via }: Configuration): End[] {
  const name = plain(text);
  const marked = (end: End): readonly string[] => markedIn(end, via);
  const isNamed = (end: End): boolean =>
    end.wanted === null
      ? marked(end).includes(text) || plain(end.group?.name ?? '') === name
      : end.wanted.ids.includes(text) ||
        end.wanted.name === name ||
        end.wanted.groups.some((each) => plain(each.name) === name);
  const isBearing = (end: End): boolean => plain(end.group?.name ?? '') === name;
  // A name on either side stands for all Okta groups of whatever bears it.
  const left = [...matched.rest.keys()].filter((group) => plain(group.name) === name);
  const direct = new Set([
    ...ends.filter((end) => isNamed(end) || isBearing(end)).flatMap((end) => [...marked(end), ...idsOf(end)]),
    ...left.flatMap(({ description }) => markerIds(description, via) ?? []),
  ]);
  const reached = together(direct, { ends, matched }, via);
  return ends.flatMap((end) => {
    if (isNamed(end)) return [end];
    const near = [...marked(end), ...idsOf(end)].some((id) => (end.deleted ? direct : reached).has(id));
    return near || isBearing(end) ? [{ ...end, open: true }] : [];
  });
}

/** These Okta groups and all that share a Secoda group with one of them, now or afterwards. */
function together(
  ids: Iterable<string>,
  { ends, matched }: Pick<Expected, 'ends' | 'matched'>,
  via: string,
): Set<string> {
  return spreadOver(ids, [...ends.map((end) => [...markedIn(end, via), ...idsOf(end)]), ...matched.markers]);
}

const markedIn = ({ group }: End, via: string): readonly string[] =>
  group === null ? [] : (markerIds(group.description, via) ?? []);

interface Named {
  readonly type: EventChoice['type'];
  readonly who: SeenPerson | null;
  readonly id: string | null;
}

/** Events are hints: what they name is looked at, nobody leaves whom they do not name, and no group is deleted but by name. */
function following(choices: readonly EventChoice[], seen: Seen, config: Configuration, bore: Bore): Asked {
  const via = config.name;
  const everybody = [
    ...new Map(seen.okta.flatMap((group) => group.people.map((each) => [each.id, each]))).values(),
  ];
  const marked = [...seen.groups.values()].flatMap(({ description }) => markerIds(description, via) ?? []);
  const known = [...new Set([...seen.okta.map(({ id }) => id), ...marked])];
  const named: Named[] = choices.map(({ type, person, group }) => ({
    type,
    who: /^user|membership/.test(type) ? (everybody[person % everybody.length] ?? null) : null,
    id: type.startsWith('group') ? (known[group % known.length] ?? null) : null,
  }));
  const events = named.flatMap(({ type, who, id }) => {
    const targets = [who && userTarget(who.id, who.login), id && groupTarget(id)].filter((each) => each);
    return targets.length === 0 ? [] : [oktaEvent(type, targets)];
  });
  if (events.length === 0) return FULL;
  const { alias } = peopleOf(seen, config);
  const texts = named.flatMap(({ who }) => (who === null ? [] : bore(who)));
  const addresses = new Set(texts.flatMap((text) => [address(text), alias(text)]));
  const ids = new Set(named.flatMap(({ id }) => id ?? []));
  const theirs = seen.okta
    .filter((group) => group.people.some(({ id }) => named.some(({ who }) => who?.id === id)))
    .map(({ id }) => id);
  const deleted = named.flatMap(({ type, id }) => (type === 'group.lifecycle.delete' ? (id ?? []) : []));

  return {
    kind: 'events',
    args: ['follow', ...named.map(({ type, who, id }) => [type, who?.email, id].join(' '))],
    events,
    ends: (expectation) => {
      const { ends, people } = expectation;
      const isNamed = (userId: string): boolean => addresses.has(people.addressOf(userId) ?? '');
      const holds = ({ group }: End): boolean => [...(group?.members ?? [])].some(isNamed);
      const near = ends.filter(holds).flatMap((end) => [...markedIn(end, via), ...idsOf(end)]);
      const reached = together([...ids, ...theirs, ...near], expectation, via);
      return ends.flatMap((end): End[] => {
        if (![...markedIn(end, via), ...idsOf(end)].some((id) => reached.has(id))) return [];
        const before = [...(end.group?.members ?? [])];
        if (end.wanted === null && markedIn(end, via).some((id) => deleted.includes(id)))
          return [{ ...end, open: true }];
        const stay = before.filter((userId) => !isNamed(userId) && people.doubts(userId).length === 0);
        const may = new Set([...(end.deleted ? [] : end.may), ...before]);
        return [{ ...end, deleted: false, must: new Set([...end.must, ...stay]), may, open: true }];
      });
    },
    done: ({ after }, _, { ends, people }) =>
      ends.flatMap(({ group, how, open, must, may, wanted, ids: end }) => {
        // Where nothing else is to be decided, whoever is named comes or leaves at once.
        if (
          group === null ||
          how !== 'managed' ||
          open ||
          markerIds(group.description, via)?.join() !== end.join()
        )
          return [];
        const members = after.groups.get(group.id)?.members ?? new Set<string>();
        const about = named.filter(({ id }) => id === null || end.includes(id));
        return about.flatMap(({ type, who }) => {
          const accounts = who === null ? [] : people.account(people.alias(who[config.users.match]));
          // Another record in Okta with the same address is none that the event names.
          const isIn = wanted?.groups.some((each) => each.people.some(({ id }) => id === who?.id));
          return accounts.flatMap((userId) => {
            if (isIn === true && must.has(userId) && !members.has(userId))
              return [`${group.name} lacks ${userId}`];
            // That somebody came says nothing of anybody who is to leave.
            const leaves = type !== 'group.user_membership.add' && !may.has(userId);
            return leaves && members.has(userId) ? [`${group.name} still has ${userId}`] : [];
          });
        });
      }),
  };
}

const idsOf = ({ wanted }: End): readonly string[] => wanted?.ids ?? [];

/** An onboarding adds the people it names to groups that stand, and does nothing else. */
function onlyJoining(
  { ends, people }: Expected,
  texts: readonly string[],
  { users: { match, statuses = USUAL } }: Configuration,
): End[] {
  const typed = new Set(texts.map(address));
  const named = new Set(texts.map(people.alias));
  return ends.flatMap((end) => {
    if (end.group === null || end.how !== 'managed') return [];
    const { group } = end;
    const isTheirs = (userId: string): boolean => named.has(people.addressOf(userId) ?? '');
    // Who has the account, but stands in Okta under an address that nobody typed, may come along.
    const eligible = (end.wanted?.groups ?? []).flatMap((each) =>
      each.people.filter(({ status }) => statuses.includes(status)),
    );
    const found = eligible.map((person) => person[match]);
    const sure = new Set(found.filter((text) => typed.has(address(text))).map(people.alias));
    const stays = [...group.members].filter((userId) => end.must.has(userId) || !end.hoped.has(userId));
    const must = new Set([
      ...stays,
      ...[...end.must].filter((userId) => sure.has(people.addressOf(userId) ?? '')),
    ]);
    const may = new Set([...group.members, ...must, ...[...end.may].filter(isTheirs)]);
    return [{ ...end, must, may, names: [plain(group.name)], open: end.open || end.refuses }];
  });
}

/** Who had to join has, and who had to leave without going anywhere else has as well. */
function joinedAndLeft({ after }: Passed, ends: readonly End[]): string[] {
  return ends.flatMap(({ group, must, may, open, deleted }) => {
    if (group === null || open || deleted) return [];
    const members = after.groups.get(group.id)?.members ?? new Set<string>();
    const outside = [...must].filter((userId) => !members.has(userId));
    const inside = [...members].filter((userId) => !may.has(userId));
    return [
      ...(outside.length > 0 ? [`${group.name} lacks ${outside.join(', ')}`] : []),
      ...(inside.length > 0 ? [`${group.name} still has ${inside.join(', ')}`] : []),
    ];
  });
}
