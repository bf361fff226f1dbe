import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { invokePlain } from './plain-function.ts';
import { WorldClock } from './world-clock.ts';

const HOUR = 3_600_000;

/** Runs the body of a handler in a child process whose world is an hour ahead. */
async function inChild(body: string): Promise<{ clock: WorldClock; value: unknown }> {
  const folder = await mkdtemp(join(tmpdir(), 'child-clock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bundle = join(folder, 'index.mjs');
  const imports = `import { setTimeout as sleep } from 'node:timers/promises';`;
  await writeFile(bundle, `${imports}\nexport const handler = async () => {\n${body}\n};`);
  const clock = new WorldClock();
  clock.advance(HOUR);
  const ended = await invokePlain({ clock, bundle, environment: {}, timeoutMs: 100 * HOUR }, {});
  if (ended.by !== 'returned') throw new Error(JSON.stringify(ended));
  return { clock, value: ended.value };
}

describe('the time of a child process', () => {
  it('is that of its world, whichever way it is asked for', async () => {
    const { clock, value } = await inChild(`
      const times = [Date.now(), new Date().getTime(), Date.parse(new Date().toISOString())];
      return { times, fixed: new Date(0).toISOString(), date: new Date() instanceof Date };`);
    const { times, ...rest } = z.looseObject({ times: z.array(z.number()) }).parse(value);
    expect(rest).toEqual({ fixed: '1970-01-01T00:00:00.000Z', date: true });
    for (const time of times) expect(Math.abs(clock.now() - time)).toBeLessThan(HOUR / 2);
    expect(times[0]).toBeGreaterThan(Date.now() + HOUR / 2);
  });

  it('leaps through pauses, the shortest first, and gives back what they hold', async () => {
    const { value } = await inChild(`
      const start = Date.now();
      const first = await Promise.race([sleep(${2 * HOUR}, 'two'), sleep(${HOUR}, 'one')]);
      const hours = Math.round((Date.now() - start) / ${HOUR});
      return { first, hours };`);
    expect(value).toEqual({ first: 'one', hours: 1 });
  });

  it('does not leap while something is under way that a pause only bounds', async () => {
    const { value } = await inChild(`
      const start = Date.now();
      const bound = new AbortController();
      const bounded = sleep(${HOUR}, null, { signal: bound.signal }).catch((error) => error.name);
      const work = new Promise((resolve) => setTimeout(resolve, 150));
      const pause = sleep(${2 * HOUR});
      await work;
      const during = Date.now() - start;
      bound.abort();
      const name = await bounded;
      await pause;
      return { waited: during < ${HOUR}, name, hours: Math.round((Date.now() - start) / ${HOUR}) };`);
    expect(value).toEqual({ waited: true, name: 'AbortError', hours: 2 });
  });
});
