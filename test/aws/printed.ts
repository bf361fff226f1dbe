import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { COMPILED } from '../compiled.ts';

/** What a script beside this file prints to standard output, run as a process of its own: the lines, parsed as JSON. */
export async function printedBy(
  script: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly lines: readonly unknown[]; readonly text: string }> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...COMPILED, ...environment };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [path], { env });
  const text = `${stdout}${stderr}`;
  const lines = text.split('\n').filter((line) => line !== '');
  return { lines: lines.map((line): unknown => JSON.parse(line)), text };
}
