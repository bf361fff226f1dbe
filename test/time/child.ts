import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMPILED } from '../compiled.ts';
import type { Actor, HeldClock } from './clock.ts';
import { watchSilences } from './under-way.ts';

const CLOCK = fileURLToPath(new URL('child-clock.ts', import.meta.url));

export interface Child {
  readonly process: ChildProcess;
  /** It is busy until it waits for time alone, and leaves when its end has been heard of. */
  readonly actor: Actor;
}

/** Starts a script of ours in a process of its own, which lives in the time of `clock`. */
export function startChild(
  clock: HeldClock,
  script: string,
  args: readonly string[],
  { env, stdio, execArgv = [] }: Pick<ForkOptions, 'env' | 'stdio' | 'execArgv'>,
): Child {
  const process = fork(script, args, {
    execArgv: ['--import', CLOCK, ...execArgv],
    env: { ...COMPILED, ...env, HELD_CLOCK: String(clock.now()) },
    stdio,
  });
  const actor = clock.enter();
  /** What it told last, as far as that still holds. */
  let restsUntil = -Infinity;
  let told = 0;
  const send = (message: object): void => {
    // A process that has just died has nobody to read it.
    if (process.connected) process.send(message, () => undefined);
  };
  const unwatch = [
    clock.watch((now) => send({ now })),
    watchSilences((silences) => {
      // An answer that is on its way to it may give it something to do before that time.
      if (restsUntil > clock.now()) actor.rest(-Infinity);
      restsUntil = -Infinity;
      send({ silences, told: (told += 1) });
    }),
  ];
  process.on('message', (sent) => {
    if (typeof sent !== 'object' || !('until' in sent && 'heard' in sent)) return;
    // Said before it heard of an answer that is on its way to it.
    if (sent.heard !== told) return;
    restsUntil = Number(sent.until);
    actor.rest(restsUntil);
  });
  // `close` comes when all that was printed has been read.
  process.once('close', () => {
    for (const stop of unwatch) stop();
    actor.leave();
  });
  return { process, actor };
}
