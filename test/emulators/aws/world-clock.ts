import type { Clock } from '../../../lambda/ports.ts';

/** So long nothing may stir before time leaps, in milliseconds of real time: an answer may be on its way to a sleeper. */
const QUIET_MS = 15;

/** Somebody who acts in the world, such as a run: while anybody is busy, time goes on at its usual pace. */
export interface Actor {
  /** Nothing will be done before `until` (epoch milliseconds); `null`: busy again. */
  rest(until: number | null): void;
  sleep(ms: number): Promise<void>;
  leave(): void;
}

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/**
 * The time of stand-ins and child processes together. It is the machine's, but leaps when every actor rests: a wait of an hour
 * passes in milliseconds, and nobody sees a clock that ran fast while they worked.
 */
export class WorldClock implements Clock {
  #offset = 0;
  readonly #actors = new Map<Actor, number | null>();
  readonly #alarms = new Set<Alarm>();
  readonly #watchers = new Set<(offset: number) => void>();
  #timer: NodeJS.Timeout | undefined;

  now(): number {
    return Date.now() + this.#offset;
  }

  /** How far this clock is ahead of the machine's, in milliseconds. */
  get offset(): number {
    return this.#offset;
  }

  /** Lets time pass for everybody at once, as if whoever is busy had been busy for so long. */
  advance(ms: number): void {
    this.#offset += ms;
    for (const watch of this.#watchers) watch(this.#offset);
    this.#arm();
  }

  /** Tells of every leap until the returned function is called. */
  watch(watcher: (offset: number) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Calls `ring` when it is `at` or later, once, unless the returned function is called before. */
  alarm(at: number, ring: () => void): () => void {
    const alarm = { at, ring };
    this.#alarms.add(alarm);
    this.#arm();
    return () => {
      this.#alarms.delete(alarm);
      this.#arm();
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.alarm(this.now() + ms, resolve));
  }

  enter(): Actor {
    const actor: Actor = {
      rest: (until) => {
        if (!this.#actors.has(actor)) return;
        this.#actors.set(actor, until);
        this.#arm();
      },
      sleep: async (ms) => {
        const until = this.now() + ms;
        actor.rest(until);
        await new Promise<void>((resolve) => this.alarm(until, resolve));
        actor.rest(null);
      },
      leave: () => {
        this.#actors.delete(actor);
        this.#arm();
      },
    };
    this.#actors.set(actor, null);
    return actor;
  }

  /** Rings what is due; then waits for the next alarm, or leaps to what comes first if everybody rests. */
  #arm(): void {
    clearTimeout(this.#timer);
    const now = this.now();
    for (const alarm of [...this.#alarms].sort((a, b) => a.at - b.at)) {
      if (alarm.at <= now && this.#alarms.delete(alarm)) queueMicrotask(alarm.ring);
    }
    const alarms = [...this.#alarms].map(({ at }) => at);
    const rests = [...this.#actors.values()];
    const next = Math.min(...alarms, ...rests.filter((until) => until !== null));
    if (next === Infinity) return;
    const leaping = rests.length > 0 && !rests.includes(null) && next - now > QUIET_MS;
    this.#timer = leaping
      ? setTimeout(() => this.advance(Math.max(0, next - this.now())), QUIET_MS)
      : setTimeout(() => this.#arm(), Math.min(Math.max(1, next - now), 60_000));
  }
}
