import { expect, it } from 'vitest';
import { accountNear } from '../../../lambda/core/model/text.ts';

const THEIRS = 'an account of that name exists';
const PERHAPS = 'if that account is theirs: it is one letter off';

it.each([
  ['at another domain', 'ada@acme.com', 'ada@acme.io', THEIRS],
  ['with other dots', 'ada.lovelace@acme.com', 'adalovelace@acme.com', THEIRS],
  ['with more of the name', 'ada@acme.com', 'ada.l@acme.io', THEIRS],
  ['spelled otherwise', 'jon.smith@acme.com', 'john.smith@acme.com', PERHAPS],
])('an account is near that has the same name %s', (_, address, email, how) => {
  expect(accountNear(address, ['zoe@acme.com', email])).toEqual({ email, how });
});

it.each([
  ['rosa.ito@acme.com', 'ada.ito@acme.com'],
  ['priya.gupta@acme.com', 'freya.gupta@acme.com'],
  ['samir.jansen@acme.com', 'amara.jansen@acme.com'],
])('%s is not advised to take %s for theirs', (address, other) => {
  expect(accountNear(address, [other])).toBeNull();
});
