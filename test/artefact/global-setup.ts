import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the artefact is made, by the first test that needs it, and found by the others. */
    readonly artefactFolder: string;
  }
}

/** Gives all test files one folder for what is bundled, and removes it in the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'artefact-'));
  project.provide('artefactFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
}
