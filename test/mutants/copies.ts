import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './places.ts';

const COPIED = ['lambda', 'infra', 'test', 'docs', 'README.md', 'CHANGELOG.md', 'package.json'];
const CONFIGS = ['sync.config.ts', 'vitest.config.ts', 'tsconfig.json', 'cdk.json', 'package-lock.json'];

export type Outcome = 'passed' | 'failed' | 'endless';

const copies: string[] = [];
const running = new Set<number>();

/** A copy of all that tests need, to be broken. It is gone when the process ends. */
export function aCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
  copies.push(copy);
  for (const name of [...COPIED, ...CONFIGS]) {
    if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

process.once('exit', () => {
  for (const pid of running) process.kill(-pid, 'SIGKILL');
  for (const copy of copies) rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** What tests do in a copy. Whatever takes longer than its limit never ends. */
export function run(
  copy: string,
  tests: readonly string[],
  limitMs: number,
  ...more: string[]
): Promise<Outcome> {
  const args = [join(copy, 'node_modules/vitest/vitest.mjs'), 'run', ...tests, ...more];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: copy, stdio: 'ignore', detached: true });
    const { pid } = child;
    if (pid === undefined) throw new Error('cannot start the tests');
    running.add(pid);
    let endless = false;
    const timer = setTimeout(() => {
      endless = true;
      // A worker in a loop does not hear that its parent is gone.
      process.kill(-pid, 'SIGKILL');
    }, limitMs);
    child.once('close', (code) => {
      clearTimeout(timer);
      running.delete(pid);
      resolve(endless ? 'endless' : code === 0 ? 'passed' : 'failed');
    });
  });
}
