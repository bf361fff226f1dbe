import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../ports.ts';

/** The time of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
};

/** What `work` comes to, unless the interruption comes first: then its reason is thrown, and nobody waits for `work` any more. */
export async function unlessInterrupted<T>(work: Promise<T>, interrupted: AbortSignal | undefined) {
  if (interrupted === undefined) return work;
  const cut = Promise.withResolvers<never>();
  const stop = (): void => {
    try {
      interrupted.throwIfAborted();
    } catch (reason) {
      cut.reject(reason);
    }
  };
  interrupted.addEventListener('abort', stop);
  stop();
  // A signal lives as long as the process: it is not to hold on to all that was ever waited for.
  return Promise.race([work, cut.promise]).finally(() => interrupted.removeEventListener('abort', stop));
}

/** The same clock, on which an interruption ends every pause. */
export function interruptibleClock(clock: Clock, interrupted: AbortSignal): Clock {
  return {
    now: () => clock.now(),
    sleep: (ms, signal) =>
      unlessInterrupted(
        clock.sleep(ms, AbortSignal.any(signal === undefined ? [interrupted] : [interrupted, signal])),
        interrupted,
      ),
  };
}

/** The same port, where an interruption ends all that is waited for. */
export function interruptible<T extends object>(port: T, interrupted: AbortSignal): T {
  return new Proxy(port, {
    get(target, name): unknown {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== 'function') return found;
      return (...args: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(found, target, args);
        return answer instanceof Promise ? unlessInterrupted(answer, interrupted) : answer;
      };
    },
  });
}
