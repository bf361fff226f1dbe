import { expect, it } from 'vitest';
import type { Invitation, InvitedInto } from '../../lambda/core/invitations.ts';
import { portion } from '../../lambda/run/invite-portion.ts';

/** What a step's result may have. */
const MOST = 256 * 1024;
const group = (n: number): InvitedInto => ({
  oktaIds: [`00g${String(n).padStart(17, '0')}`],
  secodaId: null,
  name: `Group ${n}`,
});
const idOf = ({ name }: InvitedInto) => `id of ${name}`;

/** People who share no call, each in so many groups. */
const apart = (people: number, groups: number): Invitation[] =>
  Array.from({ length: people }, (_, n) => ({
    emails: [`hire${n}@acme.com`],
    groups: Array.from({ length: groups }, (_each, g) => group(n + g)),
  }));

it('all invitations of a few people are sent at once, into groups by the ids they have by now', () => {
  const { invitations, later } = portion(apart(2, 1), idOf);
  expect(later).toEqual([]);
  expect(invitations.map(({ groups }) => groups[0]?.secodaId)).toEqual(['id of Group 0', 'id of Group 1']);
});

it('people in many groups each wait rather than make a result too large to be kept', () => {
  const all = apart(200, 40);
  expect(JSON.stringify(all).length).toBeGreaterThan(2 * MOST);
  const { invitations, later } = portion(all, idOf);
  expect(JSON.stringify(invitations).length).toBeLessThan(MOST);
  expect(invitations.length).toBeGreaterThan(0);
  expect(invitations.length + later.length).toBe(200);
});

it('somebody in very many groups is invited all the same', () => {
  const { invitations, later } = portion(apart(2, 1_500), idOf);
  expect([invitations.length, later]).toEqual([1, ['hire1@acme.com']]);
});

it('a run reads so many groups again that a step has time for it', () => {
  expect(portion(apart(250, 1), idOf).invitations).toHaveLength(200);
  expect(portion(apart(250, 40), idOf).invitations).toHaveLength(5);
});
