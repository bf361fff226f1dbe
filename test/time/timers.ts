/**
 * Knows the timers of the machine that were set since this was loaded. What was loaded before keeps its own: the test runner
 * sets one of 100 ms after each test, to report it, and nothing that is tested waits for that.
 */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import pauses from 'node:timers/promises';

interface Timer {
  hasRef(): boolean;
  readonly _destroyed: boolean;
}
const running = new Set<Timer>();
let pausing = 0;

/** Whether one runs that keeps this process alive. */
export function isTimed(): boolean {
  for (const timer of running) if (timer._destroyed) running.delete(timer);
  return pausing > 0 || [...running].some((timer) => timer.hasRef());
}

// A proxy, since functions that set timers have properties of their own (`util.promisify` asks for one).
const watched = <T extends object>(set: T): T =>
  new Proxy(set, {
    apply(target, self, args): unknown {
      const timer: unknown = Reflect.apply(target as () => unknown, self, args);
      running.add(timer as Timer);
      return timer;
    },
  });
const { setTimeout, setInterval } = timers;
const timing = { setTimeout: watched(setTimeout), setInterval: watched(setInterval) };
Object.assign(timers, timing);
Object.assign(globalThis, timing);

const { setTimeout: pause } = pauses;
Object.assign(pauses, {
  setTimeout: async <T>(ms?: number, value?: T, options: { ref?: boolean; signal?: AbortSignal } = {}) => {
    if (options.ref === false) return pause(ms, value, options);
    pausing += 1;
    try {
      return await pause(ms, value, options);
    } finally {
      pausing -= 1;
    }
  },
});
syncBuiltinESMExports();
