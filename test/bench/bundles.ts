import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { bundle } from '../../infra/bundler.ts';
import { bytesIn } from './big-world.ts';
import { type Figure, figureOf } from './figures.ts';

export interface Bundle {
  readonly name: string;
  /** Of all its files together. */
  readonly bytes: number;
  /** To load it in a new process, without the start of Node itself. */
  readonly startMs: Figure;
}

const FUNCTIONS = {
  Sync: 'lambda/handler.ts',
  Start: 'lambda/start.ts',
  'one that does nothing': 'test/bench/nothing.ts',
};

/** Bundles the two functions as the stack does, and one that does nothing, and loads each several times. */
export async function measureBundles(times: number): Promise<readonly Bundle[]> {
  const folder = await mkdtemp(join(tmpdir(), 'okta-secoda-sync-bundles-'));
  try {
    const config = join(folder, 'sync.config.json');
    await writeFile(config, '{}');
    const bundles: Bundle[] = [];
    for (const [name, file] of Object.entries(FUNCTIONS)) {
      const entry = fileURLToPath(new URL(`../../${file}`, import.meta.url));
      const made = join(folder, name);
      await bundle(entry, made, config);
      const starts: number[] = [];
      for (let n = 0; n < times; n += 1) starts.push(await startMs(join(made, 'index.mjs')));
      bundles.push({ name, bytes: await bytesIn(made), startMs: figureOf(starts) });
    }
    return bundles;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function startMs(file: string): Promise<number> {
  const url = JSON.stringify(pathToFileURL(file).href);
  const code = `const t = performance.now(); await import(${url}); process.stdout.write(String(performance.now() - t), () => process.exit());`;
  const args = ['--input-type=module', '--eval', code];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}
