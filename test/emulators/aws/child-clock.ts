/**
 * Preloaded into a child process (`node --import`): gives it the time of a `WorldClock` in its parent. `Date` is ahead of the
 * machine's by what the parent says, and pauses of `node:timers/promises` end by that time. A pause that can be cancelled
 * bounds something under way, so that the process does not count as resting; like plain timers it stays real: what bounds
 * an exchange on loopback is not to fire because time leapt. Imports no package: every child process would pay for it.
 */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

interface Sleeper {
  readonly until: number;
  readonly bounds: boolean;
  readonly wake: () => void;
}

/** As Node's timers take no more. */
const LONGEST_MS = 2 ** 31 - 1;
const realNow = Date.now.bind(Date);
const sleepers = new Set<Sleeper>();
let offset = Number(process.env['WORLD_CLOCK_OFFSET'] ?? 0);
let told: number | null = null;

const now = (): number => realNow() + offset;
Date.now = now;
globalThis.Date = new Proxy(Date, {
  construct(target, args: unknown[], as): object {
    const made: unknown = Reflect.construct(target, args.length === 0 ? [now()] : args, as);
    return made instanceof target ? made : new target(Number.NaN);
  },
});

/** Tells the parent until when this process rests, if that has changed. */
function tell(): void {
  const all = [...sleepers];
  const rests = all.length > 0 && !all.some(({ bounds }) => bounds);
  const until = rests ? Math.min(...all.map((each) => each.until)) : null;
  if (until === told) return;
  told = until;
  process.send?.({ kind: 'rest', until });
}

function sleep<T>(ms: number | undefined, value: T, options?: { signal?: AbortSignal }): Promise<T> {
  const { signal } = options ?? {};
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const clock = signal === undefined ? now : realNow;
    const until = clock() + (ms ?? 0);
    const leave = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      sleepers.delete(sleeper);
      tell();
    };
    const wake = (): void => {
      clearTimeout(timer);
      if (clock() < until) {
        timer = setTimeout(wake, Math.min(until - clock(), LONGEST_MS));
        return;
      }
      leave();
      resolve(value);
    };
    const cancel = (): void => {
      leave();
      reject(
        Object.assign(new Error('The operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR' }),
      );
    };
    const sleeper = { until, wake, bounds: signal !== undefined };
    if (signal?.aborted === true) {
      cancel();
      return;
    }
    signal?.addEventListener('abort', cancel, { once: true });
    sleepers.add(sleeper);
    timer = setTimeout(wake, Math.min(Math.max(1, until - clock()), LONGEST_MS));
    tell();
  });
}

Object.assign(timers, { setTimeout: sleep });
syncBuiltinESMExports();

process.on('message', (sent) => {
  if (typeof sent !== 'object' || sent === null || !('offset' in sent)) return;
  offset = Number(sent.offset);
  for (const sleeper of [...sleepers]) sleeper.wake();
});
