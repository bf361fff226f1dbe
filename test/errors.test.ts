import { expect, it } from 'vitest';
import { messageOf, SourceError } from '../lambda/errors.ts';

it('what went wrong is told in its own words, also where it is no error', () => {
  expect(messageOf(new SourceError('Okta did not answer'))).toBe('Okta did not answer');
  expect(messageOf('switched off')).toBe('switched off');
  expect(messageOf(undefined)).toBe('undefined');
});
