import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  archiveCheckpoints,
  checkpointStore,
  countInvocation,
  type Shape,
} from '../../lambda/aws/checkpoint-store.ts';
import { memoryCheckpointStore } from '../../lambda/run/workflow.ts';
import { archiveIn } from '../services/store/s3-stand.ts';

const lines: Shape<readonly number[]> = {
  *encode(numbers) {
    for (const each of numbers) yield `${each}\n`;
  },
  decode: (text) => z.array(z.int()).parse(text.split('\n').slice(0, -1).map(Number)),
};

describe('a checkpoint store in the archive', () => {
  it('gives back what was put, also after a repeated step has put something else', async () => {
    const { archive } = await archiveIn();
    const first = await checkpointStore(archive, lines).put('run/slice-1.json', [1, 2]);
    const again = await checkpointStore(archive, lines).put('run/slice-1.json', [3]);
    const kept: unknown = JSON.parse(JSON.stringify(first));
    expect(kept).toEqual(first);
    expect(await checkpointStore(archive, lines).get(first)).toEqual([1, 2]);
    expect(await checkpointStore(archive, lines).get(again)).toEqual([3]);
  });

  it('says what is gone and what to do', async () => {
    const { archive } = await archiveIn();
    const store = checkpointStore(archive, lines);
    const gone = store.get({ key: 'run/slice-1.json', version: 'v9' });
    await expect(gone).rejects.toThrow(
      /^s3:\/\/records\/p\/run\/slice-1\.json \(version v9\) is gone.+new run$/,
    );
    await expect(store.get({ key: 'run/slice-1.json', version: null })).rejects.toThrow('is gone');
  });

  it('does not take another kind of text for its own', async () => {
    const { archive } = await archiveIn();
    const version = await archive.put('run/slice-1.json', 'x\n');
    await expect(checkpointStore(archive, lines).get({ key: 'run/slice-1.json', version })).rejects.toThrow();
  });
});

describe('the checkpoints of a run', () => {
  it('tell a step that was begun before from one that was not', async () => {
    const { archive } = await archiveIn();
    const { isRetry } = archiveCheckpoints(archive, 'a-run');
    expect([await isRetry('slice-1'), await isRetry('slice-1'), await isRetry('slice-2')]).toEqual([
      false,
      true,
      false,
    ]);
    expect(await archiveCheckpoints(archive, 'another').isRetry('slice-1')).toBe(false);
  });

  it('have everybody once, in however many groups they are, and twice where two reads tell of them otherwise', async () => {
    const { archive } = await archiveIn();
    const { members } = archiveCheckpoints(archive, 'a-run');
    const person = (status: string) => ({ id: '00u1', status, email: 'ada@acme.com', login: 'ada' });
    const read = { readAt: 1, doubt: null };
    const lists = new Map([
      ['00g1', { ...read, people: [person('ACTIVE')] }],
      ['00g2', { ...read, people: [person('ACTIVE'), person('SUSPENDED')] }],
      ['00g3', { ...read, people: null }],
    ]);
    const kept = await members.put('members', lists);
    expect(await members.get(kept)).toEqual(lists);
    const text = await archive.get('steps/a-run/members.json', kept.version ?? '');
    expect(text?.split('ada@acme.com')).toHaveLength(1 + 2);
  });
});

describe('invocations of an execution', () => {
  it('may be cut off five times in a row before they do anything, and as often again once something was done', async () => {
    const { archive } = await archiveIn();
    const begin = () => countInvocation(archive, 'an-execution');
    for (let time = 0; time < 4; time += 1) await begin();
    const works = await begin();
    await works();
    await works();
    for (let time = 0; time < 5; time += 1) await begin();
    await expect(begin()).rejects.toThrow(
      /^5 invocations in a row were begun and cut off before they did anything: /,
    );
    await expect(countInvocation(archive, 'another')).resolves.toBeDefined();
  });

  it('count anew from the first thing that is done', async () => {
    const { s3, archive } = await archiveIn();
    for (let time = 0; time < 4; time += 1) await countInvocation(archive, 'an-execution');
    const works = await countInvocation(archive, 'an-execution');
    for (let step = 0; step < 3; step += 1) await works();
    // Five times it began, and once it did something.
    expect([...s3.objects.values()].map((versions) => versions.length)).toEqual([6]);
    await expect(countInvocation(archive, 'an-execution')).resolves.toBeDefined();
  });
});

describe('a checkpoint store in memory', () => {
  it('gives back the very thing that was put', async () => {
    const store = memoryCheckpointStore<Map<string, number>>();
    const content = new Map([['a', 1]]);
    expect(await store.get(await store.put('a', content))).toBe(content);
  });

  it('keeps nothing and undefined apart', async () => {
    const store = memoryCheckpointStore<string | undefined>();
    expect(await store.get(await store.put('a', undefined))).toBeUndefined();
    await expect(store.get({ key: 'b', version: null })).rejects.toThrow('Nothing was kept under b');
  });
});
