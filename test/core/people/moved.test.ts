import { describe, expect, it } from 'vitest';
import type { Person } from '../../../lambda/core/model/directory.ts';
import { mayHaveMoved, movedPeople, movedWarnings, withMoved } from '../../../lambda/core/people/moved.ts';
import { identityOf, person, rulesOf, user, type World } from '../world.ts';

/** Ada, who was `old@acme.com`, is `new@acme.com` by now; the account has the old address. */
const WAS = { ...person('old@acme.com'), id: '00uAda' };
const IS = { ...person('new@acme.com'), id: '00uAda' };
const OTHER = (email: string, login = email): Person => ({
  ...person(email, 'ACTIVE', login),
  id: '00uOther',
});

interface Given extends Pick<World, 'people' | 'users'> {
  readonly now?: readonly Person[];
  readonly before?: readonly Person[];
  readonly formerly?: readonly (readonly [string, string])[];
}
function moved({
  now = [IS],
  before = [WAS],
  formerly = [],
  users = [user('u1', 'old@acme.com')],
  ...world
}: Given = {}) {
  return movedPeople(rulesOf(world).people, users, now, { people: before, formerly: new Map(formerly) });
}
const ADA = { oktaId: '00uAda', from: 'new@acme.com', to: 'old@acme.com' };

describe('somebody whose address changed keeps the account that has the old one', () => {
  it.each<[string, Given]>([
    ['as they were read last', {}],
    [
      'as an earlier run knew them, however they were read since',
      { before: [IS], formerly: [['00uAda', 'old@acme.com']] },
    ],
    ['whom Okta lists in several groups', { now: [IS, { ...IS }] }],
    [
      'whose new address is an alias’s',
      { people: { aliases: new Map([['new@acme.com', 'newer@acme.com']]) } },
    ],
  ])('%s', (_, given) => {
    expect(moved(given)).toEqual([ADA]);
  });

  it('each of them, by their ids', () => {
    const users = [user('u1', 'old@acme.com'), user('u2', 'was@acme.com')];
    const before = [WAS, { ...person('was@acme.com'), id: '00uA' }];
    const now = [IS, { ...person('is@acme.com'), id: '00uA' }];
    expect(moved({ users, before, now }).map(({ oktaId }) => oktaId)).toEqual(['00uA', '00uAda']);
  });

  it.each<[string, Given]>([
    ['who is not in Okta any more', { now: [] }],
    ['whom Okta has no address of', { now: [{ ...person(null), id: '00uAda' }] }],
    ['whose address is the same', { now: [WAS] }],
    ['whose old address no account has', { users: [user('u1', 'else@acme.com')] }],
    [
      'whose old address several accounts have',
      { users: [user('u1', 'old@acme.com'), user('u2', 'old@acme.com')] },
    ],
    ['whose new address has an account', { users: [user('u1', 'old@acme.com'), user('u2', 'new@acme.com')] }],
    [
      'whose new address has several',
      { users: [user('u1', 'old@acme.com'), user('u2', 'new@acme.com'), user('u3', 'new@acme.com')] },
    ],
    ['whose old address somebody else has by now', { now: [IS, OTHER('old@acme.com')] }],
    ['whose old address somebody else had', { before: [WAS, OTHER('old@acme.com')] }],
    ['whose old address is somebody else’s login', { now: [IS, OTHER('x@acme.com', 'old@acme.com')] }],
    ['whose new address somebody else has, too', { now: [IS, OTHER('new@acme.com')] }],
    ['of whom nothing is known from before', { before: [] }],
  ])('but nobody %s', (_, given) => {
    expect(moved(given)).toEqual([]);
  });

  it('by rules that give them what they have, and nothing more', () => {
    const { people } = rulesOf({ people: { aliases: new Map([['a@acme.com', 'b@acme.com']]) } });
    expect(withMoved(people, [])).toBe(people);
    const rules = withMoved(people, [ADA]);
    expect([...rules.aliases]).toEqual([
      ['a@acme.com', 'b@acme.com'],
      ['new@acme.com', 'old@acme.com'],
    ]);
    const identity = identityOf(rules, [
      user('u1', 'old@acme.com'),
      user('u2', 'b@acme.com'),
      user('u3', null),
    ]);
    expect(['u1', 'u2', 'u3'].map((id) => identity.mayGain(id))).toEqual([false, true, true]);
    expect(movedWarnings([ADA])).toMatchObject([
      { kind: 'address-changed', email: 'old@acme.com', group: null },
    ]);
  });
});

it('only where somebody has no account, anybody may have moved', () => {
  const { people } = rulesOf({});
  const users = [user('u1', 'old@acme.com'), user('u2', 'two@acme.com'), user('u3', 'two@acme.com')];
  expect(mayHaveMoved(people, users, [WAS, person(null), person('two@acme.com')])).toBe(false);
  expect(mayHaveMoved(people, users, [WAS, IS])).toBe(true);
});
