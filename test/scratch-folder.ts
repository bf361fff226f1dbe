import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Linux keeps files in memory. */
const MEMORY = '/dev/shm';
/** More than all tests keep at the same time. */
const ENOUGH_BYTES = 1024 ** 3;

/**
 * Gives all tests, and the processes that they start, one temporary folder, and removes it in the end. In memory where there
 * is room: a run waits for the disk after each file that must outlast a power cut, and no power cut comes to a test.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join((await hasRoom(MEMORY)) ? MEMORY : tmpdir(), 'okta-secoda-sync-tests-'));
  process.env['TMPDIR'] = folder;
  return () => rm(folder, { recursive: true, force: true });
}

async function hasRoom(folder: string): Promise<boolean> {
  const found = await statfs(folder).catch(() => null);
  return found !== null && found.bavail * found.bsize >= ENOUGH_BYTES;
}
