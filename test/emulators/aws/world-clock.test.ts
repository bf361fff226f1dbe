import { describe, expect, it } from 'vitest';
import { WorldClock } from './world-clock.ts';

const HOUR = 3_600_000;

describe('the clock of a world', () => {
  it('leaps when everybody rests, to what comes first', async () => {
    const clock = new WorldClock();
    const start = clock.now();
    const [one, two] = [clock.enter(), clock.enter()];
    const woken: string[] = [];
    await Promise.all([
      one.sleep(2 * HOUR).then(() => {
        woken.push('one');
        one.leave();
      }),
      two.sleep(HOUR).then(() => {
        woken.push('two');
        expect(clock.now() - start).toBeLessThan(2 * HOUR);
        two.leave();
      }),
    ]);
    expect(woken).toEqual(['two', 'one']);
    expect(clock.now() - start).toBeGreaterThanOrEqual(2 * HOUR);
  });

  it('goes at its usual pace while anybody is busy', async () => {
    const clock = new WorldClock();
    const [resting, busy] = [clock.enter(), clock.enter()];
    const sleep = resting.sleep(200);
    await sleep;
    expect(clock.offset).toBe(0);
    busy.leave();
    resting.leave();
  });

  it('rings an alarm on the way, at its time', async () => {
    const clock = new WorldClock();
    const start = clock.now();
    const actor = clock.enter();
    let rung = 0;
    clock.alarm(start + HOUR, () => (rung = clock.now()));
    const cancel = clock.alarm(start + HOUR, () => expect.unreachable());
    cancel();
    await actor.sleep(2 * HOUR);
    expect(rung - start).toBeGreaterThanOrEqual(HOUR);
    expect(rung - start).toBeLessThan(HOUR + 60_000);
    actor.leave();
  });

  it('tells those who watch', () => {
    const clock = new WorldClock();
    const seen: number[] = [];
    const stop = clock.watch((offset) => void seen.push(offset));
    clock.advance(HOUR);
    stop();
    clock.advance(HOUR);
    expect(seen).toEqual([HOUR]);
    expect(clock.offset).toBe(2 * HOUR);
  });
});
