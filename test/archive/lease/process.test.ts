import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { holderHere, isAlive, mayBeAlive, processHere } from '../../../lambda/services/store/lock.ts';

describe('a process', () => {
  it('is known to be dead when it ran on this host and runs no more', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const name = { ...processHere(), pid: child.pid ?? 0 };
    expect(isAlive(name)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(name)).toBe(false);
  });

  it('may be alive when it is ours, another user’s or on another host', () => {
    expect(isAlive(processHere())).toBe(true);
    expect(isAlive({ ...processHere(), pid: 1 })).toBe(true);
    expect(isAlive({ pid: 2 ** 22 + 1, host: 'elsewhere' })).toBe(true);
  });

  it('may be alive when nobody knows which one it is', () => {
    const here = holderHere('run');
    expect(here).toEqual({ runId: 'run', ...processHere() });
    expect(mayBeAlive(here)).toBe(true);
    expect(mayBeAlive({ ...here, pid: 2 ** 22 + 1 })).toBe(false);
    expect(mayBeAlive({ ...here, pid: null })).toBe(true);
  });
});
