import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { bundle } from '../bench/bundle.ts';
import { synthesis } from './synthesis.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Whether anything is deployed is decided by its hash, and by it anybody can see that what runs is what stands in version control. */
it('a function that is made twice is the same, bit for bit, and says nothing of where it was made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'made-again-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { sync, start } = await synthesis();
  const config = join(folder, 'acme.config.json');
  await cp(join(dirname(sync.bundle), '..', 'acme.config.json'), config);
  for (const [entry, { bundle: made }] of [
    ['handler.ts', sync],
    ['start.ts', start],
  ] as const) {
    const again = join(folder, 'again.mjs');
    await bundle(join(ROOT, 'lambda', entry), again, { alias: { '#sync.config': config } });
    const [first, second] = await Promise.all([made, again].map((file) => readFile(file)));
    expect(second?.equals(first ?? Buffer.of()), entry).toBe(true);
    for (const place of [ROOT, folder, dirname(dirname(made))]) expect(first?.includes(place)).toBe(false);
  }
});
