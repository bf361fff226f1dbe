import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/artefact/global-setup.ts'],
    setupFiles: ['test/seed.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Most tests wait for sockets and clocks; four workers keep two cores busy.
    maxWorkers: 4,
    // No file leaves anything behind, so that modules need not be loaded anew for each of them.
    isolate: false,
  },
});
