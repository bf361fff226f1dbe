import { fork, type ForkOptions } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../time/child.ts';
import type { HeldClock } from '../time/clock.ts';
import { bundle } from './bundle.ts';
import { Result, type Order } from './child-messages.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

/**
 * As in a function of 512 MB: what lives long may take 320 MB, and what lives for a moment three times 16. Left alone, Node
 * takes over a hundred for the latter, and collects late.
 */
export const NODE_OPTIONS: readonly string[] = ['--max-old-space-size=320', '--max-semi-space-size=16'];

let made: Promise<string> | null = null;

/** A folder with the contenders, bundled as the functions are: Node takes tens of megabytes to strip types of sources. */
function bundled(): Promise<string> {
  made ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'okta-secoda-sync-bench-'));
    // The SDK's own way of fetching, which the plain loop uses, needs the CommonJS of what it requires.
    await bundle(CHILD, join(folder, 'child.mjs'), { mainFields: ['main', 'module'] });
    return folder;
  })();
  return made;
}

/** Removes what was bundled. To be called when no contender is going to be launched any more. */
export async function clearBundles(): Promise<void> {
  if (made !== null) await rm(await made, { recursive: true, force: true });
  made = null;
}

/** Runs one contender in a process of its own, in the time of `clock` if there is one, and waits for what it reports. */
export async function launch(order: Order, clock: HeldClock | null): Promise<Result> {
  const script = join(await bundled(), 'child.mjs');
  const options: ForkOptions = {
    // Node warns of what old packages use, once they lie outside `node_modules`.
    execArgv: [...NODE_OPTIONS, '--no-deprecation'],
    // The SDK would send even what is meant for this machine to a proxy.
    env: { ...process.env, HTTPS_PROXY: '', https_proxy: '' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  };
  const contender = clock === null ? fork(script, options) : startChild(clock, script, [], options).process;
  return new Promise((resolve, reject) => {
    // Other messages are about time.
    contender.on('message', (message) => {
      const { data } = Result.safeParse(message);
      if (data !== undefined) resolve(data);
    });
    contender.once('error', reject);
    contender.once('exit', (code, signal) => {
      reject(
        new Error(`The ${order.contender} ended without a report (${signal ?? `exit code ${code ?? '?'}`})`),
      );
    });
    contender.send(order);
  });
}
