import type { GroupRef } from '../../../lambda/core/model/workspace.ts';
import { expect, it } from 'vitest';
import type { Invitation } from '../../../lambda/core/people/invitations.ts';
import { fitting as invitedNow } from '../../../lambda/run/invite/invite-everybody.ts';

/** What a step's result may have. */
const MOST = 256 * 1024;
const group = (n: number): GroupRef => ({
  oktaIds: [`00g${String(n).padStart(17, '0')}`],
  secodaId: null,
  name: `Group ${n}`,
});
const idOf = ({ name }: GroupRef) => `id of ${name}`;

/** Who is invited by this run, and who has to wait. */
function fitting(...[all, ids]: Parameters<typeof invitedNow>) {
  const invitations = invitedNow(all, ids);
  const now = new Set(invitations.flatMap(({ emails }) => emails));
  return { invitations, later: all.flatMap(({ emails }) => emails).filter((email) => !now.has(email)) };
}

/** People who share no call, each in so many groups. */
const apart = (people: number, groups: number): Invitation[] =>
  Array.from({ length: people }, (_, n) => ({
    emails: [`hire${n}@acme.com`],
    groups: Array.from({ length: groups }, (_each, g) => group(n + g)),
  }));

it('all invitations of a few people are sent at once, into groups by the ids they have by now', () => {
  const { invitations, later } = fitting(apart(2, 1), idOf);
  expect(later).toEqual([]);
  expect(invitations.map(({ groups }) => groups[0]?.secodaId)).toEqual(['id of Group 0', 'id of Group 1']);
});

it('people in many groups each wait rather than make a result too large to be kept', () => {
  const all = apart(200, 40);
  expect(JSON.stringify(all).length).toBeGreaterThan(2 * MOST);
  const { invitations, later } = fitting(all, idOf);
  expect(JSON.stringify(invitations).length).toBeLessThan(MOST);
  expect(invitations.length).toBeGreaterThan(0);
  expect(invitations.length + later.length).toBe(200);
});

it('somebody in very many groups is invited all the same, into as many of them as a step can read and keep', () => {
  const long = apart(2, 5_000).map(({ emails, groups }) => ({
    emails,
    groups: groups.map((each) => ({ ...each, name: each.name.padEnd(255, 'ß') })),
  }));
  for (const all of [apart(2, 5_000), long]) {
    const { invitations, later } = fitting(all, idOf);
    expect([invitations.length, later]).toEqual([1, ['hire1@acme.com']]);
    expect(Buffer.byteLength(JSON.stringify(invitations))).toBeLessThan(MOST);
    const groups = invitations[0]?.groups ?? [];
    expect(groups.length).toBeGreaterThan(90);
    expect(groups.length).toBeLessThanOrEqual(200);
  }
});

it('a group that many Okta groups feed is not left out for it', () => {
  const oktaIds = Array.from({ length: 300 }, (_, n) => `00g${n}`);
  const { invitations } = fitting(
    [{ emails: ['hire@acme.com'], groups: [{ ...group(0), oktaIds }, group(1)] }],
    idOf,
  );
  expect(invitations[0]?.groups.map(({ name }) => name)).toEqual(['Group 0']);
});

it('somebody in very many groups keeps nobody waiting who is in few', () => {
  const [huge] = apart(1, 5_000);
  const few = { emails: ['zoe@acme.com'], groups: [group(0)] };
  if (!huge) throw new Error('nobody');
  expect(fitting([huge, few], idOf)).toMatchObject({
    invitations: [{ emails: few.emails }],
    later: huge.emails,
  });
});

it('the longest errors of everybody in one run are a result that can be kept', () => {
  const error = `POST /api/v1/user was refused (400), Secoda said: ${'\u{1F600}'.repeat(200)}…${' and more words of ours'.repeat(13)}`;
  const share = [1, 2, 3, 4].map((n) => ({
    emails: Array.from({ length: 75 }, (_, m) => `${n}.${m}@acme.com`.padStart(254, 'x')),
    groups: [group(n)],
  }));
  const { invitations } = fitting(share, idOf);
  const outcomes = invitations
    .flatMap(({ emails }) => emails)
    .map((email) => ({ email, outcome: 'failed', error }));
  expect(outcomes.length).toBeGreaterThan(0);
  expect(Buffer.byteLength(JSON.stringify(outcomes))).toBeLessThan(MOST);
});

it('a run reads so many groups again that a step has time for it', () => {
  expect(fitting(apart(250, 1), idOf).invitations).toHaveLength(150);
  expect(fitting(apart(250, 2), idOf).invitations).toHaveLength(100);
  expect(fitting(apart(250, 40), idOf).invitations).toHaveLength(5);
  const [huge] = fitting(apart(1, 5_000), idOf).invitations;
  expect(huge?.groups).toHaveLength(200);
});

it('as much is sent as is just not too much, to the byte', () => {
  const LONGEST = 100_000;
  const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  const ofSize = (bytes: number, of: (name: string) => object) => 'x'.repeat(bytes - size(of('')));
  const unnamed = () => null;
  const into = (name: string): GroupRef => ({ oktaIds: ['00g1'], secodaId: null, name });
  const small = { emails: ['ada@acme.com'], groups: [into('BI')] };
  const large = (bytes: number) => {
    const of = (name: string) => ({ emails: ['bob@acme.com'], groups: [into(name)] });
    return of(ofSize(bytes, of));
  };
  const left = LONGEST - size(small);
  expect(fitting([small, large(left)], unnamed).later).toEqual([]);
  expect(fitting([small, large(left + 1)], unnamed).later).toEqual(['bob@acme.com']);

  const groupsOf = (bytes: number) =>
    fitting([{ emails: ['ada@acme.com'], groups: [into('BI'), into(ofSize(bytes, into))] }], unnamed)
      .invitations[0]?.groups.length;
  const room = LONGEST - size(into('BI'));
  expect([groupsOf(room), groupsOf(room + 1)]).toEqual([2, 1]);
});
