import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { VersionedArchive } from '../../lambda/ports.ts';
import { applyInSteps } from './killed-steps.ts';
import { scenario } from './scenario.ts';

/** An archive that fails from the moment on that `fails` says so. */
function failing(archive: VersionedArchive, fails: (verb: string, key: string) => boolean): VersionedArchive {
  const unless = async <T>(verb: string, key: string, work: () => Promise<T>): Promise<T> => {
    if (fails(verb, key)) throw new Error(`${verb} ${key}: S3 answered 503 (SlowDown)`);
    return work();
  };
  return {
    ...archive,
    read: (key) => unless('GET', key, () => archive.read(key)),
    swap: (key, text, tag) => unless('SWAP', key, () => archive.swap(key, text, tag)),
    put: (key, text) => unless('PUT', key, () => archive.put(key, text)),
  };
}

it('a folder that takes no record of a refused plan is no mistake of usage, since both sides were read', async () => {
  const stand = await scenario({ config: { guard: { minimumGroups: 5 } } });
  stand.okta.state.addGroup({ name: 'Only' });
  await mkdir(stand.runs);
  await writeFile(join(stand.runs, 'refused'), 'a file where a folder belongs');
  const done = await stand.report('apply');
  expect(done).toMatchObject({ code: 1, status: 'failed' });
  expect(done.error).toContain('part of the path is a file');
  expect((await stand.sync('apply')).stderr).toMatch(/^✗ Failed: .*part of the path is a file.*\n$/);
  expect(stand.secoda.state.writes).toEqual([]);
});

describe('an archive that fails in the middle of a run', () => {
  it.each([
    ['where the next lease is asked for', 'GET', 'turn.json'],
    ['where the outcomes are kept', 'PUT', 'slice-1-written'],
    ['where it is remembered what was asked', 'SWAP', 'state.json'],
  ])('leaves nothing untold of what was written: %s', async (_, verb, key) => {
    const stand = await scenario();
    for (let n = 0; n < 31; n++) stand.okta.state.addGroup({ name: `Group ${n}` });
    const { reports, failure } = await applyInSteps(stand, (_killing, archive) => ({
      archive: failing(
        archive,
        (how, where) => how === verb && where.includes(key) && stand.secoda.state.writes.length >= 30,
      ),
    }));
    expect(failure?.message).toContain('S3 answered 503 (SlowDown)');
    expect(stand.secoda.state.writes).toHaveLength(30);
    const [report] = reports;
    expect(report).toMatchObject({ status: 'partial', error: failure?.message });
    const outcomes = Object.groupBy(report?.changes ?? [], ({ outcome }) => outcome ?? 'none');
    expect(outcomes.applied).toHaveLength(30);
    expect(outcomes['not-attempted']).toHaveLength(1);
  });
});
