import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../lambda/errors.ts';
import { archiveIn } from './s3-stand.ts';

describe('a versioned archive', () => {
  it('gives back what was put, whatever was put there since', async () => {
    const { archive } = await archiveIn();
    const first = await archive.put('run/slice-1.json', ['one', ' ', 'text']);
    const second = await archive.put('run/slice-1.json', 'another');
    expect(await archive.get('run/slice-1.json', first)).toBe('one text');
    expect(await archive.get('run/slice-1.json', second)).toBe('another');
    expect((await archive.read('run/slice-1.json'))?.text).toBe('another');
  });

  it('has nothing under a version or a key that was never put', async () => {
    const { archive } = await archiveIn();
    const version = await archive.put('a', 'x');
    expect(await archive.get('a', 'v99')).toBeNull();
    expect(await archive.get('b', version)).toBeNull();
  });

  it('says that the bucket has to keep versions', async () => {
    const { archive } = await archiveIn({ unversioned: true });
    await expect(archive.put('a', 'x')).rejects.toThrow(UsageError);
    await expect(archive.put('a', 'x')).rejects.toThrow('The bucket records keeps no versions');
  });

  it('refuses keys that lead out of it', async () => {
    const { archive } = await archiveIn();
    await expect(archive.put('../out', 'x')).rejects.toThrow('Not a key');
    await expect(archive.get('../out', 'v1')).rejects.toThrow('Not a key');
  });
});
