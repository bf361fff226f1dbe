import { Interrupted } from './errors.ts';
import { systemClock } from './services/clock.ts';
import { main } from './terminal/main.ts';
import { aSecondSignal, typedLine } from './terminal/terminal.ts';

// A reader that went away (`| head`) or a log on a full disk must not end a run that writes: it goes on, and leaves its record.
let unprinted: Error | null = null;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unprinted ??= error;
  });
}

const interruption = new AbortController();
const isSecond = aSecondSignal(systemClock);
// A run can be cut off anywhere: whoever says so twice does not wait for a clean end.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    if (isSecond()) process.exit(code);
    interruption.abort(new Interrupted(code));
  });
}

const code = await main(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: { isTTY: process.stdin.isTTY, line: () => typedLine(process.stdin) },
  clock: systemClock,
  random: Math.random,
  interruption: interruption.signal,
});
// A run that ended early may still have requests under way; nobody waits for their answers. A stream tells late that it failed.
process.stdout.write('', () => setImmediate(leave));

function leave(): never {
  if (unprinted === null) process.exit(code);
  process.stderr.write(`✗ Failed: not all of it could be printed (${unprinted.message})\n`);
  process.exit(code === 0 ? 1 : code);
}
