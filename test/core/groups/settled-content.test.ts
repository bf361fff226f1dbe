import { expect, it } from 'vitest';
import {
  fightWarning,
  fingerprintOf,
  isFight,
  isNews,
  isSettled,
  isWaitedFor,
  memoryOfFound,
  rowOf,
} from '../../../lambda/core/groups/settled-content.ts';
import { markedBy } from '../../../lambda/core/groups/match.ts';
import { type GroupMemory, NO_MEMORY } from '../../../lambda/core/model/memory.ts';
import { DAY_MS, handMade, identityOf, managed, NOW, user, users } from '../world.ts';

const group = managed('s1', 'Data', ['g1'], ['u1']);
const more = { ...group, userIds: ['u1', 'u2'] };
const [here, all] = [fingerprintOf(group), fingerprintOf(more)];
const identity = identityOf({}, users('u1', 'u2'));
const memory: GroupMemory = {
  secodaId: 's1',
  via: 'okta',
  oktaIds: ['g1'],
  asked: all,
  answered: here,
  unsettled: [{ userId: 'u2', row: rowOf(user('u2')) }],
  shortfall: null,
  triedAt: NOW,
};

it('a group is remembered as it was found, and as asked for only where it agrees', () => {
  const [found] = markedBy([group], 'okta');
  if (found === undefined) throw new Error('the group has a marker');
  const expected = { ...memory, asked: here, unsettled: [], triedAt: 0 };
  expect(memoryOfFound(found, true)).toEqual(expected);
  expect(memoryOfFound(found, false)).toEqual({ ...expected, asked: '' });
});

it('what was found is news where nothing is known, or where people were waited for and all stands', () => {
  const found = { ...memory, asked: here, unsettled: [] };
  expect(isNews(found, undefined)).toBe(true);
  expect(isNews(found, memory)).toBe(true);
  expect(isNews(found, found)).toBe(false);
  expect(isNews({ ...found, asked: '' }, memory)).toBe(false);
  expect(isNews(found, { ...memory, answered: all })).toBe(false);
});

it('of an account its address and its state count, and whether it is a service', () => {
  expect(rowOf(undefined)).toBe('');
  expect(rowOf(user('u1'))).toBe('["u1@acme.com",true]');

  expect(rowOf({ ...user('u1'), service: true })).toBe('["u1@acme.com",true,"service"]');
});

it.each<[string, boolean, GroupMemory | undefined, number?]>([
  ['what was asked and not honoured within the week', true, memory],
  ['nothing that is not remembered', false, undefined],
  ['nothing that stands otherwise', false, { ...memory, answered: all }],
  ['nothing that was not asked for', false, { ...memory, asked: here }],
  ['what was honoured, for good', true, { ...memory, unsettled: [], triedAt: 0 }],
  ['nothing that fell short, after a week', false, { ...memory, unsettled: [], shortfall: 'x', triedAt: 0 }],
  ['nothing that was not honoured, after a week', false, memory, NOW + 7 * DAY_MS],
  ['nothing where a row changed', false, { ...memory, unsettled: [{ userId: 'u2', row: '' }] }],
])('settled is %s', (_, expected, known, now = NOW) => {
  expect(isSettled(known, group, more, identity, now)).toBe(expected);
});

it('somebody is waited for who was not honoured within the week, whose row and whose group are the same', () => {
  const waits = (known: GroupMemory | undefined, userId = 'u2', now = NOW + 7 * DAY_MS - 1) =>
    isWaitedFor(known, group, userId, identity, now);
  expect(waits(memory)).toBe(true);
  expect(waits(memory, 'u2', NOW + 7 * DAY_MS)).toBe(false);
  expect(waits(memory, 'u1')).toBe(false);
  expect(waits(undefined)).toBe(false);
  expect(waits({ ...memory, answered: all })).toBe(false);
  expect(waits({ ...memory, unsettled: [{ userId: 'u2', row: '' }] })).toBe(false);
});

it('it is a fight where a group stands otherwise than answered, and the same is wanted as was asked', () => {
  const changed = handMade('s1', 'Data', []);
  expect(isFight(memory, changed, more)).toBe(true);
  expect(isFight(memory, group, more)).toBe(false);
  expect(isFight(memory, changed, group)).toBe(false);
  expect(isFight(memory, changed, null)).toBe(false);
  expect(isFight(undefined, changed, more)).toBe(false);
});

it('a fight is told from the third run in a row on', () => {
  const told = (before?: number) => {
    const fights = new Map(before === undefined ? [] : [['s1', before]]);
    return fightWarning(group, ['g1'], { ...NO_MEMORY, fights }).map(({ message }) => message.slice(0, 13));
  };
  expect([told(), told(1), told(2), told(9)]).toEqual([[], [], ['3 runs in a r'], ['10 runs in a ']]);
});
