import { describe, expect, it } from 'vitest';
import { NOT_KNOWN, WAITING_MS } from '../../../lambda/core/people/invitations.ts';
import { onboardingOf } from '../onboarding.ts';
import { NO_MEMORY } from '../../../lambda/core/model/memory.ts';
import { companionsOf } from '../../../lambda/core/plan/plan-onboarding.ts';
import { at, identityOf, managed, NOW, person, remembered, user, type World } from '../world.ts';

const ADA = at('ada');
const INVITE = { role: 'viewer', teams: [], max: 25 } as const;
const world: World = {
  okta: [
    { id: 'g1', name: 'A', people: [ADA] },
    { id: 'g2', name: 'B', people: [ADA] },
  ],
  groups: [managed('s1', 'A', ['g1'])],
};
const BOTH = ['A', 'B'];
const A = { oktaIds: ['g1'], secodaId: 's1', name: 'A' };
const answer = (kind: string, detail: string | null = null, email: string | null = null) => ({
  ...{ kind, group: null, detail, join: null, email },
});
const NOBODY = { unmatched: [], invitations: [], invitees: [], awaited: [], warnings: [] };

type But = NonNullable<Parameters<typeof onboardingOf>[2]>;

/** What is decided about Ada, who is in two groups of which one is there. */
function decided(but: But = {}, more: World = {}, asked = ADA) {
  const { people, unmatched, invitations, invitees, awaited, warnings, joins, unchanged } = onboardingOf(
    { ...world, ...more },
    [asked],
    but,
  );
  expect([joins, unchanged]).toEqual([[], 0]);
  return { answers: people[0]?.answers, unmatched, invitations, invitees, awaited, warnings };
}
const invitedAt = (at: number, sure = true): But => ({
  invite: INVITE,
  invited: new Map([[ADA, { email: ADA, at, sure }]]),
});
const unmatched = (reason: string) => [{ email: ADA, groups: BOTH, reason }];
const INVITES = {
  ...NOBODY,
  answers: [answer('invites', null, ADA)],
  invitations: [{ emails: [ADA], groups: [A] }],
  invitees: [[ADA, [person(ADA).id]]],
};

describe('somebody without an account', () => {
  it('is told so where nobody is invited', () => {
    expect(decided()).toEqual({
      ...NOBODY,
      answers: [answer('no-account')],
      unmatched: unmatched('no-account'),
    });
  });

  it('is invited, where people are, into those of their groups that are there', () => {
    expect(decided({ invite: INVITE })).toEqual(INVITES);
  });

  it('is not invited where none of their groups is there, or what they are matched by is no address', () => {
    const alone = { ...NOBODY, answers: [answer('no-account')] };
    expect(decided({ invite: INVITE }, { groups: [] })).toEqual({
      ...alone,
      unmatched: unmatched('no-account'),
    });
    const okta = [{ id: 'g1', name: 'A', people: [person(ADA, 'ACTIVE', 'ada')] }];
    const sought = [{ email: ADA, records: [{ person: person(ADA, 'ACTIVE', 'ada'), groupIds: ['g1'] }] }];
    expect(decided({ invite: INVITE, sought }, { people: { match: 'login' }, okta })).toEqual({
      ...alone,
      unmatched: [{ email: 'ada', groups: ['A'], reason: 'no-account' }],
    });
  });

  it('is waited for once they were invited, be it certain or not', () => {
    const awaited = (known: boolean) => [{ email: ADA, groups: BOTH, known }];
    const at = NOW - WAITING_MS + 1;
    expect(decided(invitedAt(at))).toEqual({
      ...NOBODY,
      answers: [answer('invited')],
      awaited: awaited(true),
    });
    expect(decided(invitedAt(at, false))).toEqual({
      ...NOBODY,
      answers: [answer('not-invited', NOT_KNOWN)],
      awaited: awaited(false),
    });
  });

  it('is no longer waited for after thirty days, and told of', () => {
    const { answers, warnings, ...others } = decided(invitedAt(NOW - WAITING_MS));
    expect(others).toEqual({
      unmatched: unmatched('no-account'),
      invitations: [],
      invitees: [],
      awaited: [],
    });
    const message = warnings[0]?.message ?? '';
    expect(message).toMatch(
      /^ada@acme\.com was invited on 2025-12-06 and has not signed in since; look under/,
    );
    expect(answers).toEqual([answer('not-invited', message)]);
    expect(warnings).toMatchObject([{ kind: 'unanswered', email: ADA }]);
  });

  it('is invited once more where an operator says so', () => {
    expect(decided({ ...invitedAt(NOW), inviteAgain: true })).toEqual(INVITES);
    expect(decided({ ...invitedAt(0), inviteAgain: true })).toEqual(INVITES);
  });
});

it('somebody of whose address several accounts are is told so, and not invited, whatever was before', () => {
  const users = [user('u1', ADA), user('u2', ADA)];
  const told = { ...NOBODY, answers: [answer('ambiguous')], unmatched: unmatched('ambiguous') };
  expect(decided({ invite: INVITE }, { users })).toEqual(told);
  expect(decided(invitedAt(NOW), { users })).toEqual(told);
});

it('somebody whose address changed is told of that, and not invited', () => {
  const { id } = person(ADA);
  const detail = `the address of ${id} in Okta is ${ADA} by now, and was old@acme.com, which an account in Secoda still has: it keeps what they are wanted in, and gains nothing until users.aliases has '${ADA}': 'old@acme.com'`;
  const moved = [{ oktaId: id, from: ADA, to: 'old@acme.com' }];
  expect(decided({ invite: INVITE, moved })).toEqual({ ...NOBODY, answers: [answer('not-invited', detail)] });
  const others = [{ oktaId: 'other', from: ADA, to: 'old@acme.com' }];
  expect(decided({ invite: INVITE, moved: others })).toEqual(INVITES);
});

it('several people are each told, unmatched by their address, and asked for in one invitation where they may', () => {
  const people = [at('zoe'), ADA];
  const okta = [{ id: 'g1', name: 'A', people }];
  const { unmatched: left, people: told } = onboardingOf({ ...world, okta }, people);
  expect(told.map(({ email, answers }) => [email, answers.map(({ kind }) => kind)])).toEqual([
    [at('zoe'), ['no-account']],
    [ADA, ['no-account']],
  ]);
  expect(left.map(({ email }) => email)).toEqual([ADA, at('zoe')]);
  const { invitations, invitees } = onboardingOf({ ...world, okta }, people, { invite: INVITE });
  expect(invitations).toEqual([{ emails: [ADA, at('zoe')], groups: [A] }]);
  expect(invitees.map(([email]) => email)).toEqual(people);
});

it('whoever was asked of a joined group and is not shown there goes along, by all of their addresses in Okta', () => {
  const users = ['u1', 'u2', 'u3', 'u4'].map((id) => user(id));
  const groups = [managed('s1', 'A', ['g1'], ['u3'])];
  const joining = onboardingOf({ okta: [{ id: 'g1', name: 'A', people: [at('u1')] }], groups, users }, [
    at('u1'),
  ]);
  const identity = identityOf({ aliases: new Map([['*@acme.io', '*@acme.com']]) }, users);
  const asked = (...ids: string[]) => {
    const [known] = [...(remembered(['s1', ['g1']]).groups?.values() ?? [])];
    if (known === undefined) throw new Error('one is remembered');
    const unsettled = ids.map((userId) => ({ userId, row: '' }));
    const memory = { ...NO_MEMORY, groups: new Map([['s1', { ...known, unsettled }]]) };
    return companionsOf(joining, groups, memory, identity);
  };
  expect(asked('u4', 'u2', 'u1', 'u3', 'hidden')).toEqual([at('u2'), 'u2@acme.io', at('u4'), 'u4@acme.io']);
  expect(asked()).toEqual([]);
  expect(companionsOf(joining, [], NO_MEMORY, identity)).toEqual([]);
});
