import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { invokePlain } from '../emulators/aws/plain-function.ts';
import { listen } from '../emulators/listen.ts';
import { HeldClock } from './clock.ts';
import { silent } from './under-way.ts';

const HOUR = 3_600_000;

/** Runs the body of a handler in a child process. */
async function inChild(
  body: string,
  clock = new HeldClock(),
  event = {},
): Promise<{ clock: HeldClock; value: unknown }> {
  const folder = await mkdtemp(join(tmpdir(), 'child-clock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bundle = join(folder, 'index.mjs');
  const imports = `import { setTimeout as sleep } from 'node:timers/promises';`;
  await writeFile(bundle, `${imports}\nexport const handler = async (event) => {\n${body}\n};`);
  const ended = await invokePlain({ clock, bundle, environment: {}, timeoutMs: 100 * HOUR }, event);
  if (ended.by !== 'returned') throw new Error(JSON.stringify(ended));
  return { clock, value: ended.value };
}

describe('the time of a child process', () => {
  it('is that of its parent, whichever way it is asked for', async () => {
    const { clock, value } = await inChild(`
      const times = [Date.now(), new Date().getTime(), Date.parse(new Date().toISOString())];
      return { times, fixed: new Date(0).toISOString(), date: new Date() instanceof Date };`);
    const { times, ...rest } = z.looseObject({ times: z.array(z.number()) }).parse(value);
    expect(rest).toEqual({ fixed: '1970-01-01T00:00:00.000Z', date: true });
    expect(times).toEqual([clock.now(), clock.now(), clock.now()]);
  });

  it('leaps through pauses, the shortest first, and gives back what they hold', async () => {
    const { value } = await inChild(`
      const start = Date.now();
      const first = await Promise.race([sleep(${2 * HOUR}, 'two'), sleep(${HOUR}, 'one')]);
      return { first, passed: Date.now() - start };`);
    expect(value).toEqual({ first: 'one', passed: HOUR });
  });

  it('passes while a server in the parent lets it pass, or says nothing', async () => {
    const clock = new HeldClock();
    const server = createServer((request, response) => {
      const answering = silent(request.socket);
      if (request.url === '/never') return;
      void clock.sleep(HOUR).then(() => {
        answering();
        response.end('late');
      });
    });
    const listening = await listen(server, 0);
    onTestFinished(() => listening.close());
    const body = `
      const start = Date.now();
      const bound = new AbortController();
      void sleep(${3 * HOUR}).then(() => bound.abort());
      const text = await (await fetch(event.url + '/late')).text();
      const late = Date.now() - start;
      const name = await fetch(event.url + '/never', bound).catch((error) => error.name);
      return { text, late, name, passed: Date.now() - start };`;
    const { value } = await inChild(body, clock, { url: listening.url });
    expect(value).toEqual({ text: 'late', late: HOUR, name: 'AbortError', passed: 3 * HOUR });
  });

  it('stands still while something is under way that a pause only bounds', async () => {
    const { value } = await inChild(`
      const start = Date.now();
      const bound = new AbortController();
      const bounded = sleep(${HOUR}, null, { signal: bound.signal }).catch((error) => error.name);
      const work = new Promise((resolve) => setTimeout(resolve, 150));
      const pause = sleep(${2 * HOUR});
      await work;
      const meanwhile = Date.now() - start;
      bound.abort();
      const name = await bounded;
      await pause;
      return { meanwhile, name, passed: Date.now() - start };`);
    expect(value).toEqual({ meanwhile: 0, name: 'AbortError', passed: 2 * HOUR });
  });
});
