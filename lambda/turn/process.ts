import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process as others can look for it: its id means something on its own host only. */
export interface ProcessName {
  readonly pid: number;
  readonly host: string;
}

/** This very process. */
export function processHere(): ProcessName {
  return { pid: process.pid, host: hostHere() };
}

/**
 * Whether a process may still run. Only one of this host can be known to be dead; one of another host, or one whose id
 * another process took over, counts as alive.
 */
export function isAlive({ pid, host }: ProcessName): boolean {
  if (host !== hostHere()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM would mean that it runs as somebody else.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Containers can share host name and folder and still number their processes apart: on Linux the namespace tells. */
function hostHere(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
