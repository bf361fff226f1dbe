import { systemClock } from './edges/clock.ts';
import { main } from './terminal/main.ts';

const code = await main(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  random: Math.random,
});
// A run that ended early may still have requests under way; nobody waits for their answers.
process.stdout.write('', () => process.exit(code));
