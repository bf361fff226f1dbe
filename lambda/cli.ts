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
// A run can be cut off anywhere, so nothing is waited for. A second signal meets no handler and ends the process as ever.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    say();
    process.exit(code);
  });
}

const code = await main(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  random: Math.random,
  whenInterrupted: (then) => (say = then),
});
// A run that ended early may still have requests under way; nobody waits for their answers. A stream tells late that it failed.
process.stdout.write('', () => setImmediate(leave));

function leave(): never {
  if (unprinted === null) process.exit(code);
  process.stderr.write(`✗ Failed: not all of it could be printed (${unprinted.message})\n`);
  process.exit(code === 0 ? 1 : code);
}
