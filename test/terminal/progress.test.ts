import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../lambda/ports.ts';
import { parseSettings } from '../../lambda/settings.ts';
import { leftMs, ratesOf, showProgress } from '../../lambda/terminal/progress.ts';
import { change, plan } from '../render/plans.ts';
import { HeldClock } from '../time/clock.ts';

const CLEAR = '\r\u001b[2K';
const RATES = { requestsPerMinute: 200, writesPerMinute: 30 };

/** What is written to a terminal, or to a log, as time passes. */
function watched(live: boolean, columns = 200, interruption?: AbortSignal) {
  const [text, aside]: [string[], string[]] = [[], []];
  const clock = new HeldClock();
  const progress = showProgress({
    text: { isTTY: live, columns, write: (each: string) => text.push(each) },
    stderr: { write: (each: string) => aside.push(each) },
    environment: { NO_COLOR: '1' },
    clock,
    rates: RATES,
    first: 'reading Okta and Secoda',
    ...(interruption === undefined ? {} : { interruption }),
  });
  /** What was written since it was last asked. */
  const since = (from: string[]) => from.splice(0).filter((each) => each !== CLEAR);
  return {
    ...progress,
    clock,
    written: () => since(text).map((each) => each.replace(CLEAR, '')),
    logged: () => since(aside),
    raw: text,
  };
}

const read = (done: number, total: number | null = null): RunEvent => ({
  kind: 'read',
  what: 'okta-members',
  done,
  total,
});
const wrote = (done: number, total: number, name = 'Ops'): RunEvent => ({
  kind: 'outcome',
  change: change({ action: 'create', name }),
  outcome: { outcome: 'applied', written: null, unsettled: [], news: false, error: null },
  done,
  total,
});

describe('on a terminal', () => {
  it('one line is written over, and only what lasts stays', () => {
    const { listen, clear, written, raw } = watched(true);
    listen({ kind: 'read', what: 'okta-groups', done: 120, total: null });
    listen(read(3, 14));
    listen({ kind: 'planned', plan: plan(), refusals: [] });
    listen(wrote(1, 1));
    expect(written()).toEqual([
      'reading Okta and Secoda',
      'reading Okta groups: 120',
      'reading members of Okta groups: 3 of 14',
      '✓ 1/1 created Ops\n',
    ]);
    listen(read(1, 2));
    clear();
    expect(raw.at(-1)).toBe(CLEAR);
  });

  it('reading members takes no less than Okta may be asked, which no other list is held to', () => {
    const { listen, written } = watched(true);
    listen(read(100, 2_100));
    listen({ kind: 'read', what: 'okta-groups', done: 100, total: 2_100 });
    expect(written().slice(-2)).toEqual([
      'reading members of Okta groups: 100 of 2100, about 9 min left',
      'reading Okta groups: 100 of 2100',
    ]);
  });

  it('a wait is counted down, and what is told meanwhile does not hide it', async () => {
    const { listen, clear, clock, written } = watched(true);
    listen(wrote(30, 300));
    written();
    listen({ kind: 'waiting', ms: 41_200, reason: 'budget' });
    await clock.run(clock.sleep(1_500));
    listen(read(3, 14));
    await clock.run(clock.sleep(1_000));
    expect(written()).toEqual([
      "waiting 42 s for Secoda's budget of writes a minute; writing: 30 of 300, about 8 min left",
      "waiting 41 s for Secoda's budget of writes a minute; writing: 30 of 300, about 8 min left",
      "waiting 40 s for Secoda's budget of writes a minute; reading members of Okta groups: 3 of 14",
      "waiting 40 s for Secoda's budget of writes a minute; reading members of Okta groups: 3 of 14",
    ]);
    await clock.run(clock.sleep(60_000));
    expect(written().at(-1)).toBe('reading members of Okta groups: 3 of 14');
    clear();
    await clock.run(clock.sleep(5_000));
    expect(written()).toEqual([]);
  });

  it('a countdown ends where its line is taken away', async () => {
    const { listen, clear, clock, written } = watched(true);
    listen({ kind: 'waiting', ms: 41_200, reason: 'budget' });
    clear();
    written();
    await clock.run(clock.sleep(5_000));
    expect(written()).toEqual([]);
  });

  it('a wait is counted down once a second, to its end, however many waits there are', async () => {
    const { listen, clock, written } = watched(true);
    listen({ kind: 'waiting', ms: 1_500, reason: 'okta-pace' });
    listen({ kind: 'waiting', ms: 2_000, reason: 'okta-throttled' });
    listen({ kind: 'waiting', ms: 2_000, reason: 'secoda-throttled' });
    written();
    await clock.run(clock.sleep(5_000));
    expect(written()).toEqual([
      'Okta is throttled (429): going on in 1 s; reading Okta and Secoda',
      'reading Okta and Secoda',
    ]);
  });

  it('what lasts begins on a clean line, and so does the plan', () => {
    const { listen, raw } = watched(true);
    raw.length = 0;
    listen({ kind: 'short-cuts', taken: 0, of: 2, note: `why: ${'x'.repeat(500)}` });
    listen({ kind: 'planned', plan: plan(), refusals: [] });
    listen({ kind: 'planned', plan: plan(), refusals: [] });
    expect(raw).toEqual([
      CLEAR,
      `All 2 Okta groups are read: why: ${'x'.repeat(394)}…\n`,
      `${CLEAR}reading Okta and Secoda`,
      CLEAR,
    ]);
  });

  it('what is left is told from five seconds on', () => {
    const { listen, clock, written } = watched(true);
    listen(read(1, 3));
    clock.advance(4_999);
    listen(read(2, 3));
    clock.advance(1);
    listen(read(2, 3));
    expect(written().slice(-2)).toEqual([
      'reading members of Okta groups: 2 of 3',
      'reading members of Okta groups: 2 of 3, about 5 s left',
    ]);
  });

  it('of several waits the longest is shown, until something is written', () => {
    const { listen, written } = watched(true);
    listen({ kind: 'waiting', ms: 30_000, reason: 'lease' });
    listen({ kind: 'waiting', ms: 900, reason: 'okta-failure' });
    expect(written().at(-1)).toMatch(/^waiting 30 s for another run/);
    listen(wrote(1, 2));
    expect(written().at(-1)).toBe('writing: 1 of 2');
  });

  it('a wait of more than five minutes leaves a line that stays', () => {
    const { listen, written } = watched(true);
    listen({ kind: 'waiting', ms: 3_600_000, reason: 'secoda-throttled' });
    expect(written()).toContain('Secoda is throttled (429): going on in 60 min\n');
  });

  it('a wait of just five minutes passes, and leaves no line', () => {
    const { listen, written } = watched(true);
    listen({ kind: 'waiting', ms: 300_000, reason: 'secoda-throttled' });
    expect(written().filter((line) => line.endsWith('\n'))).toEqual([]);
  });

  it('a wait for a service that fails is shown on, whatever is written meanwhile', () => {
    const { listen, written } = watched(true);
    listen({ kind: 'waiting', ms: 30_000, reason: 'secoda-failure' });
    listen(wrote(1, 2));
    expect(written().at(-1)).toMatch(
      /^Secoda does not answer as it should: trying again in 30 s; writing: 1 of 2/,
    );
  });

  it('what short cuts were taken stays, and why where there were none', () => {
    const { listen, written } = watched(true);
    listen({ kind: 'short-cuts', taken: 40, of: 200, note: null });
    listen({ kind: 'short-cuts', taken: 0, of: 200, note: 'Okta does not tell who has changed' });
    expect(written().filter((line) => line.endsWith('\n'))).toEqual([
      '40 of 200 Okta groups did not change since they were read last: their members are not read again\n',
      'All 200 Okta groups are read: Okta does not tell who has changed\n',
    ]);
  });

  it('nothing passes any more once it is interrupted, and the line is taken away', () => {
    const interruption = new AbortController();
    const { listen, written, raw } = watched(true, 200, interruption.signal);
    interruption.abort();
    expect(raw.at(-1)).toBe(CLEAR);
    written();
    listen(read(3, 14));
    expect(written()).toEqual([]);
  });

  it('one that does not know how wide it is counts as 80 columns', () => {
    const { listen, written } = watched(true, 0);
    listen({ kind: 'read', what: 'okta-groups', done: 1, total: null });
    listen({ kind: 'waiting', ms: 60_000, reason: 'secoda-failure' });
    listen({ kind: 'read', what: 'secoda-groups', done: 12_345, total: 23_456 });
    expect(written().at(-1)).toHaveLength(79);
  });

  it('no line reaches the edge, with wide letters neither', () => {
    const { listen, written } = watched(true, 10);
    listen({ kind: 'read', what: 'okta-groups', done: 120, total: null });
    expect(written()).toEqual(['reading …', 'reading …']);
  });
});

describe('in a log', () => {
  it('a line comes now and then, apart from the answer', () => {
    const { listen, clock, written, logged } = watched(false);
    for (let second = 1; second <= 200; second++) {
      clock.advance(1_000);
      listen(read(2 * second, 5_000));
    }
    listen({ kind: 'waiting', ms: 50_000, reason: 'okta-pace' });
    clock.advance(61_000);
    listen({ kind: 'invited', done: 3, total: 25 });
    expect(logged()).toEqual([
      'reading members of Okta groups: 10 of 5000, about 42 min left\n',
      'reading members of Okta groups: 30 of 5000, about 42 min left\n',
      'reading members of Okta groups: 70 of 5000, about 42 min left\n',
      'reading members of Okta groups: 150 of 5000, about 41 min left\n',
      'reading members of Okta groups: 270 of 5000, about 40 min left\n',
      'reading members of Okta groups: 390 of 5000, about 39 min left\n',
      'inviting: 3 of 25\n',
    ]);
    expect(written()).toEqual([]);
    listen(wrote(1, 1));
    expect(written()).toEqual(['✓ 1/1 created Ops\n']);
  });
});

it('a service is reckoned to take as much as it is configured to, or as much as is usual', () => {
  const rates = (requestsPerMinute: unknown) =>
    ratesOf(
      parseSettings({
        okta: { orgUrl: 'https://acme.okta.com', groups: { all: true }, requestsPerMinute },
        secoda: { region: 'us', writesPerMinute: 12 },
      }),
    );
  expect(rates(600)).toEqual({ requestsPerMinute: 600, writesPerMinute: 12 });
  // Two fifths of 600, which most orgs have.
  expect(rates('auto')).toEqual({ requestsPerMinute: 240, writesPerMinute: 12 });
});

describe('what is left takes', () => {
  it.each([
    ['nothing where nothing is known', { done: 0, total: null, perMinute: 30 }, 0],
    ["no time where a minute's share is enough", { done: 0, total: 30, perMinute: 30 }, 0],
    ['a minute for each share behind the first', { done: 0, total: 5_000, perMinute: 30 }, 166],
    ['as long as what was done took, where that is longer', { done: 10, total: 40, perMinute: 30 }, 15],
    [
      'no less than the limit, however fast the beginning was',
      { done: 150, total: 5_000, perMinute: 200 },
      24,
    ],
  ] as const)('%s', (_, work, minutes) => {
    const now = work.done === 10 ? 5 * 60_000 : 1_000;
    expect(leftMs(work, { done: 0, at: 0 }, now)).toBe(minutes * 60_000);
  });
});
