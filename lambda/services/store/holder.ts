import { isAlive, processHere } from './lock.ts';
import type { Holder } from '../../archive/lease/lease-file.ts';

/** This process as holder of a lease, so that others on this host notice its death at once. */
export function holderHere(runId: string): Holder {
  return { runId, ...processHere() };
}

/** Whether a holder may still be at work. One without a process can only be waited for. */
export function mayBeAlive({ pid, host }: Holder): boolean {
  return pid === null || host === null || isAlive({ pid, host });
}
