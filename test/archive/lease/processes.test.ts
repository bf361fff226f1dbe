import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../services/store/temporary.ts';
import { listen } from '../../emulators/listen.ts';
import { startChild } from '../../time/child.ts';
import { HeldClock } from '../../time/clock.ts';

const WORKER = fileURLToPath(new URL('lease-worker.ts', import.meta.url));
/** What a lease tells: three writes, and that it is done. */
const TOLD = 4;

describe('processes over one archive folder', () => {
  it('never write at the same time, and go on within seconds whenever one is killed', async () => {
    const folder = await temporaryFolder();
    const clock = new HeldClock();
    const said: { readonly run: string; readonly what: string }[] = [];
    let heard = Promise.withResolvers<undefined>();
    /** When to kill which run, by how often it has spoken: it gets no answer any more. */
    const killing = { run: '', at: 0, kill: (): void => undefined };
    const server = createServer((request, response) => {
      const [, run = '', what = ''] = request.url?.split('/') ?? [];
      said.push({ run, what });
      if (run === killing.run && timesOf(run) === killing.at) killing.kill();
      else response.end();
      heard.resolve(undefined);
      heard = Promise.withResolvers();
    });
    const listening = await listen(server, 0);
    onTestFinished(() => listening.close());
    const start = (run: string) => {
      const { process } = startChild(clock, WORKER, [folder, run, listening.url], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      onTestFinished(() => void process.kill('SIGKILL'));
      return process;
    };
    const timesOf = (run: string, what = /./): number =>
      said.filter((each) => each.run === run && what.test(each.what)).length;

    start('steady');
    for (let kill = 0; kill < 2 * TOLD; kill++) {
      const run = `victim${kill}`;
      const victim = start(run);
      Object.assign(killing, { run, at: TOLD + 1 + kill, kill: () => victim.kill('SIGKILL') });
      await once(victim, 'exit');
      const before = timesOf('steady', /done/);
      const killedAt = clock.now();
      while (timesOf('steady', /done/) < before + 2) await heard.promise;
      expect(clock.now() - killedAt).toBeLessThan(3_000);
    }

    // Whoever is interrupted between its first write and the end of its lease was killed there and never speaks again.
    for (const [n, { run, what }] of said.entries()) {
      const next = said[n + 1];
      if (what !== 'write' || next === undefined || next.run === run) continue;
      expect(run).toMatch(/^victim/);
      expect(said.slice(n + 1).map((each) => each.run)).not.toContain(run);
    }
  });
});
