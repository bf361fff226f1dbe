import { fork, type ForkOptions } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundle, REQUIRE } from '../../infra/bundler.ts';
import { startChild } from '../time/child.ts';
import type { HeldClock } from '../time/clock.ts';
import { Result, type Order } from './child-messages.ts';

/**
 * As in a function of 512 MB: what lives long may take 320 MB, and what lives for a moment three times 16. Left alone, Node
 * takes over a hundred for the latter, and collects late.
 */
export const NODE_OPTIONS: readonly string[] = ['--max-old-space-size=320', '--max-semi-space-size=16'];

type Bundles = Readonly<Record<Order['contender'], string>> & { readonly folder: string };
let made: Promise<Bundles> | null = null;

/** Both contenders in a folder: the sync as its functions are deployed, since Node takes tens of megabytes to strip types of sources. */
function bundles(): Promise<Bundles> {
  made ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'okta-secoda-sync-bench-'));
    const [sync, plainLoop] = [join(folder, 'sync'), join(folder, 'plain-loop.mjs')];
    const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
    await bundle(here('sync-child.ts'), sync, here('../../sync.config.ts'));
    await build({
      entryPoints: [here('plain-loop-child.ts')],
      outfile: plainLoop,
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      // The SDK's own way of fetching needs the CommonJS of what it requires.
      mainFields: ['main', 'module'],
      banner: { js: REQUIRE },
      logLevel: 'error',
    });
    return { folder, sync: join(sync, 'index.mjs'), 'plain loop': plainLoop };
  })();
  return made;
}

/** Removes what was bundled. To be called when no contender is going to be launched any more. */
export async function clearBundles(): Promise<void> {
  if (made !== null) await rm((await made).folder, { recursive: true, force: true });
  made = null;
}

/** Runs one contender in a process of its own, in the time of `clock` if there is one, and waits for what it reports. */
export async function launch(order: Order, clock: HeldClock | null): Promise<Result> {
  const script = (await bundles())[order.contender];
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
