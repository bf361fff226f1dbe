import { describe, expect, it } from 'vitest';
import type { GroupMemory } from '../../lambda/core/model/memory.ts';
import { memoryOf, mergeMemory, readMemory, rememberSeen } from '../../lambda/archive/state-file.ts';
import { memoryArchive } from './lease/memory-archive.ts';

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
    await rememberSeen(archive, 'okta', { missed: ['00g1'], doubted: [], fighting: [] }, 5);
    await rememberSeen(archive, 'okta', { missed: ['00g1', '00g2'], doubted: [], fighting: [] }, 9);
    expect(await notes()).toEqual([
      ['00g1', 5],
      ['00g2', 9],
    ]);
    await rememberSeen(archive, 'okta', { missed: ['00g2'], doubted: [], fighting: [] }, 12);
    await rememberSeen(archive, 'okta', { missed: ['00g1', '00g2'], doubted: [], fighting: [] }, 15);
    expect(await notes()).toEqual([
      ['00g1', 15],
      ['00g2', 9],
    ]);
  });

  it('of a doubted list is when it was first doubted, beside what was missed', async () => {
    const archive = memoryArchive();
    const seen = async (doubted: string[], now: number) => {
      await rememberSeen(archive, 'okta', { missed: ['00g3'], doubted, fighting: [] }, now);
      const { doubtedSince, unlistedSince } = await memoryOf(archive, 'okta');
      return [...doubtedSince, ...unlistedSince].map(([id, since]) => `${id} ${since}`).join(', ');
    };
    expect(await seen(['00g1'], 5)).toBe('00g1 5, 00g3 5');
    await rememberSeen(archive, 'emea', { missed: [], doubted: ['00g1'], fighting: [] }, 7);
    expect(await seen(['00g1', '00g2'], 9)).toBe('00g1 5, 00g2 9, 00g3 5');
    expect(await seen([], 12)).toBe('00g3 5');
    expect([...(await memoryOf(archive, 'emea')).doubtedSince]).toEqual([['00g1', 7]]);
  });

  it('is its own, and what nobody says whose it is', async () => {
    const archive = memoryArchive();
    const remember = [group('ours', 'okta'), group('theirs', 'emea'), group('old')];
    await mergeMemory(archive, { remember, forget: [] });
    await rememberSeen(archive, 'okta', { missed: ['00g1'], doubted: [], fighting: [] }, 5);
    await rememberSeen(archive, 'emea', { missed: ['00g2'], doubted: [], fighting: [] }, 7);
    const { groups, unlistedSince } = await memoryOf(archive, 'okta');
    expect([...groups.keys()]).toEqual(['old', 'ours']);
    expect([...unlistedSince]).toEqual([['00g1', 5]]);
    expect((await readMemory(archive)).groups.size).toBe(3);
  });

  it('of fights is how many runs in a row found one, for each deployment by itself', async () => {
    const archive = memoryArchive();
    const seen = async (name: string, ...fighting: string[]) => {
      await rememberSeen(archive, name, { missed: [], doubted: [], fighting }, 5);
      return Object.fromEntries((await memoryOf(archive, name)).fights);
    };
    expect(await seen('okta', 'a', 'b')).toEqual({ a: 1, b: 1 });
    expect(await seen('emea', 'a')).toEqual({ a: 1 });
    expect(await seen('okta', 'a')).toEqual({ a: 2 });
    expect(await seen('okta', 'a', 'b')).toEqual({ a: 3, b: 1 });
    expect(await seen('okta')).toEqual({});
    expect(await seen('emea', 'a')).toEqual({ a: 2 });
  });
});
