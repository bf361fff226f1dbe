import { describe, expect, test } from 'vitest';
import { errorFields, logEvents, logReport, redact } from '../../lambda/aws/log.ts';
import { SourceError } from '../../lambda/errors.ts';
import { UNSAFE } from '../../lambda/core/model/json.ts';
import type { RunEvent } from '../../lambda/ports.ts';
import { change, member, plan } from '../render/plans.ts';
import { printedBy } from './printed.ts';
import { report } from './reports.ts';

const printed = printedBy('log-worker.ts');

/** The line that is the nth of its message. */
async function line(message: string, nth = 0): Promise<unknown> {
  const { lines } = await printed;
  return lines.filter(
    (each) => typeof each === 'object' && each !== null && 'message' in each && each.message === message,
  )[nth];
}

describe('the log', () => {
  test('bears the names of run and stack in every line', async () => {
    const { lines } = await printed;
    expect(lines).toHaveLength(10);
    const about = { runId: '20260102T030405Z-1a2b3c4d', stack: 'sync-a', service: 'okta-secoda-sync' };
    for (const each of lines) expect(each).toMatchObject(about);
  });

  test('has a line for each change, with ids and numbers, at the level of its outcome', async () => {
    expect(await line('change')).toMatchObject({
      level: 'INFO',
      action: 'update',
      outcome: 'applied',
      oktaIds: ['00g1'],
      secodaId: 'g-1',
      added: 2,
      removed: 1,
      unsettled: 0,
    });
    expect(await line('change', 1)).toMatchObject({
      level: 'ERROR',
      outcome: 'failed',
      error: 'PATCH /x was refused, Secoda said: "[address]" is unknown',
    });
    expect(await line('change', 2)).toMatchObject({ level: 'WARN', outcome: 'unsettled', unsettled: 1 });
  });

  test('has a line for the plan, with the reasons of a refusal', async () => {
    expect(await line('plan')).toMatchObject({
      level: 'WARN',
      digest: '7f3a9c0b12d4e5f6',
      update: 1,
      added: 2,
      removed: 1,
      refusals: [{ rule: 'memberRemovals', message: 'remove 1 of 2', count: 1, limit: 0 }],
    });
  });

  test('warns of a wait of more than five minutes, and is silent about shorter ones', async () => {
    expect(await line('waiting')).toMatchObject({ level: 'WARN', ms: 3_600_000, reason: 'secoda-throttled' });
    expect(await line('waiting', 1)).toBeUndefined();
  });

  test('has a line for each step that ran, and none for one that a replay passes over', async () => {
    expect(await line('step')).toMatchObject({ level: 'INFO', step: 'list', durationMs: 250 });
    expect(await line('step', 1)).toBeUndefined();
  });

  test('says why a step failed, and where from if nobody foresaw it', async () => {
    const foreseen = await line('step failed');
    expect(foreseen).toMatchObject({
      level: 'ERROR',
      step: 'plan',
      errorName: 'AccessError',
      error: 'GET /api/v1/users/[address]: 401',
    });
    expect(foreseen).not.toHaveProperty('trace');
    expect(await line('step failed', 1)).toMatchObject({
      errorName: 'TypeError',
      error: 'cannot read [address]',
    });
    expect(await line('step failed', 1)).toHaveProperty('trace.0', expect.stringMatching(/^at .*log-worker/));
  });

  test('ends with the run', async () => {
    expect(await line('run')).toMatchObject({
      level: 'ERROR',
      status: 'failed',
      digest: '7f3a9c0b12d4e5f6',
      durationMs: 1234,
      report: 's3://bucket/run/report.json',
      error: '[address]',
    });
  });

  test('holds no address of a person and nothing that plays with a terminal', async () => {
    const { text } = await printed;
    expect(text).not.toMatch(/acme\.com/);
    expect(UNSAFE.test(text.replaceAll('\n', ''))).toBe(false);
    expect(await line('change')).toMatchObject({
      group: 'Fin\\u202eance\\u000a{"level":"ERROR"}',
      renamedFrom: '[address] and friends',
    });
  });

  test('tells more or less as POWERTOOLS_LOG_LEVEL says', async () => {
    const levels = async (level: string) =>
      (await printedBy('log-worker.ts', { POWERTOOLS_LOG_LEVEL: level })).lines.length;
    expect(await Promise.all([levels('DEBUG'), levels('ERROR')])).toEqual([12, 4]);
  });
});

/** The level and the fields of the one line that is written of an event. */
function written(event: RunEvent) {
  const lines: [string, unknown][] = [];
  const at = (level: string) => (_: string, fields?: unknown) => void lines.push([level, fields]);
  logEvents({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') })(event);
  return lines;
}

test.each([
  [300_000, 'debug'],
  [300_001, 'warn'],
])('a wait of %i ms is told at the level %s', (ms, level) => {
  expect(written({ kind: 'waiting', ms, reason: 'budget' })).toEqual([[level, { ms, reason: 'budget' }]]);
});

test.each([
  ['applied', 'info'],
  ['unsettled', 'warn'],
  ['held', 'warn'],
  ['not-attempted', 'warn'],
  ['failed', 'error'],
] as const)('a change that was %s is told at the level %s, as it was written', (outcome, level) => {
  const planned = change({ action: 'update', name: 'BI', add: [member('ada@acme.com')] });
  const left = { ...planned, add: [], adopted: true };
  const of = (more: object) => ({ outcome, written: null, unsettled: [], news: false, error: null, ...more });
  const told = (more: object) =>
    written({ kind: 'outcome', change: planned, outcome: of(more), done: 1, total: 1 });
  expect(told({})).toEqual([[level, expect.objectContaining({ added: 1, outcome })]]);
  expect(told({})[0]?.[1]).not.toHaveProperty('adopted');
  expect(told({})[0]?.[1]).not.toHaveProperty('error');
  expect(told({ written: left })).toEqual([[level, expect.objectContaining({ added: 0, adopted: true })]]);
});

test('a plan that nothing is held against is told without a warning', () => {
  const both = [
    change({ action: 'create', name: 'BI', add: [member('ada@acme.com')] }),
    change({ action: 'delete', name: 'Ops' }),
  ];
  const [line] = written({ kind: 'planned', plan: plan({ changes: both }), refusals: [] });
  expect(line).toEqual(['info', expect.objectContaining({ create: 1, delete: 1, added: 1, removed: 0 })]);
  expect(line?.[1]).not.toHaveProperty('refusals');
});

test.each([
  ['in-sync', 'info'],
  ['planned', 'info'],
  ['applied', 'info'],
  ['partial', 'warn'],
  ['held', 'warn'],
  ['refused', 'warn'],
  ['interrupted', 'warn'],
  ['failed', 'error'],
] as const)('a run that is %s ends at the level %s', (status, level) => {
  const ended: string[] = [];
  const at = (name: string) => () => void ended.push(name);
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  logReport(log, report({ status }), 's3://records/run/report.json');
  expect(ended).toEqual([level]);
});

test.each([
  ['ada@acme.com', '[address]'],
  ['<ada.l+x@acme.co.uk>, bob@b', '<[address]>, [address]'],
  ['users/ada%40acme.com/groups', 'users/[address]/groups'],
  ['Ünal@büro.example', '[address]'],
  ['at 5 @ noon', 'at 5 @ noon'],
])('a discreet text hides addresses: %s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test('a discreet text is short, however long it was', () => {
  expect(redact('x'.repeat(2_000))).toBe('x'.repeat(2_000));
  expect(redact('x'.repeat(2_001))).toBe(`${'x'.repeat(2_000)}…`);
  expect(redact('x'.repeat(10_000_000))).toBe(`${'x'.repeat(2_000)}…`);
});

test('an error is its words, with where it came from unless it was foreseen', () => {
  expect(errorFields('not an error')).toEqual({ error: 'not an error' });
  expect(errorFields(new SourceError('Okta is down'))).toEqual({
    error: 'Okta is down',
    errorName: 'SourceError',
  });
  const unforeseen = errorFields(new RangeError('out of range'));
  expect(unforeseen).toMatchObject({ error: 'out of range', errorName: 'RangeError' });
  expect(unforeseen['trace']).toContainEqual(expect.stringMatching(/^at .*log\.test\.ts/));
});

test('of a text 2,000 characters are logged, and no address', () => {
  expect(redact('x'.repeat(2_000))).toBe('x'.repeat(2_000));
  expect(redact('x'.repeat(2_001))).toBe(`${'x'.repeat(2_000)}…`);
  expect(redact('ada@acme.com and bo%40acme.com')).toBe('[address] and [address]');
});
