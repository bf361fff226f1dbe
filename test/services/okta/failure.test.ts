import { describe, expect, test } from 'vitest';
import { AccessError, SourceError } from '../../../lambda/errors.ts';
import { Throttled, Transient } from '../../../lambda/services/http/backoff.ts';
import { HttpRefusal, isRefusedQuery } from '../../../lambda/services/okta/answer.ts';
import { type Asked, failureOf, fixIn, Outage } from '../../../lambda/services/okta/failure.ts';

const ASKED: Asked = {
  as: 'app',
  right: 'groups',
  scopes: ['okta.groups.read', 'okta.apps.read'],
  trouble: '',
};

function refused(status: number, body: unknown = {}, path = '/api/v1/groups', headers = {}): HttpRefusal {
  const url = new URL(path, 'https://acme.okta.com');
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new HttpRefusal(
    { method: 'GET', url, headers: {} },
    { status, headers: new Headers(headers), text },
  );
}

const TOKEN = '/oauth2/v1/token';
const said = { errorCode: 'E0000001', errorSummary: 'No.' };

test('a refusal shows nothing that the request proved itself with, even if the answer repeats it', () => {
  const secrets = ['00tokenOfTheRequest', 'assertion.of.a-key', 'proof.of.a-key'];
  const [token, assertion = '', proof] = secrets;
  const request = {
    method: 'POST',
    url: new URL(TOKEN, 'https://acme.okta.com'),
    headers: { Authorization: `DPoP ${token}`, DPoP: proof ?? '' },
    body: new URLSearchParams({ client_assertion: assertion }).toString(),
  };
  const text = JSON.stringify({ error: 'invalid', error_description: `no: ${secrets.join(' ')}` });
  const { message } = new HttpRefusal(request, { status: 400, headers: new Headers(), text });
  expect(message).toMatch(/^POST \/oauth2\/v1\/token: Okta answered 400 \(invalid: no: /);
  for (const secret of secrets) expect(message).not.toContain(secret);
});

describe('what a refusal means', () => {
  test.each([
    [299, SourceError],
    [399, SourceError],
    [400, SourceError],
    [401, AccessError],
    [403, AccessError],
    [404, SourceError],
    [408, Transient],
    [409, SourceError],
    [429, Throttled],
    [499, SourceError],
    [500, Transient],
    [599, Transient],
  ])('%i', (status, kind) => {
    expect(failureOf(refused(status, said), ASKED, 0)).toBeInstanceOf(kind);
  });

  test.each([
    [300, 'https://login.acme.com/x?y=z', 'it redirects to https://login.acme.com, which is not followed'],
    [399, '/elsewhere', 'it redirects to another path, which is not followed'],
    [302, '', 'it redirects to another path'],
  ])('a redirect (%i to %j) is told with its origin alone', (status, location, words) => {
    const failure = failureOf(refused(status, said, undefined, { location }), ASKED, 0);
    expect(failure.message).toContain(words);
    expect(failure.message).not.toContain('y=z');
  });

  test('an answer that is not in the form of Okta is asked where it comes from', () => {
    expect(failureOf(refused(404, '<html>'), ASKED, 0).message).toMatch(
      /is okta\.orgUrl the address of the Okta org itself\?$/,
    );
    expect(failureOf(refused(404, said), ASKED, 0).message).not.toContain('okta.orgUrl');
    expect(failureOf(refused(299, said), ASKED, 0).message).not.toContain('redirects');
  });

  test.each([
    [
      400,
      { error: 'invalid_client' },
      /^GET \S+ Okta answered 400 .*\. Check the client id [^;]*clock is right\.$/,
    ],
    [
      400,
      { error: 'invalid_scope' },
      /\. Check in Okta .* is granted okta\.groups\.read and okta\.apps\.read\.$/,
    ],
    [400, { error: 'access_denied' }, /\. Check in Okta .* is granted /],
    [400, { error: 'other' }, /\. Check the client id .*; and in Okta .* is granted /],
    [401, '<html>', /\. Check the client id .*; and in Okta /],
    [403, '<html>', /\. Check the client id .*; and in Okta /],
  ])('of the token endpoint %i %o says what to check', (status, body, words) => {
    const failure = failureOf(refused(status, body, TOKEN), ASKED, 0);
    expect(failure).toBeInstanceOf(AccessError);
    expect(failure.message).toMatch(words);
  });

  test('of the token endpoint in another form is none of its own', () => {
    expect(failureOf(refused(404, '<html>', TOKEN), ASKED, 0)).toBeInstanceOf(SourceError);
  });

  test.each([
    ['token', 401, 'The API token is wrong, revoked or expired'],
    ['app', 401, 'Okta issued an access token and then refused it'],
    [
      'token',
      403,
      'The API token acts for the admin who created it: let one create it whose role may view groups',
    ],
    ['app', 403, 'Grant the service app the scope okta.groups.read'],
  ] as const)('with a %s %i says the fix, which can be told from the rest', (as, status, fix) => {
    const failure = failureOf(refused(status, said), { ...ASKED, as, trouble: ' It is so.' }, 0);
    expect(fixIn(failure)).toMatch(status === 401 ? / It is so\.$/ : /\.$/);
    expect(fixIn(failure)?.startsWith(fix)).toBe(true);
  });

  test('has no fix of its own where there is none', () => {
    expect(fixIn(failureOf(refused(404, said), ASKED, 0))).toBeNull();
    expect(fixIn(new Error('GET /: boo. Check it.'))).toBeNull();
  });
});

test.each([
  [400, true],
  [404, false],
  [414, true],
  [500, false],
])('whether Okta took what was asked for is told by %i: %s', (status, isRefused) => {
  expect(isRefusedQuery(new SourceError('no', { cause: refused(status, said) }))).toBe(isRefused);
  expect(isRefusedQuery(refused(status, said))).toBe(false);
  expect(isRefusedQuery(new SourceError('no'))).toBe(false);
});

describe('words of a refusal', () => {
  test.each([
    [{ errorCode: 'E1', errorSummary: 'No.' }, '(E1: No.)'],
    [
      { errorCode: 'E1', errorSummary: '', errorCauses: [{ errorSummary: 'a' }, { errorSummary: 'b' }] },
      '(E1: a; b)',
    ],
    [{ error: 'invalid_client', error_description: 'Who?' }, '(invalid_client: Who?)'],
    [{ errorCode: 'E1', error: 'x', errorSummary: 'first', error_description: 'second' }, '(E1: first)'],
    [{ errorCode: 'E1' }, '(E1)'],
    [{ errorCode: 7, errorSummary: 'No.' }, '(not in the form of an Okta error)'],
    ['<html>', '(not in the form of an Okta error)'],
  ])('%o', (body, words) => {
    expect(refused(400, body).message).toBe(`GET /api/v1/groups: Okta answered 400 ${words}`);
  });

  test('are cut where they are long', () => {
    const message = (length: number) => refused(400, { errorCode: 'x'.repeat(length) }).message;
    expect(message(200)).toContain(`(${'x'.repeat(200)})`);
    expect(message(201)).toContain(`(${'x'.repeat(200)}…)`);
  });
});

describe('Okta as a whole is down', () => {
  test('after half a minute of five failures or more', () => {
    const outage = new Outage();
    for (let n = 1; n < 5; n++)
      expect(outage.failed(0, 40_000)).toEqual({ lasts: false, failures: n, ms: 40_000 });
    expect(outage.failed(1_000, 29_999)).toEqual({ lasts: false, failures: 5, ms: 29_999 });
    expect(outage.failed(2_000, 30_000)).toEqual({ lasts: true, failures: 6, ms: 30_000 });
    outage.answered();
    expect(outage.failed(50_000, 90_000)).toEqual({ lasts: false, failures: 1, ms: 40_000 });
  });

  test('at the fifth failure, where these last long enough', () => {
    const outage = new Outage();
    const all = Array.from({ length: 5 }, () => outage.failed(0, 30_000).lasts);
    expect(all).toEqual([false, false, false, false, true]);
  });
});
