import { describe, expect, it } from 'vitest';
import type { GroupMemory } from '../../lambda/core/memory.ts';
import { mergeMemory, readMemory } from '../../lambda/memory-file.ts';
import { memoryOf, rememberMissed } from '../../lambda/run/missed.ts';
import { memoryArchive } from '../turn/memory-archive.ts';

const group = (secodaId: string, via?: string): GroupMemory => ({
  secodaId,
  via,
  oktaIds: ['00g1'],
  asked: 'asked',
  answered: 'answered',
  unsettled: [],
  triedAt: 0,
});

describe('what one deployment remembers', () => {
  it('of an absence is when it was first missed, until it is seen again', async () => {
    const archive = memoryArchive();
    const notes = async () => [...(await memoryOf(archive, 'okta')).unlistedSince];
    await rememberMissed(archive, 'okta', ['00g1'], 5);
    await rememberMissed(archive, 'okta', ['00g1', '00g2'], 9);
    expect(await notes()).toEqual([
      ['00g1', 5],
      ['00g2', 9],
    ]);
    await rememberMissed(archive, 'okta', ['00g2'], 12);
    await rememberMissed(archive, 'okta', ['00g1', '00g2'], 15);
    expect(await notes()).toEqual([
      ['00g1', 15],
      ['00g2', 9],
    ]);
  });

  it('is its own, and what nobody says whose it is', async () => {
    const archive = memoryArchive();
    const remember = [group('ours', 'okta'), group('theirs', 'emea'), group('old')];
    await mergeMemory(archive, { remember, forget: [] });
    await rememberMissed(archive, 'okta', ['00g1'], 5);
    await rememberMissed(archive, 'emea', ['00g2'], 7);
    const { groups, unlistedSince } = await memoryOf(archive, 'okta');
    expect([...groups.keys()]).toEqual(['old', 'ours']);
    expect([...unlistedSince]).toEqual([['00g1', 5]]);
    expect((await readMemory(archive)).groups.size).toBe(3);
  });
});
