import { isAlive, processHere } from './process.ts';
import type { Holder } from './turn-file.ts';

/** This process as holder of a turn, so that others on this host notice its death at once. */
export function holderHere(runId: string): Holder {
  return { runId, ...processHere() };
}

/** Whether a holder may still be at work. One without a process can only be waited for. */
export function mayBeAlive({ pid, host }: Holder): boolean {
  return pid === null || host === null || isAlive({ pid, host });
}
