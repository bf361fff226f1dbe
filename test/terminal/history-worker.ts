/** Asks for the history in a bucket of S3, once for each endpoint of `ENDPOINTS` (separated by blanks), and prints how each ended. */
import { systemClock } from '../../lambda/services/clock.ts';
import { main } from '../../lambda/terminal/main.ts';

for (const endpoint of (process.env['ENDPOINTS'] ?? '').split(' ')) {
  // The SDK reads the environment of the process.
  process.env['AWS_ENDPOINT_URL_S3'] = endpoint;
  const printed: string[] = [];
  const output = { write: (text: string) => printed.push(text) > 0 };
  const argv = ['history', '--runs', 's3://records/okta'];
  const surroundings = { environment: process.env, stdout: output, stderr: output };
  const code = await main(argv, { ...surroundings, clock: systemClock, random: () => 0 });
  process.stdout.write(`${JSON.stringify({ code, printed: printed.join('') })}\n`);
}
