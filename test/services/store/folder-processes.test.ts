import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../lambda/ports.ts';
import { folderArchive } from '../../../lambda/services/store/folder.ts';
import { processHere, underLock } from '../../../lambda/services/store/lock.ts';
import { temporaryFolder } from './temporary.ts';

const WORKER = fileURLToPath(new URL('folder-worker.ts', import.meta.url));

interface Worker {
  readonly child: ChildProcess;
  /** The numbers that it saw itself put into the archive. */
  readonly counted: number[];
  /** How often it paused before each of them. */
  readonly pauses: number[];
  /** Resolves when the process is gone and all it printed was read. */
  readonly gone: Promise<unknown>;
}

function start(folder: string, times: number): Worker {
  const child = spawn(process.execPath, [WORKER, folder, String(times)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const [counted, pauses]: [number[], number[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const [number, paused] = line.split(' ').map(Number);
      counted.push(number ?? NaN);
      pauses.push(paused ?? NaN);
    }
  });
  return { child, counted, pauses, gone: once(child, 'close') };
}

/** So many tries at one and the same lock would break it, whoever it belongs to. */
const TRIES = 2_500;
const impatient: Clock = { now: () => 0, sleep: () => Promise.reject(new Error('It waits')) };

const tick = (): Promise<void> => sleep(1);
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await tick();
};

describe('an archive folder shared by processes', () => {
  it('loses no swap', async () => {
    const folder = await temporaryFolder();
    const workers = Array.from({ length: 3 }, () => start(folder, 60));
    await Promise.all(workers.map(({ gone }) => gone));
    const counted = workers.flatMap(({ counted }) => counted).sort((a, b) => a - b);
    expect(counted).toEqual(Array.from({ length: 180 }, (_, n) => n + 1));
    expect(await readFile(join(folder, 'count.json'), 'utf8')).toBe('180');
  });

  it('loses no swap and blocks nobody when one after the other is killed at any moment', async () => {
    const folder = await temporaryFolder();
    const steady = start(folder, 1_000_000);
    const counted: number[] = [];
    for (let kill = 0; kill < 12; kill++) {
      const victim = start(folder, 1_000_000);
      await until(() => victim.counted.length > kill % 4);
      victim.child.kill('SIGKILL');
      await victim.gone;
      counted.push(...victim.counted);
      const before = steady.counted.length;
      await until(() => steady.counted.length >= before + 3);
    }
    steady.child.kill('SIGKILL');
    await steady.gone;
    expect(Math.max(...steady.pauses)).toBeLessThan(TRIES);
    counted.push(...steady.counted);
    const end = Number((await folderArchive(folder).read('count.json'))?.text);
    expect(new Set(counted).size).toBe(counted.length);
    // Each kill may have cut off one swap between its success and its being told.
    expect(end).toBeGreaterThanOrEqual(counted.length);
    expect(end).toBeLessThanOrEqual(counted.length + 13);
    expect(Math.max(...counted)).toBeLessThanOrEqual(end);
  });

  it('breaks the lock of a dead process at once, and that of a breaker which died too', async () => {
    const folder = await temporaryFolder();
    const pending = join(folder, '.pending');
    await mkdir(pending);
    const dead = (id: string): string => JSON.stringify({ ...processHere(), pid: 2 ** 22 + 1, id });
    await writeFile(join(pending, 'turn.json'), dead('first'));
    // The name under which the first lock is broken.
    const broken = `turn.json-${nameOf(dead('first'))}`;
    await writeFile(join(pending, broken), dead('second'));
    expect(await folderArchive(folder, impatient).swap('turn.json', 'x', null)).not.toBeNull();
  });

  it('leaves a lock alone that took the place of the dead one meanwhile', async () => {
    const path = join(await temporaryFolder(), 'lock');
    const dead = JSON.stringify({ ...processHere(), pid: 2 ** 22 + 1, id: 'dead' });
    const fresh = JSON.stringify({ ...processHere(), id: 'fresh' });
    await writeFile(path, dead);
    const done: string[] = [];
    let waiting = Promise.resolve(0);
    await underLock(`${path}-${nameOf(dead)}`, async () => {
      waiting = underLock(path, () => Promise.resolve(done.push('work')));
      const drafts = async (): Promise<number> => (await readdir(dirname(path))).length;
      while ((await drafts()) < 5) await tick();
      await writeFile(path, fresh);
    });
    for (let n = 0; n < 50; n++) await tick();
    expect(await readFile(path, 'utf8')).toBe(fresh);
    expect(done).toEqual([]);
    await rm(path);
    await waiting;
    expect(done).toEqual(['work']);
  });

  it('does not swap when its lock was taken from it while it wrote', async () => {
    const folder = await temporaryFolder();
    const archive = folderArchive(folder);
    await archive.write('turn.json', 'before');
    const tag = (await archive.read('turn.json'))?.tag ?? null;
    const lock = join(folder, '.pending/turn.json');
    const swapping = archive.swap('turn.json', 'x', tag);
    // No turn of the loop, in which the disk could be done with what was written.
    while (!existsSync(lock)) await Promise.resolve();
    writeFileSync(lock, 'somebody else');
    expect(await swapping).toBeNull();
    expect((await archive.read('turn.json'))?.text).toBe('before');
  });

  it('breaks the lock that a living process has forgotten, and not before it has waited for long', async () => {
    const path = join(await temporaryFolder(), 'lock');
    await writeFile(path, JSON.stringify({ ...processHere(), id: 'forgotten' }));
    const pauses: number[] = [];
    const clock = { now: () => 0, sleep: (ms: number) => Promise.resolve(void pauses.push(ms)) };
    expect(await underLock(path, () => Promise.resolve('work'), clock)).toBe('work');
    // Ten seconds in all.
    expect(pauses).toEqual(Array(TRIES).fill(4));
  });

  it('waits for each lock as long that takes the place of another, and for one that says nothing of its owner', async () => {
    const path = join(await temporaryFolder(), 'lock');
    await writeFile(path, 'first');
    let pauses = 0;
    const clock: Clock = {
      now: () => 0,
      sleep: async () => {
        pauses += 1;
        if (pauses === TRIES) await writeFile(path, 'second');
      },
    };
    expect(await underLock(path, () => Promise.resolve('work'), clock)).toBe('work');
    expect(pauses).toBe(2 * TRIES);
  });

  it('waits for the lock of a process that lives', async () => {
    const path = join(await temporaryFolder(), 'lock');
    const order: string[] = [];
    let release = (): void => undefined;
    const first = underLock(path, async () => {
      order.push('first');
      await new Promise<void>((resolve) => (release = resolve));
      order.push('first done');
    });
    await until(() => order.length === 1);
    const second = underLock(path, () => Promise.resolve(order.push('second')));
    await until(() => order.length === 1);
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'first done', 'second']);
  });

  it('knows when its own lock was taken from it, and leaves that of its successor alone', async () => {
    const path = join(await temporaryFolder(), 'lock');
    await writeFile(`${path}.other`, 'somebody else');
    await underLock(path, async (stillOurs) => {
      expect(stillOurs()).toBe(true);
      await writeFile(path, 'somebody else');
      expect(stillOurs()).toBe(false);
    });
    await expect(link(`${path}.other`, path)).rejects.toThrow('EEXIST');
  });
});

function nameOf(lock: string): string {
  return createHash('sha256').update(lock).digest('hex').slice(0, 16);
}
