import { readFileSync, readlinkSync } from 'node:fs';
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

/**
 * Containers can share host name and folder and still number their processes apart, and a host forgets its processes when
 * it starts again: on Linux the process namespace and the boot's id tell.
 */
function hostHere(): string {
  host ??= [hostname(), ...linuxOnly()].join(' ');
  return host;
}

let host: string | null = null;

function linuxOnly(): string[] {
  try {
    return [
      readlinkSync('/proc/self/ns/pid'),
      readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    ];
  } catch {
    return [];
  }
}
