import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { CONTEXT } from './stage.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Synthesis {
  readonly code: number | null;
  readonly stderr: string;
  readonly folder: string;
}

/** Runs the app as the CDK's command line does, without the bundling. */
export function synthesise(context: Readonly<Record<string, unknown>>): Promise<Synthesis> {
  const folder = temporaryFolder();
  const env = {
    ...process.env,
    CDK_OUTDIR: folder,
    CDK_CONTEXT_JSON: JSON.stringify({ ...CONTEXT, ...context }),
    OKTA_ORG_URL: 'https://of-whoever-deploys.okta.com',
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['infra/app.ts'],
      { cwd: ROOT, env },
      (_error, _stdout, stderr) => resolve({ code: child.exitCode, stderr, folder }),
    );
  });
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'okta-secoda-synth-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

export function configFile(content: unknown): string {
  const path = join(temporaryFolder(), 'sync.config.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}
