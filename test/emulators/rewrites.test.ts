import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Answer, askOkta, askSecoda, nextPage, rows } from './ask.ts';
import {
  dropField,
  type Effect,
  emptyPageWithNext,
  nextOnAnotherHost,
  type OktaEmulator,
  oktaTooMany,
  oktaTooManyAtOnce,
  repeatPage,
  type SecodaEmulator,
  startOkta,
  startSecoda,
  truncatePage,
  wrongCount,
} from './index.ts';

let okta: OktaEmulator;
let secoda: SecodaEmulator;
const people = ['ada@acme.example', 'bo@acme.example', 'cy@acme.example', 'di@acme.example'];

beforeAll(async () => {
  okta = await startOkta();
  secoda = await startSecoda();
  for (const email of people) {
    okta.state.addUser({ email });
    secoda.state.addUser({ email });
  }
});
beforeEach(() => {
  okta.faults.clear();
  secoda.faults.clear();
});
afterAll(() => Promise.all([okta.close(), secoda.close()]));

const emails = (answer: Answer): unknown[] => rows(answer).map(({ email }) => email);
const logins = (answer: Answer): unknown[] => rows(answer).map(({ profile }) => profile);

async function secodaPage(number: number, effect?: Effect): Promise<Answer> {
  if (effect !== undefined) secoda.faults.add({ on: 'secoda.user.list', effect });
  return askSecoda(secoda, 'GET', `/api/v1/user?page=${number}&page_size=2`);
}

function oktaPage(effect: Effect): Promise<Answer> {
  okta.faults.add({ on: 'okta.user.list', effect });
  return askOkta(okta, '/api/v1/users?limit=2');
}

test('a truncated page lacks a row and says nothing of it', async () => {
  const secodaAnswer = await secodaPage(1, truncatePage());
  expect(emails(secodaAnswer)).toEqual(people.slice(0, 1));
  expect(secodaAnswer.json).toMatchObject({ count: 4, meta: { next_page: 2 } });
  const oktaAnswer = await oktaPage(truncatePage(2));
  expect(rows(oktaAnswer)).toEqual([]);
  expect(nextPage(oktaAnswer)).toBeDefined();
});

test('a repeated page shows the rows of the page before', async () => {
  await secodaPage(1);
  const second = await secodaPage(2, repeatPage());
  expect(emails(second)).toEqual(people.slice(0, 2));
  expect(second.json).toMatchObject({ meta: { page: 2 }, count: 4 });
});

test('an empty page can have a next one', async () => {
  const answer = await oktaPage(emptyPageWithNext());
  expect(answer.json).toEqual([]);
  const following = nextPage(answer) ?? '';
  expect(rows(await askOkta(okta, following.slice(okta.url.length)))).toHaveLength(2);
});

test('a count can be wrong', async () => {
  expect((await secodaPage(1, wrongCount(9))).json).toMatchObject({ count: 9, results: [{}, {}] });
});

test('the next page can be on another host', async () => {
  const elsewhere = nextOnAnotherHost('https://elsewhere.example');
  expect((await secodaPage(1, elsewhere)).json).toMatchObject({
    links: { next: 'https://elsewhere.example/api/v1/user?page=2&page_size=2' },
  });
  const answer = await oktaPage(elsewhere);
  expect(nextPage(answer)).toMatch(/^https:\/\/elsewhere\.example\/api\/v1\/users\?limit=2&after=/);
  expect(answer.headers.get('link')).toContain(`<${okta.url}/api/v1/users?limit=2>; rel="self"`);
});

test('a field can be missing, in one row or in all', async () => {
  const one = await secodaPage(1, dropField('results.0.email'));
  expect(rows(one).map((row) => 'email' in row)).toEqual([false, true]);
  const all = await secodaPage(1, dropField('results.*.email'));
  expect(rows(all).map((row) => 'email' in row)).toEqual([false, false]);
  expect((await secodaPage(1, dropField('count'))).json).not.toHaveProperty('count');
  const [first] = logins(await oktaPage(dropField('*.profile.email')));
  expect(first).toMatchObject({ login: 'ada@acme.example' });
  expect(first).not.toHaveProperty('email');
});

test("Okta's two kinds of 429 are told apart by the limit", async () => {
  const bucket = await oktaPage(oktaTooMany(1_900_000_000));
  expect(bucket).toMatchObject({ status: 429, json: { errorCode: 'E0000047' } });
  expect(bucket.headers.get('x-rate-limit-limit')).toBe('600');
  expect(bucket.headers.get('x-rate-limit-reset')).toBe('1900000000');
  const concurrency = await oktaPage(oktaTooManyAtOnce(1_900_000_000));
  expect(concurrency.headers.get('x-rate-limit-limit')).toBe('0');
});
