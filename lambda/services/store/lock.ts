import { createHash, randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { Clock } from '../../ports.ts';
import { systemClock } from '../clock.ts';
import { hostname } from 'node:os';
import { linkSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Holder } from '../../archive/lease/lease-file.ts';

/** Between two tries, in milliseconds of real time: other processes live in no other. */
const RETRY_MS = 4;
/** The same lock met so often (10 s) belongs to nobody: what is done under a lock takes milliseconds. */
const TRIES = 2_500;

/** Tells whether the lock is still ours: a process that was stopped for long may have lost it. */
export type StillOurs = () => boolean;

/**
 * Does `work` while no other process does any under the same path. The lock is a file that names its owner, put there
 * by a hard link, so that it is never seen half-written. The lock of a killed process is broken at once, by one only:
 * breaking it is itself done under a lock, whose name is made of the lock to be broken. Each write to Secoda needs a dozen
 * of these tiny files: waiting for each of them would cost twice the CPU.
 */
export async function underLock<T>(
  path: string,
  work: (stillOurs: StillOurs) => T | Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  const id = randomUUID();
  const ours = JSON.stringify({ ...processHere(), id });
  const draft = `${path}.${id}.tmp`;
  const stillOurs = (): boolean => textOf(path) === ours;
  try {
    inFolder(draft, () => writeFileSync(draft, ours, { flag: 'wx' }));
    await acquire(path, draft, clock);
    try {
      return await work(stillOurs);
    } finally {
      if (stillOurs()) rmSync(path, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

async function acquire(path: string, draft: string, clock: Clock): Promise<void> {
  let met: string | null = null;
  let tries = 0;
  while (!linked(draft, path)) {
    const theirs = textOf(path);
    if (theirs === null) continue;
    tries = theirs === met ? tries + 1 : 0;
    met = theirs;
    if (tries < TRIES && mayLive(theirs)) await clock.sleep(RETRY_MS);
    else await breakLock(path, theirs, clock);
  }
}

/** A lock's text is never used twice, so while this one stands there is nobody who could have a right to it. */
async function breakLock(path: string, dead: string, clock: Clock): Promise<void> {
  const name = createHash('sha256').update(dead).digest('hex').slice(0, 16);
  const breaking = (): void => {
    if (textOf(path) === dead) rmSync(path, { force: true });
  };
  await underLock(`${path}-${name}`, breaking, clock);
}

function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

const ownerSchema = z.object({ pid: z.int().positive(), host: z.string() });

function mayLive(lock: string): boolean {
  try {
    return isAlive(ownerSchema.parse(JSON.parse(lock)));
  } catch {
    return true;
  }
}

function textOf(path: string): string | null {
  return bytesOf(path)?.toString('utf8') ?? null;
}

/** What a file holds; `null` where there is none. */
export function bytesOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Does what puts a file there; where that fails for want of the folder, makes it and does it again: it mostly stands already. */
export function inFolder<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    makeFolder(dirname(file));
    return work();
  }
}

/**
 * Makes a folder with all that it lies in; one that is there already is left as it is. Node's own recursive `mkdir` never
 * returns where no folder can be made in one that exists, as below /proc.
 */
function makeFolder(path: string): void {
  try {
    makeOne(path);
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    makeFolder(parent);
    makeOne(path);
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

/** Node's code of a failed system call, such as `ENOENT`. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** This very process as others can look for it: its id means something on its own host only. */
export function processHere() {
  return { pid: process.pid, host: hostHere() };
}

/** Whether a process may still run: one of another host, or whose id another process took over, counts as alive. */
export function isAlive({ pid, host }: { readonly pid: number; readonly host: string | null }): boolean {
  if (host !== hostHere()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM would mean that it runs as somebody else.
    return codeOf(error) !== 'ESRCH';
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

/** This process as holder of a lease, so that others on this host notice its death at once. */
export function holderHere(runId: string): Holder {
  return { runId, ...processHere() };
}

/** Whether a holder may still be at work. One without a process can only be waited for. */
export function mayBeAlive({ pid, host }: Holder): boolean {
  return pid === null || isAlive({ pid, host });
}
