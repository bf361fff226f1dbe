import { expect, test } from 'vitest';
import { finished } from '../../../lambda/aws/front-door/answer.ts';
import { report } from '../reports.ts';

const begun = { runId: 'r1', executionArn: 'arn:x', report: 's3://records/r1/report.json' };
const RAW = 'a\u001b[31m';
const SAFE = 'a\\u001b[31m';
const answer = (more: object) => finished(JSON.stringify({ ...report({}), ...more }), begun);

test('an answer has the head of the report, with every text escaped', () => {
  const { status, digest, summary } = report({});
  expect(answer({})).toEqual({ ...begun, status, digest, summary, refusals: [], error: null });
  const refusal = { rule: 'adoptions', count: 1, limit: 0 };
  const people = [{ email: RAW, answers: [RAW] }];
  const explanation = { [RAW]: [RAW, 1, null, { text: RAW, ok: true }] };
  expect(answer({ error: RAW, refusals: [{ ...refusal, message: RAW }], people, explanation })).toMatchObject(
    {
      error: SAFE,
      refusals: [{ ...refusal, message: SAFE }],
      people: [{ email: SAFE, answers: [SAFE] }],
      explanation: { [RAW]: [SAFE, 1, null, { text: SAFE, ok: true }] },
    },
  );
});

test('an answer has no more than it has room for', () => {
  const many = <Item>(item: Item) => Array.from({ length: 300 }, () => item);
  const long = 'x'.repeat(9_000);
  const found = answer({
    error: long,
    refusals: many({ rule: 'r', message: long, count: null, limit: null }),
    people: [{ email: long, answers: many('x'.repeat(300)) }, ...many({ email: 'a@b.c', answers: [] })],
    explanation: long,
  });
  expect([found.refusals.length, found.people?.length, found.people?.[0]?.answers.length]).toEqual([
    100, 200, 20,
  ]);
  const { email, answers } = found.people?.[0] ?? { email: '', answers: [] };
  const lengths = [found.error, found.refusals[0]?.message, email, answers[0], String(found.explanation)];
  expect(lengths.map((text) => text?.length)).toEqual([2_000, 2_000, 254, 200, 2_000]);
});

test('what is no report of this version is said, with its address', () => {
  expect(() => finished('{}', begun)).toThrow(
    'The run r1 is over, but s3://records/r1/report.json has another form; read it there',
  );
});
