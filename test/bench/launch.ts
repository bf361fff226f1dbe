import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Result, type Order } from './child-messages.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

/**
 * As in a function of 512 MB: what lives long may take 320 MB, and what lives for a moment three times 16. Left alone, Node
 * takes over a hundred for the latter, and collects late.
 */
export const NODE_OPTIONS: readonly string[] = ['--max-old-space-size=320', '--max-semi-space-size=16'];

/** Runs one contender in a process of its own and waits for what it reports. */
export function launch(order: Order): Promise<Result> {
  // The SDK would send even what is meant for this machine to a proxy.
  const env = { ...process.env, HTTPS_PROXY: '', https_proxy: '' };
  const child = fork(CHILD, {
    execArgv: [...NODE_OPTIONS],
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(Result.parse(message)));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(
        new Error(`The ${order.contender} ended without a report (${signal ?? `exit code ${code ?? '?'}`})`),
      );
    });
    child.send(order);
  });
}
