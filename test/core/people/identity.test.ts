import { describe, expect, it } from 'vitest';
import { fitsGlob } from '../../../lambda/core/people/address.ts';
import { identityOf, person, user } from '../world.ts';

const aliases = new Map([
  ['Ada@acme.com', 'ada.l@acme.io'],
  ['*@acme.com', '*@acme.io'],
  ['x-*@old.com', '*.x@acme.io'],
  ['x-*-y@old.org', '*@acme.eu'],
]);

describe('an Okta address', () => {
  it.each([
    ['is trimmed', '  bob@b.org\t', 'bob@b.org'],
    ['is lower-cased', 'Bob@B.Org', 'bob@b.org'],
    ['is normalised to NFC', 'zoe\u0308@b.org', 'zo\u00eb@b.org'],
    ['is exchanged for its exact alias before any pattern', 'ADA@acme.com', 'ada.l@acme.io'],
    ['is exchanged by the pattern it fits', 'bob@acme.com', 'bob@acme.io'],
    ['may have its star moved to another place', 'x-bob@old.com', 'bob.x@acme.io'],
    ['may have nothing in the place of its star', 'x--y@old.org', '@acme.eu'],
    ['that no alias fits stays as it is', 'x@old.com', 'x@old.com'],
    ['is no match for a pattern whose ends would overlap in it', 'x-y@old.org', 'x-y@old.org'],
    ['may look like a property of every object', '__proto__', '__proto__'],
    ['may hold what a replacement pattern means something by', '$&$1@acme.com', '$&$1@acme.io'],
    [
      'of ten thousand characters is compared like any other',
      `${'A'.repeat(10_000)}@b.org`,
      `${'a'.repeat(10_000)}@b.org`,
    ],
  ])('%s', (_, email, expected) => {
    expect(identityOf({ aliases }, []).addressOf(person(email))).toBe(expected);
  });

  it.each([null, '', '  \t'])('that is %j matches nobody', (email) => {
    expect(identityOf({}, [user('u1', null)]).addressOf(person(email))).toBeNull();
  });

  it.each([
    ['ada.l@acme.io', ['ada.l@acme.io', 'ada@acme.com', 'ada.l@acme.com']],
    ['bob@acme.io', ['bob@acme.io', 'bob@acme.com']],
    ['bob.x@acme.io', ['bob.x@acme.io', 'bob.x@acme.com', 'x-bob@old.com']],
    // The pattern would say ada@acme.com, whose own alias leads elsewhere.
    ['ada@acme.io', ['ada@acme.io']],
    // Nobody arrives there: an alias leads this address elsewhere.
    ['bob@acme.com', []],
  ])('is found again from the Secoda address %s', (address, expected) => {
    expect(identityOf({ aliases }, []).sourcesOf(address)).toEqual(expected);
  });

  it('is the e-mail address otherwise, and an alias tells what becomes of it', () => {
    const ada = person('ada@acme.com', 'ACTIVE', 'al@corp');
    const identity = identityOf({ aliases }, []);
    expect([identity.addressOf(ada), identity.writtenOf(ada), identity.couldBe(ada)]).toEqual([
      'ada.l@acme.io',
      'ada@acme.com',
      'al@corp',
    ]);
  });

  it('is the login when the configuration says so', () => {
    const ada = person('ada@acme.com', 'ACTIVE', 'al@corp');
    const identity = identityOf({ match: 'login' }, []);
    expect([identity.addressOf(ada), identity.writtenOf(ada), identity.couldBe(ada)]).toEqual([
      'al@corp',
      'al@corp',
      'ada@acme.com',
    ]);
  });
});

describe('an Okta status', () => {
  it.each([
    ['ACTIVE', 'eligible'],
    ['PROVISIONED', 'eligible'],
    ['RECOVERY', 'eligible'],
    ['PASSWORD_EXPIRED', 'eligible'],
    ['LOCKED_OUT', 'eligible'],
    ['STAGED', 'ineligible'],
    ['SUSPENDED', 'ineligible'],
    ['DEPROVISIONED', 'ineligible'],
    ['HIBERNATING', 'unknown'],
    ['active', 'unknown'],
    ['', 'unknown'],
    ['__proto__', 'unknown'],
  ])('%j is %s', (status, standing) => {
    expect(identityOf({}, []).eligibilityOf(person('a@b.c', status))).toBe(standing);
  });

  it('that the configuration lists is eligible even if it was never seen before', () => {
    expect(identityOf({ statuses: ['HIBERNATING'] }, []).eligibilityOf(person('a', 'HIBERNATING'))).toBe(
      'eligible',
    );
  });
});

describe('a Secoda account', () => {
  const identity = identityOf({ protect: ['Break*@acme.com', '*@vendor.io'] }, [
    user('u1', ' Ada@Acme.com '),
    user('u2', 'twin@acme.com'),
    user('u3', 'TWIN@acme.com'),
    user('u4', null),
    user('u5', 'breakglass@acme.com'),
    user('u6', 'eve@vendor.io'),
    user('u7', 'eve@vendor.io.evil.com'),
  ]);

  it('is found by its address in any case', () => {
    expect(identity.account('ada@acme.com')).toEqual({ userId: 'u1', email: 'ada@acme.com' });
  });

  it('is none for an address nobody bears', () => {
    expect(identity.account('constructor')).toBe('none');
  });

  it('is ambiguous when several bear one address', () => {
    expect(identity.account('twin@acme.com')).toBe('several');
  });

  it('is one object for everybody who asks for it, and without an account of its own where several share the address', () => {
    expect(identity.member('u1')).toBe(identity.account('ada@acme.com'));
    expect(identity.member('u2')).toEqual({ userId: 'u2', email: 'twin@acme.com' });
    expect(identity.member('u4')).toEqual({ userId: 'u4', email: null });
  });

  it('that is a service account is nobody’s account, and may be protected', () => {
    const service = { ...user('robot', 'etl@b.org'), service: true as const };
    const identity = identityOf({ protect: ['*@b.org'] }, [service, user('u2', 'c@d.org')]);
    expect(identity.account('etl@b.org')).toBe('none');
    expect(identity.member('robot')).toEqual({ userId: 'robot', email: null });
    expect([identity.isProtected('robot'), identity.isProtected('u2')]).toEqual([true, false]);
  });

  it('that shares its address with a service account is still theirs', () => {
    const service = { ...user('robot', 'ada@b.org'), service: true as const };
    const identity = identityOf({}, [service, user('u1', 'ada@b.org')]);
    expect(identity.account('ada@b.org')).toEqual({ userId: 'u1', email: 'ada@b.org' });
  });

  it.each(['u4', 'hidden'])('without an address in sight (%s) cannot be matched', (id) => {
    expect(identity.addressOfUser(id)).toBeNull();
    expect(identity.isProtected(id)).toBe(false);
  });

  it.each([
    ['u5', true],
    ['u6', true],
    ['u7', false],
    ['u1', false],
  ])('%s is protected: %s', (id, expected) => {
    expect(identity.isProtected(id)).toBe(expected);
  });
});

describe('a glob', () => {
  it.each([
    ['*', '', true],
    ['Data *', 'Data ', true],
    ['Data *', 'data x', false],
    ['* (test)', 'BI (test)', true],
    ['* (test)', 'BI (test) 2', false],
    ['D?ta', 'Data', true],
    ['D?ta', 'Dta', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['', '', true],
    ['', 'x', false],
    ['\u00c9quipe *', 'E\u0301quipe Data', true],
    ['E\u0301quipe *', '\u00c9quipe Data', true],
    ['?quipe', 'E\u0301quipe', true],
    ['??quipe', 'E\u0301quipe', false],
    ['?', '\u{1f600}', true],
    ['??', '\u{1f600}', false],
    ['*?', '\u{1f600}', true],
    // An accent that has no composed form with its letter, a flag, a family and a hand with a colour of skin.
    ['a?c', 'ax\u0302c', true],
    ['?', '\u{1f1ec}\u{1f1e7}', true],
    ['?', '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}', true],
    ['? team', '\u{1f44d}\u{1f3fd} team', true],
    ['\u26a0*', '\u26a0\ufe0f old', true],
  ])('%j and %j: %s', (glob, text, expected) => {
    expect(fitsGlob(glob, text)).toBe(expected);
  });

  it('of many stars is answered without delay for a hostile name', () => {
    expect(fitsGlob(`${'*a'.repeat(30)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});
