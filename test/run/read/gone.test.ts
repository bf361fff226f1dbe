import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { mapGroups } from '../../../lambda/core/groups/mapping.ts';
import type { Person } from '../../../lambda/core/model/directory.ts';
import { NOTHING } from '../../../lambda/aws/events/targets.ts';
import type { EventTargets } from '../../../lambda/core/model/request.ts';
import { AccessError, SourceError } from '../../../lambda/errors.ts';
import type { PlanInput } from '../../../lambda/core/plan/change.ts';
import type { PersonCache } from '../../../lambda/ports.ts';
import type { Sources } from '../../../lambda/run/context.ts';
import { goneFrom, targetsOf } from '../../../lambda/run/read/event-targets.ts';
import { askForAddresses } from '../../../lambda/run/read/recheck.ts';
import {
  at,
  identityOf,
  inputOf,
  managed,
  mappingRules,
  NOW,
  person,
  user,
  users,
  type World,
} from '../../core/world.ts';

/** An Okta that has these people alone, and notes whom it was asked for. */
function okta(...known: readonly Person[]) {
  const asked: string[] = [];
  const people: PersonCache = {
    person: (id) => Promise.resolve((asked.push(id), known.find((each) => each.id === id) ?? null)),
    byEmail: (email) => Promise.resolve((asked.push(email), known.filter((each) => each.email === email))),
    groupsOf: () => Promise.resolve([]),
    traffic: () => ({ reads: 0, writes: 0, throttled: 0, retries: 0 }),
  };
  return { asked, people };
}

describe('of those who would lose something, gone from Okta', () => {
  const losing = ['u1', 'u2', 'u3'].map((id) => ({ userId: id, email: at(id) }));
  const identity = identityOf({}, users('u1', 'u2', 'u3'));

  it('is whom no record bears, unless they are more than were deleted', async () => {
    const { people, asked } = okta(person(at('u1')));
    expect(await goneFrom(people, losing, 2, identity)).toEqual(['u2', 'u3']);
    expect(asked).toEqual(losing.map(({ email }) => email));
    expect(await goneFrom(people, losing, 3, identity)).toEqual(['u2', 'u3']);
    expect(await goneFrom(people, losing, 1, identity)).toEqual([]);
    const hidden = { userId: 'u9', email: null };
    expect(await goneFrom(people, [hidden, ...losing.slice(0, 1)], 1, identity)).toEqual(['u9']);
  });

  it('is nobody where nobody was deleted, or too many lose something: then nobody is asked for', async () => {
    const { people, asked } = okta();
    expect(await goneFrom(people, losing, 0, identity)).toEqual([]);
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ userId: `m${n}`, email: at(`m${n}`) }));
    expect(await goneFrom(people, many(201), 300, identity)).toEqual([]);
    expect(asked).toEqual([]);
    expect(await goneFrom(people, many(200), 300, identity)).toHaveLength(200);
  });
});

describe('events', () => {
  const identity = identityOf({}, [...users('u1'), user('twin', at('u2')), user('u2')]);
  const about = (hints: Partial<EventTargets>, recalled: readonly Person[] = []) => {
    const { people, asked } = okta();
    const recall = (ids: ReadonlySet<string>) => Promise.resolve(recalled.filter(({ id }) => ids.has(id)));
    const mapped = mapGroups([], mappingRules(), new Set());
    const input = { mapped, managed: [], identity, people, recall };
    return targetsOf({ ...NOTHING, ...hints }, input).then((found) => ({ ...found, asked: asked.length }));
  };
  const many = (count: number) => Array.from({ length: count }, (_, n) => `00u${n}`);

  it.each(['oktaUserIds', 'leaverIds', 'emails'] as const)(
    'are about everything where they name more than 200 %s',
    async (key) => {
      expect(await about({ [key]: many(201) })).toEqual({
        targets: 'everything',
        userIds: [],
        untraced: 0,
        asked: 0,
      });
      expect((await about({ [key]: many(200) })).asked).toBe(200);
    },
  );

  it('lead to whoever was read before and has an account, be it one of several, and to everything for others', async () => {
    const gone = [person(at('u1')), person(at('u2')), person(at('u3'))].map((each, n) => ({
      ...each,
      id: `00u${n}`,
    }));
    const found = async (...ids: string[]) => {
      const { targets, untraced, userIds } = await about({ oktaUserIds: ids }, gone);
      return [targets === 'everything' ? targets : [...targets], untraced, userIds];
    };
    expect(await found('00u0')).toEqual([[], 0, ['u1']]);
    expect(await found('00u1')).toEqual([[], 0, []]);
    expect(await found('00u2')).toEqual(['everything', 1, []]);
    expect(await found('00u0', '00u2', '00u9')).toEqual(['everything', 2, ['u1']]);
  });
});

const OUT = [person(at('u2'), 'SUSPENDED'), person(at('u3'), 'SUSPENDED')];

/** The input of a plan for which nobody was asked for yet. */
function unasked(world: World): PlanInput {
  const { directory, ...input } = inputOf(world);
  const { groups, listedAt, memberships, unlisted } = directory;
  return { ...input, directory: { groups, listedAt, memberships, unlisted } };
}

describe('who else bears the addresses of those who may leave a doubted group', () => {
  const input = unasked({
    okta: [{ id: 'g1', name: 'Data', people: [person(at('u1')), ...OUT], doubt: 'Okta counts 4' }],
    users: users('u1', 'u2', 'u3'),
    groups: [managed('s1', 'Data', ['g1'], ['u1', 'u2', 'u3'])],
  });
  const asking = async (answers: object, ms = 0) => {
    let now = NOW;
    const known: unknown[] = [];
    const sources = z
      .custom<Sources>(() => true)
      .parse({
        clock: { now: () => now },
        directory: {
          blindTo: (people: readonly Person[]) => Promise.resolve((known.push(people), null)),
          ...answers,
        },
        people: {
          byEmail: (email: string) => {
            now += ms;
            return Promise.resolve(email === at('u2') ? [person(email, 'SUSPENDED')] : []);
          },
          ...answers,
        },
      });
    const { asked } = await askForAddresses(sources, input);
    return { asked, known };
  };
  const nobody = (why: string) => ({ bearers: new Map(), why });

  it('is asked for, once Okta’s list of users shows those who are known', async () => {
    const { asked, known } = await asking({});
    expect(known).toEqual([[person(at('u1')), ...OUT]]);
    const bearers = new Map([
      [at('u2'), [person(at('u2'), 'SUSPENDED')]],
      [at('u3'), []],
    ]);
    expect(asked).toEqual({ bearers, why: null });
  });

  it('is not known where it does not show them, or may not be asked', async () => {
    expect((await asking({ blindTo: () => Promise.resolve('it is blind') })).asked).toEqual(
      nobody('it is blind'),
    );
    for (const error of [new AccessError('403'), new SourceError('500')])
      expect((await asking({ byEmail: () => Promise.reject(error) })).asked).toEqual(nobody(error.message));
    const mistake = new Error('a mistake of ours');
    await expect(asking({ blindTo: () => Promise.reject(mistake) })).rejects.toBe(mistake);
  });

  it('is asked for eight minutes long, five at a time', async () => {
    const count = 12;
    const ids = Array.from({ length: count }, (_, n) => `p${n}`);
    const many = unasked({
      okta: [
        {
          id: 'g1',
          name: 'Data',
          people: ids.map((id) => person(at(id), 'SUSPENDED')),
          doubt: 'Okta counts 13',
        },
      ],
      users: users(...ids),
      groups: [managed('s1', 'Data', ['g1'], ids)],
    });
    let [now, underWay, most] = [NOW, 0, 0];
    const byEmail = async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      [now, underWay] = [now + 2 * 60_000, underWay - 1];
      return [];
    };
    const sources = z
      .custom<Sources>(() => true)
      .parse({
        ...{
          clock: { now: () => now },
          directory: { blindTo: () => Promise.resolve(null) },
          people: { byEmail },
        },
      });
    const { asked } = await askForAddresses(sources, many);
    expect([asked?.bearers.size, asked?.why, most]).toEqual([8, 'there are too many of them for one run', 5]);
  });
});
