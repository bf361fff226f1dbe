import { closeSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { drift, smallWorld } from './small-world.ts';
import { type Scenario, scenario } from './scenario.ts';

/** The real command line, whose standard output is a file on a full disk, or a pipe that its reader has closed. */
async function printingTo(
  stand: Scenario,
  output: 'full' | 'closed',
  ...args: string[]
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const full = output === 'full' ? openSync('/dev/full', 'w') : null;
  const child = stand.spawn(args, ['ignore', full ?? 'pipe', 'pipe']);
  if (full !== null) closeSync(full);
  child.stdout?.destroy();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, stderr };
}

async function drifted(): Promise<Scenario> {
  const stand = await scenario();
  drift(stand, smallWorld(stand));
  return stand;
}

async function expectWhole(stand: Scenario): Promise<void> {
  const [run = ''] = (await readdir(stand.runs)).filter((name) => name.startsWith('2'));
  expect(await stand.read(`${run}/report.json`)).toMatchObject({ status: 'applied' });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
}

describe('a run whose output cannot be printed', () => {
  it.each([[[]], [['--json']]])('for want of space goes on to its end, and says so (%j)', async (flags) => {
    const stand = await drifted();
    const { code, stderr } = await printingTo(stand, 'full', 'apply', ...flags);
    expect(code).toBe(1);
    expect(stderr).toMatch(/✗ Failed: not all of it could be printed \(ENOSPC[^\n]*\)\n$/);
    expect(stderr).not.toMatch(/\n\s+at /);
    await expectWhole(stand);
  });

  it('since nobody reads it any more goes on in silence', async () => {
    const stand = await drifted();
    expect(await printingTo(stand, 'closed', 'apply')).toEqual({ code: 0, stderr: '' });
    await expectWhole(stand);
  });
});
