import type { Clock } from '../../lambda/ports.ts';
import { atRest } from './under-way.ts';

/** The first second of 2026. */
const START = Date.UTC(2026, 0, 1);
/** Nothing that a test sees to its end takes longer, so that what never ends is found out. */
const LONGEST_MS = 12 * 3_600_000;

/** Somebody who acts outside of this process, or holds time: it stands still while anybody is busy. */
export interface Actor {
  /** Nothing will be done before `until` (epoch milliseconds), and something from then on. */
  rest(until: number): void;
  leave(): void;
}

export interface HeldClockOptions {
  /** Awaited before each leap: resolves when nothing is under way. The process that this is, unless said otherwise. */
  readonly atRest?: () => Promise<unknown>;
  /** Told that nothing happens before a time, where it is not this clock that leaps there: `advance` is to follow. */
  readonly leap?: (to: number) => void;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * The time that everybody in a test lives in. It stands still while anything is under way, however long a machine takes for
 * it, and leaps to whoever is to wake first as soon as all wait for time alone.
 */
export class HeldClock implements Clock {
  #now: number;
  readonly #sleepers: Sleeper[] = [];
  /** Until when each of them rests. */
  readonly #actors = new Map<Actor, number>();
  readonly #atRest: () => Promise<unknown>;
  readonly #leap: (to: number) => void;
  readonly #watchers = new Set<(now: number) => void>();
  #passing = false;
  #holder: Actor | null = null;

  /** @param start milliseconds since the epoch */
  constructor(start: number = START, options: HeldClockOptions = {}) {
    this.#now = start;
    this.#atRest = options.atRest ?? atRest;
    this.#leap = options.leap ?? ((to) => this.#moveTo(to));
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        reject(new DOMException('Nobody waits any more', 'AbortError'));
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', cancel);
        resolve();
      };
      const sleeper = { at: this.#now + Math.max(0, ms), wake };
      const later = this.#sleepers.findIndex(({ at }) => at > sleeper.at);
      this.#sleepers.splice(later < 0 ? this.#sleepers.length : later, 0, sleeper);
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted === true) cancel();
      void this.#pass();
    });
  }

  /** Lets time pass for everybody at once, as if whatever is under way took so long. */
  advance(ms: number): void {
    this.#moveTo(this.#now + ms);
    while (this.#wakeNext());
    void this.#pass();
  }

  /**
   * Lets time pass until `work` is done, and no longer. Rejects when it still goes on after twelve hours: so does what never
   * ends, or waits for something else than time.
   */
  async run<T>(work: Promise<T>): Promise<T> {
    this.#holder?.leave();
    const done = new AbortController();
    const endless = this.sleep(LONGEST_MS, done.signal).then(() => {
      throw new Error('Still at work after twelve hours');
    });
    try {
      return await Promise.race([work, endless]);
    } finally {
      this.#holder = this.enter();
      done.abort();
    }
  }

  /** Tells of every leap until the returned function is called. */
  watch(watcher: (now: number) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Somebody who is busy until it rests or leaves. */
  enter(): Actor {
    const actor = {
      rest: (until: number): void => {
        if (this.#actors.has(actor)) this.#actors.set(actor, until);
        void this.#pass();
      },
      leave: (): void => {
        this.#actors.delete(actor);
        void this.#pass();
      },
    };
    this.#actors.set(actor, -Infinity);
    return actor;
  }

  #moveTo(time: number): void {
    this.#now = time;
    for (const watch of this.#watchers) watch(time);
  }

  /** @returns whether somebody was due */
  #wakeNext(): boolean {
    const [next] = this.#sleepers;
    if (next === undefined || next.at > this.#now) return false;
    this.#sleepers.shift();
    next.wake();
    return true;
  }

  /** When the next one wakes; `Infinity` where nobody sleeps, or somebody is busy. */
  #next(): number {
    const rests = [...this.#actors.values()];
    if (rests.some((until) => until <= this.#now)) return Infinity;
    return Math.min(this.#sleepers[0]?.at ?? Infinity, ...rests);
  }

  /** Lets time pass, from one who sleeps to the next. */
  async #pass(): Promise<void> {
    if (this.#passing) return;
    this.#passing = true;
    while (this.#next() < Infinity) {
      await this.#atRest();
      const next = this.#next();
      if (next === Infinity) break;
      if (next > this.#now) this.#leap(next);
      if (next > this.#now) break;
      this.#wakeNext();
    }
    this.#passing = false;
  }
}
