import { createInterface } from 'node:readline';
import { systemClock } from './services/clock.ts';
import { NOTHING_WRITTEN } from './terminal/terminal.ts';
import { main } from './terminal/main.ts';

// A reader that went away (`| head`) or a log on a full disk must not end a run that writes: it goes on, and leaves its record.
let unprinted: Error | null = null;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unprinted ??= error;
  });
}

let say = (): void => void process.stderr.write(NOTHING_WRITTEN);
let byItself = false;
let interrupted: number | null = null;
// A run can be cut off anywhere, so nothing is waited for, but at a question: there it has nothing left to do but its record. A second signal meets no handler and ends the process as ever.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    say();
    interrupted = code;
    if (!byItself) process.exit(code);
  });
}

/** The next line of what is typed. Ctrl-C is left to the handlers above. */
async function line(): Promise<string | null> {
  const lines = createInterface({ input: process.stdin, terminal: false });
  const typed = new Promise<string | null>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(null));
  });
  return typed.finally(() => lines.close());
}

const code = await main(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: { isTTY: process.stdin.isTTY, line },
  clock: systemClock,
  random: Math.random,
  whenInterrupted(then, ends) {
    say = then;
    byItself = ends === 'itself';
  },
});
// A run that ended early may still have requests under way; nobody waits for their answers. A stream tells late that it failed.
process.stdout.write('', () => setImmediate(leave));

function leave(): never {
  if (unprinted === null) process.exit(interrupted ?? code);
  process.stderr.write(`✗ Failed: not all of it could be printed (${unprinted.message})\n`);
  process.exit(code === 0 ? 1 : code);
}
