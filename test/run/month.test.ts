import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overAt } from '../../lambda/archive/run-index.ts';
import { runHistory } from '../../lambda/commands/history.ts';
import type { Archive } from '../../lambda/ports.ts';
import { folderArchive } from '../../lambda/services/store/folder.ts';
import { INVOKED } from './deployment.ts';
import { month } from './month.ts';

/** An archive that counts what is read of it. */
function counted(archive: Archive) {
  const counts = { reads: 0 };
  const one = <T>(answer: T): T => {
    counts.reads += 1;
    return answer;
  };
  return {
    ...archive,
    counts,
    read: (key: string) => one(archive.read(key)),
    folders: (after: string) => one(archive.folders(after)),
    names: (folder: string, after: string) => one(archive.names(folder, after)),
  };
}

/** Without what differs from one month to the other: ends of ids, and hashes. */
function masked(text: string): string {
  return text
    .replaceAll(/(\d{8}T\d{6}Z)-[0-9a-f]+/g, '$1')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'HASH')
    .replaceAll(/\b[0-9a-f]{16}\b/g, 'DIGEST')
    .replaceAll(/(?:entry|Entries 1 to) \d+/g, 'entries');
}

describe('after a month of nights and events, kills, refusals and an approval, one command answers', () => {
  let stand: Awaited<ReturnType<typeof month>>;
  let end: () => Promise<void>;
  beforeAll(async () => {
    stand = await month({ atEnd: (close) => (end = close) });
  });
  afterAll(() => end());

  /** Lines of an answer, each with what lies between columns made one blank. */
  async function answer(...args: string[]): Promise<readonly string[]> {
    const { code, stdout, stderr } = await stand.sync(...args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ {2,}/g, ' '));
  }

  it('who lost access on a Tuesday, and why', async () => {
    const lines = await answer('history', '--group', '*', '--since', '2026-01-27');
    const ofTuesday = lines.filter((line) => line.startsWith('2026-01-27') && line.includes('− revoked'));
    expect(ofTuesday.at(-1)).toMatch(
      /^2026-01-27 02:00 − revoked imani@acme\.com Finance deactivated in Okta run 20260127T020000Z-[0-9a-f]+$/,
    );
    expect(ofTuesday.slice(0, -1).every((line) => line.includes('not in the Okta group'))).toBe(true);
    expect(ofTuesday.length).toBeGreaterThan(1);
  });

  it('why somebody is not in a group', async () => {
    expect(await answer('explain', 'ada@acme.com', '--group', 'Analytics')).toEqual([
      'ada@acme.com → Analytics: not a member',
      expect.stringMatching(/^ ✓ okta 00u\w+ DEPROVISIONED$/),
      ' ✗ status the status DEPROVISIONED gives no access',
      ' → if they should have access, activate them in Okta',
    ]);
  });

  it('who approved a deletion', async () => {
    const [line] = await answer('history', '--group', 'Legacy');
    expect(line).toMatch(
      /^2026-01-16 09:00 − revoked p\d@acme\.com Legacy their Okta group is gone run \S+ asked for by dana@acme\.com; approved by dana@acme\.com \([0-9a-f]{16}\)$/,
    );
    expect(await answer('show', stand.told.approved)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ asked for by invoke: dana@acme\.com; approves [0-9a-f]{16}; “CHG-1234”$/),
        ` request id ${INVOKED.awsRequestId} (CloudTrail knows by it who that was)`,
        '- delete Legacy applied',
      ]),
    );
  });

  it('what a run did that was killed after four of six writes', async () => {
    const lines = await answer('show', stand.told.killed);
    expect(lines[0]).toMatch(/ apply: interrupted$/);
    const outcomes = lines.flatMap((line) => /^~ update \S+ (.+)$/.exec(line)?.[1] ?? []);
    expect(outcomes.toSorted()).toEqual([
      ...Array<string>(4).fill('applied'),
      ...Array<string>(2).fill('not-attempted'),
    ]);
  });

  it('since when somebody is unmatched', async () => {
    expect(await answer('history', '--unmatched')).toContain(
      'bob@acme.com since 2026-01-09, 21 runs no account in Secoda in Data',
    );
  });

  it('which runs were refused', async () => {
    const lines = await answer('history', '--status', 'refused', '--since', '30d');
    expect(lines).toEqual(
      stand.told.refused
        .toReversed()
        .map((runId) => expect.stringContaining(` ${runId} apply refused `) as unknown),
    );
  });

  it('who was in a group on a day', async () => {
    const lines = await answer('show', '20260103T0200', '--group', 'Finance', '--members', '--json');
    const { members } = JSON.parse(lines.join('')) as { readonly members: readonly string[] };
    expect(members).toEqual(['imani', 'p0', 'p1', 'p2', 'p3', 'p4', 'p5'].map((name) => `${name}@acme.com`));
  });

  it('what a person with an alias was given, under either address', async () => {
    const lines = await answer('history', 'eve@acme.com');
    expect(lines).toEqual([
      expect.stringMatching(/^2026-01-20 02:00 \+ granted eve\.long@acme\.io Marketing /),
    ]);
    expect(await answer('history', 'eve.long@acme.io')).toEqual(lines);
  });

  it('what docs/audit.md says that it answers', async () => {
    const page = await readFile(new URL('../../docs/audit.md', import.meta.url), 'utf8');
    const blocks = [...page.matchAll(/```text\n\$ npm run sync -- (.+)\n([^`]+)```/g)];
    expect(blocks.length).toBeGreaterThan(8);
    for (const [, line = '', shown = ''] of blocks) {
      const args = line.split(' ').map((word) => word.replaceAll("'", ''));
      const { stdout } = await stand.sync(...args);
      const printed = masked(stdout).split('\n');
      for (const each of masked(shown).trimEnd().split('\n')) {
        const [begins = '', leftOut] = each.split('[…]');
        const found = printed.some((one) => (leftOut === undefined ? one === each : one.startsWith(begins)));
        expect(found, `${line} prints no “${each}”:\n${stdout}`).toBe(true);
      }
    }
  });

  it('which runs there were, with at most 20 reads of the archive', async () => {
    const archive = counted(folderArchive(stand.runs));
    const isOver = overAt(stand.clock.now(), () => true);
    expect(await runHistory(archive, { since: null, isOver }, null)).toHaveLength(50);
    expect(archive.counts.reads).toBeLessThanOrEqual(20);
  });

  it('whether anything was altered since', async () => {
    const whole = await answer('history', '--verify');
    expect(whole[0]).toMatch(/^Entries 1 to \d+ are whole, and so are the plans and reports they name\.$/);
    const file = join(stand.runs, stand.told.approved, 'report.json');
    const report = await readFile(file, 'utf8');
    await writeFile(file, report.replaceAll('dana', 'eve'));
    const { code, stdout } = await stand.sync('history', '--verify');
    expect(code).toBe(1);
    expect(stdout).toContain(`✗ ${stand.told.approved}/report.json is not what it was when its run ended`);
    await writeFile(file, report);
  });
});
