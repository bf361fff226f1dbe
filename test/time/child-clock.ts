/**
 * Preloaded into a child process (`node --import`): gives it the time of the `HeldClock` in its parent. `Date` and the pauses of
 * `node:timers/promises` follow it. When all that this process waits for is time, it tells the parent until when.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { flushCompileCache, syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { HeldClock } from './clock.ts';
import { hearSilences, type Silence } from './under-way.ts';

const FIRST_REQUEST = 'http.client.request.created';
/** By then nearly all is loaded. A process that is killed would keep nothing of what it compiled for the next. */
function keepCompiled(): void {
  unsubscribe(FIRST_REQUEST, keepCompiled);
  flushCompileCache();
}
subscribe(FIRST_REQUEST, keepCompiled);

let heard = 0;
const clock = new HeldClock(Number(process.env['HELD_CLOCK']), {
  leap: (until) => process.send?.({ kind: 'rest', until, heard }),
});
const now = (): number => clock.now();
Date.now = now;
globalThis.Date = new Proxy(Date, {
  construct(target, args: unknown[], as): object {
    const made: unknown = Reflect.construct(target, args.length === 0 ? [now()] : args, as);
    return made instanceof target ? made : new target(Number.NaN);
  },
});

Object.assign(timers, {
  setTimeout: async <T>(ms = 0, value?: T, { signal }: { signal?: AbortSignal } = {}) => {
    await clock.sleep(ms, signal);
    return value;
  },
});
syncBuiltinESMExports();

interface Sent {
  readonly now?: number;
  readonly silences?: readonly Silence[];
  readonly told?: number;
}
process.on('message', ({ now: time = now(), silences, told = 0 }: Sent) => {
  if (silences !== undefined) {
    heard = told;
    hearSilences(silences);
  }
  // What this process rests for may have changed, even if no time has passed.
  clock.advance(time - now());
});
