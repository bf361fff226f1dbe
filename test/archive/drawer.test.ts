import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { drawerIn, type Shape } from '../../lambda/edges/archive/drawer.ts';
import { memoryDrawer } from '../../lambda/run/memory-drawer.ts';
import { archiveIn } from './s3-stand.ts';

const lines: Shape<readonly number[]> = {
  *encode(numbers) {
    for (const each of numbers) yield `${each}\n`;
  },
  decode: (text) => z.array(z.int()).parse(text.split('\n').slice(0, -1).map(Number)),
};

describe('a drawer in the archive', () => {
  it('gives back what was put, also after a repeated step has put something else', async () => {
    const { archive } = await archiveIn();
    const first = await drawerIn(archive, lines).put('run/slice-1.json', [1, 2]);
    const again = await drawerIn(archive, lines).put('run/slice-1.json', [3]);
    const kept: unknown = JSON.parse(JSON.stringify(first));
    expect(kept).toEqual(first);
    expect(await drawerIn(archive, lines).get(first)).toEqual([1, 2]);
    expect(await drawerIn(archive, lines).get(again)).toEqual([3]);
  });

  it('says what is gone and what to do', async () => {
    const { archive } = await archiveIn();
    const drawer = drawerIn(archive, lines);
    const gone = drawer.get({ key: 'run/slice-1.json', version: 'v9' });
    await expect(gone).rejects.toThrow(
      /^s3:\/\/records\/p\/run\/slice-1\.json \(version v9\) is gone.+new run$/,
    );
    await expect(drawer.get({ key: 'run/slice-1.json', version: null })).rejects.toThrow('is gone');
  });

  it('does not take another kind of text for its own', async () => {
    const { archive } = await archiveIn();
    const version = await archive.put('run/slice-1.json', 'x\n');
    await expect(drawerIn(archive, lines).get({ key: 'run/slice-1.json', version })).rejects.toThrow();
  });
});

describe('a drawer in memory', () => {
  it('gives back the very thing that was put', async () => {
    const drawer = memoryDrawer<Map<string, number>>();
    const content = new Map([['a', 1]]);
    expect(await drawer.get(await drawer.put('a', content))).toBe(content);
  });

  it('keeps nothing and undefined apart', async () => {
    const drawer = memoryDrawer<string | undefined>();
    expect(await drawer.get(await drawer.put('a', undefined))).toBeUndefined();
    await expect(drawer.get({ key: 'b', version: null })).rejects.toThrow('Nothing was kept under b');
  });
});
