import { systemClock } from './edges/clock.ts';
import { main } from './terminal/main.ts';

// A reader that went away (`| head`) must not end a run that writes: it goes on in silence, and leaves its record.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const code = await main(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  random: Math.random,
});
// A run that ended early may still have requests under way; nobody waits for their answers.
process.stdout.write('', () => process.exit(code));
