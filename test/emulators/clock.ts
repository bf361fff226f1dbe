/** The time an emulator lives in, in milliseconds since the epoch. Rate-limit windows and timestamps follow it. */
export interface EmulatorClock {
  now(): number;
}

/** The time of the machine. */
export const realClock: EmulatorClock = { now: () => Date.now() };

/** A clock that stands still until a test moves it. */
export class ManualClock implements EmulatorClock {
  #now: number;

  /** @param start milliseconds since the epoch; the first second of 2026 unless said otherwise */
  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}

/** A clock that starts at the present and runs `factor` times as fast, so that a minute's window passes in less. */
export function fastClock(factor: number): EmulatorClock {
  const start = Date.now();
  return { now: () => start + (Date.now() - start) * factor };
}

/** `clock`, seen by a machine that is `ms` ahead of it (behind it, when negative). */
export function skewed(clock: EmulatorClock, ms: number): EmulatorClock {
  return { now: () => clock.now() + ms };
}
