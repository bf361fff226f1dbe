import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { VERSION } from '../../lambda/compose.ts';
import { usage } from '../../lambda/terminal/flags.ts';
import { main } from '../../lambda/terminal/main.ts';
import { aSecondSignal, typedLine } from '../../lambda/terminal/terminal.ts';
import { HeldClock } from '../time/clock.ts';

it('what is typed is taken a line at a time, and its end for nothing', async () => {
  const input = new PassThrough();
  input.write('yes\n');
  expect(await typedLine(input)).toBe('yes');
  input.write('no\n');
  expect(await typedLine(input)).toBe('no');
  const next = typedLine(input);
  input.end();
  expect(await next).toBeNull();
});

it('a signal within a second of the first is the same one, and a later one the second', () => {
  const clock = new HeldClock();
  const isSecond = aSecondSignal(clock);
  const told = [0, 999, 1, 5_000].map((ms) => {
    clock.advance(ms);
    return isSecond();
  });
  expect(told).toEqual([false, false, true, true]);
});

it('help and version are the answer, and need nothing', async () => {
  const answerOf = async (...argv: readonly string[]) => {
    const written: string[] = [];
    const terminal = {
      environment: {},
      stdout: { write: (text: string) => written.push(text) },
      stderr: { write: (text: string) => written.push(`stderr: ${text}`) },
      clock: new HeldClock(),
      random: () => 0.5,
    };
    const code = await main(argv, terminal);
    return [code, written.join('')];
  };
  expect(await answerOf('--version')).toEqual([0, `${VERSION}\n`]);
  expect(await answerOf('--help')).toEqual([0, usage()]);
  expect(await answerOf('plan', '--help')).toEqual([0, usage('plan')]);
});

it('help on one command is its flags alone, each explained in a column or below itself', () => {
  expect(usage('doctor')).toBe(`Usage: npm run sync -- doctor [FLAGS]

  doctor                    checks configuration, addresses, credentials and rights, each with the fix

  --config FILE             the configuration (default sync.config.ts; .json works too)
  --probe                   also tries the writes, on one scratch group in Secoda that is deleted again
  --format text|markdown|html|json
                            the answer alone on stdout; html and markdown of plan, apply and show
  --json                    the same as --format json; errors are JSON too
  --runs DIR                where records, memory and lease live: a folder (default runs/) or s3://bucket/prefix
  --help, -h                explains a command, or all of them; so does the word help
  --version, -v             the version
`);
  expect(usage()).toMatch(
    /^okta-secoda-sync: keeps [^]*\n\nUsage: npm run sync -- COMMAND \[FLAGS\]\n\n {2}init /,
  );
  expect(usage()).toMatch(
    /--group NAME_OR_ID[^]*\n\nEnvironment:\n[^]*Exit codes: 0 done[^]*130 and 143 interrupted\.\n$/,
  );
});
