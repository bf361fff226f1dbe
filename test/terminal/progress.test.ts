import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../lambda/ports.ts';
import { isTerminal, lineWidth, styleFor } from '../../lambda/render/style.ts';
import { showProgress } from '../../lambda/terminal/progress.ts';
import { change, plan } from '../render/plans.ts';

const CLEAR = '\r\u001b[2K';
const OUTCOME: RunEvent = {
  kind: 'outcome',
  change: change({ action: 'create', name: 'Ops' }),
  outcome: { outcome: 'applied', written: null, unsettled: [], news: false, error: null },
  done: 1,
  total: 1,
};
const EVENTS: readonly RunEvent[] = [
  { kind: 'read', what: 'okta-groups', done: 120, total: null },
  { kind: 'read', what: 'okta-members', done: 3, total: 14 },
  { kind: 'planned', plan: plan(), refusals: [] },
  { kind: 'waiting', ms: 41_200, reason: 'budget' },
  { kind: 'waiting', ms: 900, reason: 'secoda-failure' },
  OUTCOME,
];

function written(live: boolean, events: readonly RunEvent[], columns = 80): string[] {
  const texts: string[] = [];
  const output = { isTTY: live, columns, write: (text: string) => texts.push(text) };
  const progress = showProgress(output, styleFor({ write: () => undefined }, {}), live);
  for (const event of events) progress.listen(event);
  progress.clear();
  return texts;
}

it('writes over one line on a terminal and leaves only what lasts', () => {
  expect(written(true, EVENTS)).toEqual([
    `${CLEAR}reading Okta groups: 120`,
    `${CLEAR}reading members of Okta groups: 3 of 14`,
    CLEAR,
    `${CLEAR}waiting 42 s for Secoda's budget of writes a minute`,
    `${CLEAR}Secoda does not answer as it should: trying again in 1 s`,
    CLEAR,
    '✓ 1/1 created Ops\n',
  ]);
});

it('writes the lines of changes alone when it is piped', () => {
  expect(written(false, EVENTS)).toEqual(['✓ 1/1 created Ops\n']);
});

it('leaves a clean line behind when a run ends while reading', () => {
  expect(written(true, EVENTS.slice(0, 1)).at(-1)).toBe(CLEAR);
});

it('never fills the line of a narrow terminal', () => {
  const [text] = written(true, EVENTS.slice(0, 1), 10);
  expect(text).toBe(`${CLEAR}reading O`);
});

describe('colour', () => {
  const paint = (isTTY: boolean, environment: Readonly<Record<string, string>>) =>
    styleFor({ isTTY, write: () => undefined }, environment).good('x') !== 'x';

  it.each([
    [true, {}, true],
    [true, { NO_COLOR: '' }, true],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '0' }, false],
    [true, { TERM: 'dumb' }, false],
    [true, { TERM: 'xterm-256color' }, true],
    [false, {}, false],
    [false, { FORCE_COLOR: '1' }, false],
  ])('on a terminal (%s) with %j: %s', (isTTY, environment, expected) => {
    expect(paint(isTTY, environment)).toBe(expected);
  });
});

it('takes a dumb terminal for none, and breaks lines on terminals only', () => {
  const write = () => undefined;
  expect(isTerminal({ isTTY: true, write }, { TERM: 'dumb' })).toBe(false);
  expect(lineWidth({ isTTY: true, columns: 132, write })).toBe(132);
  expect(lineWidth({ isTTY: true, columns: 20, write })).toBe(60);
  expect(lineWidth({ isTTY: true, write })).toBe(80);
  expect(lineWidth({ write })).toBe(Infinity);
});
