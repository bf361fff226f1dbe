import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { serve } from './server.ts';
import { Faults } from './faults.ts';
import { systemClock } from '../../lambda/services/clock.ts';

const running: ChildProcessByStdio<null, Readable, Readable>[] = [];

function run(...flags: string[]) {
  const child = spawn(process.execPath, ['test/emulators/main.ts', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  return child;
}
afterEach(() => running.splice(0).forEach((child) => child.kill('SIGKILL')));

async function ended(child: ReturnType<typeof run>) {
  const [errors] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, errors };
}

test('it prints the environment for a tool, serves it, and ends well when it is told to stop', async () => {
  const child = run('--okta-port', '0', '--secoda-port', '0');
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    if (printed.includes('SECODA_API_KEY=') && printed.endsWith('\n')) break;
  }
  const value = (name: string): string => new RegExp(`^export ${name}=(.+)$`, 'm').exec(printed)?.[1] ?? '';
  const okta = await ask(`${value('OKTA_ORG_URL')}/api/v1/groups`, {
    headers: { authorization: `SSWS ${value('OKTA_API_TOKEN')}` },
  });
  const secoda = await ask(`${value('SECODA_API_URL')}/api/v1/auth/group`, {
    headers: { authorization: `Bearer ${value('SECODA_API_KEY')}` },
  });
  expect([okta.status, secoda.status]).toEqual([200, 200]);
  child.kill('SIGTERM');
  expect((await ended(child)).code).toBe(0);
});

test('a port that is taken is told in one line', async () => {
  const routes = { routes: [], faults: new Faults(), errorBody: () => null };
  const taken = await serve({ name: 'neighbour', clock: systemClock, ...routes });
  const { port } = new URL(taken.url);
  const { code, errors } = await ended(run('--okta-port', '0', '--secoda-port', port));
  await taken.close();
  expect({ code, errors }).toEqual({
    code: 1,
    errors: `Port ${port} is in use; choose another with --secoda-port\n`,
  });
});

test.each([
  [['--okta-port', 'high'], "--okta-port must be a port from 0 to 65535, not 'high'"],
  [['--color'], "Unknown option '--color'"],
])('%j is refused with the usage', async (flags, message) => {
  const { code, errors } = await ended(run(...flags));
  expect(code).toBe(1);
  expect(errors).toContain(message);
  expect(errors).toContain('Usage: npm run emulators -- [--okta-port PORT] [--secoda-port PORT]\n');
});
