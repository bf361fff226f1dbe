import { expect, test } from 'vitest';
import * as z from 'zod';
import { SourceError } from '../../../lambda/errors.ts';
import { checked, originOf, originProblem } from '../../../lambda/services/http/checked.ts';

const list = z.array(z.object({ id: z.string({ error: 'an id' }) }, { error: 'a group' }), {
  error: 'a list of groups',
});

test.each<[unknown, string]>([
  [{}, 'the answer: expected a list of groups, got an object'],
  [null, 'the answer: expected a list of groups, got null'],
  ['<html>', 'the answer: expected a list of groups, got a string'],
  ['', 'the answer: expected a list of groups, got an empty string'],
  [undefined, 'the answer: expected a list of groups, got nothing (the field is missing)'],
  [[{ id: 'a' }, []], '[1]: expected a group, got a list'],
  [[null], '[0]: expected a group, got null'],
  [[{ id: 'a' }, { id: 7 }], '[1].id: expected an id, got a number'],
  [[{ id: true }], '[0].id: expected an id, got a boolean'],
  [[{}], '[0].id: expected an id, got nothing (the field is missing)'],
])('of an answer %j it is told where it is wrong, and the kind of what came', (value, problem) => {
  const check = (): unknown => checked(list, value, 'GET /groups');
  expect(check).toThrow(SourceError);
  expect(check).toThrow(new SourceError(`GET /groups: ${problem}`));
});

test('an answer that is as it should be is taken', () => {
  expect(checked(list, [{ id: 'a', more: 1 }], 'GET /groups')).toEqual([{ id: 'a' }]);
});

test('a field in a field is named by its way', () => {
  const nested = z.object({ user: z.object({ email: z.string({ error: 'an address' }) }) });
  expect(() => checked(nested, { user: { email: 1 } }, 'GET /me')).toThrow(
    'GET /me: user.email: expected an address, got a number',
  );
  // What lies behind something that is no object is missing.
  const behind = z.custom<string>().superRefine((_, { issues }) => {
    issues.push({ code: 'custom', path: ['a', 'b'], message: 'c', input: null });
  });
  for (const a of ['text', null])
    expect(() => checked(behind, { a }, 'GET /me')).toThrow('a.b: expected c, got nothing');
});

test.each([
  ['https://acme.okta.com', null],
  ['https://acme.okta.com:8443/', null],
  ['http://localhost:1234', null],
  ['http://[::1]:1234', null],
  ['http://127.8.9.10', null],
  ['acme.okta.com', 'a URL such as https://example.com'],
  ['https://ada@acme.okta.com', 'a URL without a user name or password'],
  ['https://:hunter2@acme.okta.com', 'a URL without a user name or password'],
  ['ftp://acme.okta.com', 'a URL that starts with https://'],
  [
    'http://acme.okta.com',
    'a URL that starts with https:// (plain http is for 127.0.0.1, ::1 and localhost only)',
  ],
  ['https://acme.okta.com?a=b', 'a URL without a query or fragment'],
  ['https://acme.okta.com#a', 'a URL without a query or fragment'],
  ['https://acme.okta.com/api', 'a URL without a path'],
  ['https://{yourOktaDomain}', 'a real address: {yourOktaDomain} is a placeholder of some instructions'],
])('an address that is to receive a credential: %s', (text, problem) => {
  expect(originProblem(text)).toBe(problem);
  if (problem === null) expect(originOf(text, 'okta.orgUrl')).toEqual(new URL(text));
  else expect(() => originOf(text, 'okta.orgUrl')).toThrow(`okta.orgUrl must be ${problem}`);
});
