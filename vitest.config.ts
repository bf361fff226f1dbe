import { defineConfig } from 'vitest/config';
import { COMPILED } from './test/compiled.ts';
import { SlowestFirst } from './test/slowest-first.ts';

/** Ends what hangs, and nothing else: no test is to fail because a machine is slow, so none asks for another. */
const HANGS_MS = 600_000;

export default defineConfig(({ mode }) => ({
  test: {
    // What needs a browser is a suite of its own: `npm run test:browser`.
    include: [mode === 'browser' ? 'test/**/*.browser.ts' : 'test/**/*.test.ts'],
    globalSetup: ['test/scratch-folder.ts', 'test/artefact/global-setup.ts'],
    setupFiles: ['test/seed.ts'],
    // For the processes that tests start.
    env: COMPILED,
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
    expect: { poll: { timeout: HANGS_MS } },
    // Most tests wait for sockets and clocks; four workers keep two cores busy.
    maxWorkers: 4,
    sequence: { sequencer: SlowestFirst },
    // No file leaves anything behind, so that modules need not be loaded anew for each of them.
    isolate: false,
  },
}));
