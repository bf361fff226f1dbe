import { describe, expect, it } from 'vitest';
import type { Wanted } from '../../../lambda/core/groups/mapping.ts';
import type { OktaGroup } from '../../../lambda/core/model/directory.ts';
import type { Reads, RememberedList } from '../../../lambda/core/model/reads.ts';
import { whyRead, whyReadAny } from '../../../lambda/core/groups/why-read.ts';
import { DAY_MS, NOW } from '../world.ts';

const MINUTE_MS = 60_000;
const DAYS = 7;
const CHANGED = NOW - 2 * DAY_MS;
const iso = (time: number) => new Date(time).toISOString();

const group: OktaGroup = {
  id: 'g1',
  name: 'Data',
  description: null,
  lastUpdated: iso(CHANGED - DAY_MS),
  lastMembershipUpdated: iso(CHANGED),
  usersCount: 2,
};
const { name, description, ...shown } = group;
const list: RememberedList = { ...shown, readAt: NOW - DAY_MS, members: 'AA' };

describe('the members of a group', () => {
  it.each<[string | null, string, Partial<OktaGroup>, Partial<RememberedList>]>([
    [null, 'when nothing has changed', {}, {}],
    [null, 'when its description has no say in it', { name: name + '!', description }, {}],
    ['it changed in Okta', 'when its members changed', { lastMembershipUpdated: iso(NOW) }, {}],
    ['it changed in Okta', 'when that time went back', { lastMembershipUpdated: iso(CHANGED - DAY_MS) }, {}],
    ['it changed in Okta', 'when its profile changed', { lastUpdated: iso(NOW) }, {}],
    ['it changed in Okta', 'when its profile has no time any more', { lastUpdated: null }, {}],
    ['it changed in Okta', 'when there are more people', { usersCount: 3 }, {}],
    ['it changed in Okta', 'when there are fewer people', { usersCount: 1 }, {}],
    ['it changed in Okta', 'when they were not counted then', {}, { usersCount: null }],
    [
      'Okta gives no time or no count for it',
      'when they are not counted',
      { usersCount: null },
      { usersCount: null },
    ],
    [
      'Okta gives no time or no count for it',
      'when no change was ever told',
      { lastMembershipUpdated: null },
      { lastMembershipUpdated: null },
    ],
    [
      'Okta gives no time or no count for it',
      'when the time cannot be understood',
      { lastMembershipUpdated: 'lately' },
      { lastMembershipUpdated: 'lately' },
    ],
    [
      'it had only just changed when it was read',
      'when they were read less than ten minutes after a change',
      {},
      { readAt: CHANGED + 10 * MINUTE_MS - 1 },
    ],
    [null, 'when they were read ten minutes after a change', {}, { readAt: CHANGED + 10 * MINUTE_MS }],
    [
      'it was read too long ago',
      'when that was a week ago',
      { lastMembershipUpdated: iso(0) },
      { lastMembershipUpdated: iso(0), readAt: NOW - DAYS * DAY_MS },
    ],
    [
      null,
      'when that was not quite a week ago',
      { lastMembershipUpdated: iso(0) },
      { lastMembershipUpdated: iso(0), readAt: NOW - DAYS * DAY_MS + 1 },
    ],
    ['not remembered', 'when that was in the future', {}, { readAt: NOW + 2 * MINUTE_MS }],
    [null, 'when that was just now by a clock known to the second', {}, { readAt: NOW + 500 }],
  ])('%s: %s', (why, _, now, then) => {
    expect(whyRead({ ...group, ...now }, { ...list, ...then }, NOW, DAYS)).toBe(why);
  });

  it('are read when they were never read', () => {
    expect(whyRead(group, undefined, NOW, DAYS)).toBe('not remembered');
  });
});

it('a group is read with those it is united with, and only with those', () => {
  const groups = ['g1', 'g2', 'g3', 'g4'].map((id) => ({ ...group, id, usersCount: id === 'g2' ? 9 : 2 }));
  const reads: Reads = {
    asOf: NOW,
    people: [],
    formerly: new Map(),
    lists: new Map(groups.map(({ id }) => [id, { ...list, id }])),
  };
  const wanted: Wanted[] = [
    { name: 'A', oktaIds: ['g1', 'g2', 'g3'], description: null },
    { name: 'B', oktaIds: ['g4'], description: null },
  ];
  expect(whyReadAny(groups, wanted, reads, NOW, DAYS)).toEqual(
    new Map([
      ['g2', 'it changed in Okta'],
      ['g1', 'it is united with one that is read'],
      ['g3', 'it is united with one that is read'],
    ]),
  );
});
