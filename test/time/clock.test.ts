import { createServer, get, type RequestListener } from 'node:http';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../emulators/listen.ts';
import { HeldClock } from './clock.ts';
import { atRest, silent } from './under-way.ts';

const HOUR = 3_600_000;

async function serving(answer: RequestListener): Promise<string> {
  const listening = await listen(createServer(answer), 0);
  onTestFinished(() => listening.close());
  return listening.url;
}

/** What has happened by the time that an hour has passed. */
async function withinTheHour(work: (clock: HeldClock) => Promise<unknown>): Promise<boolean> {
  const clock = new HeldClock();
  let done = false;
  await Promise.all([
    clock.sleep(HOUR).then(() => expect(done).toBe(true)),
    work(clock).then(() => (done = true)),
  ]);
  return clock.now() === Date.UTC(2026, 0, 1) + HOUR;
}

describe('time', () => {
  it('leaps from one who sleeps to the next, in their order, and stands still for whoever is awake', async () => {
    const clock = new HeldClock(0);
    const woken: [string, number][] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      await pause(5);
      woken.push([name, clock.now()]);
    };
    await Promise.all([sleeper('late', 2 * HOUR), sleeper('early', HOUR), sleeper('as early', HOUR)]);
    expect(woken).toEqual([
      ['early', HOUR],
      ['as early', HOUR],
      ['late', 2 * HOUR],
    ]);
  });

  it.each<[string, RequestListener]>([
    ['at once', (_, response) => void response.end('x'.repeat(1_000_000))],
    ['in a while', (_, response) => void setTimeout(() => response.end('late'), 30)],
    [
      'and in the middle of its answer',
      (_, response) => {
        response.write('one');
        setTimeout(() => response.end('two'), 30);
      },
    ],
  ])('stands still while a server answers %s', async (_, answer) => {
    const url = await serving(answer);
    expect(await withinTheHour(async () => (await fetch(url)).text())).toBe(true);
    const plain = () =>
      new Promise((resolve) => get(url, (response) => response.resume().once('end', resolve)));
    expect(await withinTheHour(plain)).toBe(true);
  });

  it('stands still while files are read, and while a timer of the machine runs', async () => {
    const path = new URL(import.meta.url);
    expect(await withinTheHour(async () => readFile(path).then(() => readFile(path)))).toBe(true);
    expect(await withinTheHour(() => pause(30))).toBe(true);
    expect(await withinTheHour(() => new Promise((resolve) => setTimeout(resolve, 30)))).toBe(true);
    expect(await withinTheHour(() => promisify(setTimeout)(30))).toBe(true);
  });

  it('passes over timers that keep nobody alive: one that was cleared, and one that does not count', async () => {
    clearTimeout(setTimeout(() => undefined, HOUR));
    const aside = setTimeout(() => undefined, HOUR).unref();
    const pausing = new AbortController();
    const asidePaused = pause(HOUR, undefined, { ref: false, signal: pausing.signal });
    await new HeldClock().sleep(HOUR);
    pausing.abort();
    await expect(asidePaused).rejects.toThrow('aborted');
    clearTimeout(aside);
  });

  it.each([
    ['a server that says nothing', false],
    ['a server that falls silent in the middle of its answer', true],
  ])('passes over %s', async (_, answered) => {
    const url = await serving((request, response) => {
      if (answered) response.write('half');
      silent(request.socket, { answered });
    });
    const clock = new HeldClock(0);
    const bound = new AbortController();
    const seen: string[] = [];
    void clock.sleep(HOUR).then(() => bound.abort());
    const asked = fetch(url, { signal: bound.signal }).then((response) => {
      seen.push(`head after ${clock.now()} ms`);
      return response.text();
    });
    await expect(asked).rejects.toThrow('aborted');
    expect(seen).toEqual(answered ? ['head after 0 ms'] : []);
    expect(clock.now()).toBe(HOUR);
    // The next one is not taken for silent.
    const honest = await serving((_, response) => void response.end());
    expect(await withinTheHour(() => fetch(honest))).toBe(true);
  });

  it('passes for a server that lets it pass before it answers', async () => {
    const clock = new HeldClock(0);
    const url = await serving((request, response) => {
      const answering = silent(request.socket);
      void clock.sleep(HOUR).then(() => {
        answering();
        response.end('at last');
      });
    });
    expect(await (await fetch(url)).text()).toBe('at last');
    expect(clock.now()).toBe(HOUR);
  });

  it('ends a sleep that nobody waits for any more', async () => {
    const clock = new HeldClock(0);
    const over = new AbortController();
    const slept = expect(clock.sleep(HOUR, over.signal)).rejects.toMatchObject({ name: 'AbortError' });
    over.abort();
    await slept;
    await expect(clock.sleep(HOUR, over.signal)).rejects.toMatchObject({ name: 'AbortError' });
    await clock.sleep(1);
    expect(clock.now()).toBe(1);
  });
});

describe('somebody outside', () => {
  it('is waited for while busy, and woken at the time that was told', async () => {
    const clock = new HeldClock(0);
    const [one, two] = [clock.enter(), clock.enter()];
    const seen: number[] = [];
    onTestFinished(clock.watch((now) => void seen.push(now)));
    const slept = clock.sleep(3 * HOUR);
    one.rest(HOUR);
    await atRest();
    expect(clock.now()).toBe(0);
    two.rest(2 * HOUR);
    await atRest();
    // One is busy again, since its time has come.
    expect(clock.now()).toBe(HOUR);
    one.leave();
    await atRest();
    expect(clock.now()).toBe(2 * HOUR);
    two.leave();
    await slept;
    expect(seen).toEqual([HOUR, 2 * HOUR, 3 * HOUR]);
  });
});

describe('work that is seen to its end', () => {
  it('has all the time that it needs, and time stands still after it', async () => {
    const clock = new HeldClock(0);
    const late: number[] = [];
    void clock.sleep(2 * HOUR).then(() => late.push(clock.now()));
    await clock.run(clock.sleep(HOUR));
    await atRest();
    expect([clock.now(), late]).toEqual([HOUR, []]);
    await clock.run(clock.sleep(HOUR));
    expect(late).toEqual([2 * HOUR]);
  });

  it.each<[string, (clock: HeldClock) => Promise<unknown>]>([
    [
      'sleeps for ever',
      async (clock) => {
        for (;;) await clock.sleep(HOUR);
      },
    ],
    ['waits for what never comes', () => new Promise(() => undefined)],
  ])('is found out where it %s', async (_, endless) => {
    const clock = new HeldClock(0);
    await expect(clock.run(endless(clock))).rejects.toThrow('Still at work after twelve hours');
  });
});
