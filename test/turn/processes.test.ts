import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../archive/temporary.ts';
import { listen } from '../emulators/listen.ts';

const WORKER = fileURLToPath(new URL('turn-worker.ts', import.meta.url));

describe('processes over one archive folder', () => {
  it('never write at the same time, and go on within seconds whenever one is killed', async () => {
    const folder = await temporaryFolder();
    const said: { readonly run: string; readonly what: string }[] = [];
    const server = createServer((request, response) => {
      const [, run = '', what = ''] = request.url?.split('/') ?? [];
      said.push({ run, what });
      response.end();
    });
    const listening = await listen(server, 0);
    onTestFinished(() => listening.close());
    const start = (run: string): ChildProcess => {
      const child = spawn(process.execPath, [WORKER, folder, run, listening.url], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      return child;
    };
    const turnsOf = (run: string): number =>
      said.filter((each) => each.run === run && each.what === 'done').length;

    start('steady');
    for (let kill = 0; kill < 8; kill++) {
      const victim = start(`victim${kill}`);
      while (turnsOf(`victim${kill}`) < 1) await sleep(5);
      await sleep(kill * 7);
      victim.kill('SIGKILL');
      await once(victim, 'exit');
      const before = turnsOf('steady');
      const killedAt = performance.now();
      while (turnsOf('steady') < before + 2) await sleep(5);
      expect(performance.now() - killedAt).toBeLessThan(3_000);
    }

    // Whoever is interrupted between its first write and the end of its turn was killed there and never speaks again.
    for (const [n, { run, what }] of said.entries()) {
      const next = said[n + 1];
      if (what !== 'write' || next === undefined || next.run === run) continue;
      expect(run).toMatch(/^victim/);
      expect(said.slice(n + 1).map((each) => each.run)).not.toContain(run);
    }
  });
});
