import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GroupMemory, NO_MEMORY } from '../../lambda/core/model/memory.ts';
import { folderArchive } from '../../lambda/services/store/folder.ts';
import { memoryOf, mergeMemory, readMemory, rememberSeen } from '../../lambda/archive/state-file.ts';
import { memoryArchive } from './lease/memory-archive.ts';
import { temporaryFolder } from '../services/store/temporary.ts';

const group = (secodaId: string, change: Partial<GroupMemory> = {}): GroupMemory => ({
  secodaId,
  oktaIds: [`00g-${secodaId}`],
  asked: 'asked',
  answered: 'answered',
  unsettled: [{ userId: 'u1', row: 'u1@acme.com invited' }],
  triedAt: 1_800_000_000_000,
  ...change,
});

describe('the memory of runs', () => {
  it('is empty at first, and gives back what was remembered', async () => {
    const archive = memoryArchive();
    expect(await readMemory(archive)).toEqual(NO_MEMORY);
    const unlistedSince = new Map([['00g1', 5]]);
    await mergeMemory(archive, {
      remember: [group('a', { via: 'okta' }), group('__proto__')],
      forget: [],
      unlistedSince,
      doubtedSince: new Map([['00g2', 7]]),
    });
    expect(await readMemory(archive)).toEqual({
      ...NO_MEMORY,
      groups: new Map([
        ['__proto__', group('__proto__')],
        ['a', group('a', { via: 'okta' })],
      ]),
      unlistedSince,
      doubtedSince: new Map([['00g2', 7]]),
      copies: new Map(),
    });
  });

  it('is changed group by group, and what nobody spoke of stays', async () => {
    const archive = memoryArchive();
    const unlistedSince = new Map([['00g1', 5]]);
    await mergeMemory(archive, { remember: [group('a'), group('b'), group('c')], forget: [], unlistedSince });
    await mergeMemory(archive, { remember: [group('b', { answered: 'new' })], forget: ['c', 'unknown'] });
    const memory = await readMemory(archive);
    expect([...memory.groups.values()]).toEqual([group('a'), group('b', { answered: 'new' })]);
    expect(memory.unlistedSince).toEqual(unlistedSince);
    expect(memory.doubtedSince).toEqual(new Map());
    await mergeMemory(archive, { remember: [], forget: [], unlistedSince: new Map() });
    expect((await readMemory(archive)).unlistedSince).toEqual(new Map());
  });

  it('takes a group that was only found where nothing is known of it, or another deployment wrote it', async () => {
    const archive = memoryArchive();
    const known = [group('a', { via: 'okta' }), group('old'), group('theirs', { via: 'emea' })];
    await mergeMemory(archive, { remember: known, forget: [] });
    const found = ['a', 'old', 'theirs', 'new'].map((id) => group(id, { via: 'okta', asked: '' }));
    await mergeMemory(archive, { remember: [], found, forget: [] });
    const { groups } = await readMemory(archive);
    expect([...groups.values()]).toEqual([known[0], found[3], known[1], found[2]]);
  });

  it('keeps copied markers until it is told that they are none any more', async () => {
    const archive = memoryArchive();
    const marker = { oktaIds: ['00g1', '00g2'], via: 'okta' };
    const [one, other] = ['a', 'b'].map((secodaId) => ({ secodaId, marker }));
    if (!one || !other) throw new Error('no notes');
    await mergeMemory(archive, { remember: [], forget: [], copies: [one] });
    await mergeMemory(archive, { remember: [group('c')], forget: [], copies: [other] });
    await mergeMemory(archive, { remember: [], forget: ['a'], copies: [{ secodaId: 'a', marker: null }] });
    expect((await readMemory(archive)).copies).toEqual(new Map([['b', marker]]));
    const text = archive.texts.get('state.json') ?? '';
    archive.texts.set('state.json', text.replace('"copies":[', '"copies":[7,{"secodaId":"d"},'));
    expect((await readMemory(archive)).copies).toEqual(new Map([['b', marker]]));
  });

  it('is the same text whatever the order in which it came about', async () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 8 });
    const alike = async (order: readonly string[]): Promise<void> => {
      const [one, other] = [memoryArchive(), memoryArchive()];
      for (const id of order) await mergeMemory(one, { remember: [group(id)], forget: [] });
      await mergeMemory(other, { remember: order.toReversed().map((id) => group(id)), forget: [] });
      expect(one.texts.get('state.json')).toBe(other.texts.get('state.json'));
      expect([...(await readMemory(one)).groups.keys()].sort()).toEqual([...order].sort());
    };
    await fc.assert(fc.asyncProperty(ids, alike));
  });

  it('loses nothing when many runs add to it at once', async () => {
    const folder = await temporaryFolder();
    const names = Array.from({ length: 12 }, (_, n) => `group ${n}`);
    const runs = names.map((name) =>
      mergeMemory(folderArchive(folder), { remember: [group(name)], forget: [] }),
    );
    await Promise.all(runs);
    const { groups } = await readMemory(folderArchive(folder));
    expect([...groups.keys()].sort()).toEqual(names.sort());
  });

  it('is not written when nothing was learned', async () => {
    const archive = memoryArchive();
    await mergeMemory(archive, { remember: [], forget: [] });
    expect(archive.texts.size).toBe(0);
    await mergeMemory(archive, { remember: [group('a')], forget: [] });
    archive.swap = () => Promise.reject(new Error('written again'));
    await mergeMemory(archive, { remember: [group('a')], forget: ['b'] });
  });

  it.each([
    '',
    '{"version":1,"gro',
    'null',
    '[]',
    '{"version":2,"groups":[],"unlistedSince":[]}',
    '{"version":1,"groups":{}}',
    '<html>',
  ])('is as good as lost when the file holds %j, and is made anew', async (text) => {
    const archive = memoryArchive();
    archive.texts.set('state.json', text);
    expect(await readMemory(archive)).toEqual(NO_MEMORY);
    await mergeMemory(archive, { remember: [group('a')], forget: [] });
    expect((await readMemory(archive)).groups).toEqual(new Map([['a', group('a')]]));
  });

  it('keeps the groups that can be read beside those that cannot', async () => {
    const archive = memoryArchive();
    const broken = [null, 7, {}, { ...group('b'), triedAt: '1' }, { ...group('c'), unsettled: ['u1'] }];
    const file = { version: 1, groups: [...broken, group('a')], unlistedSince: 'wrong' };
    archive.texts.set('state.json', JSON.stringify(file));
    const memory = await readMemory(archive);
    expect(memory).toEqual({ ...NO_MEMORY, groups: new Map([['a', group('a')]]) });
  });

  it('can be read whatever stands in the file', async () => {
    const reads = async (text: string): Promise<void> => {
      const archive = memoryArchive();
      archive.texts.set('state.json', text);
      await readMemory(archive);
      await mergeMemory(archive, { remember: [group('a')], forget: [] });
      expect((await readMemory(archive)).groups.get('a')).toEqual(group('a'));
    };
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string(), fc.json()), reads));
  });

  it('is read once, as long as the file is the same', async () => {
    const archive = memoryArchive();
    await mergeMemory(archive, { remember: [group('a')], forget: [] });
    const memory = await readMemory(archive);
    expect(await readMemory(archive)).toBe(memory);
    await mergeMemory(archive, { remember: [group('b')], forget: [] });
    expect(await readMemory(archive)).not.toEqual(memory);
  });

  it('gives up with its address when others change it for ever', async () => {
    const archive = memoryArchive();
    let swaps = 0;
    archive.swap = () => Promise.resolve((swaps++, null));
    const merging = mergeMemory(archive, { remember: [group('a')], forget: [] });
    await expect(merging).rejects.toThrow('memory/state.json could not be written');
    expect(swaps).toBe(50);
  });
});

describe('what a complete run saw', () => {
  const NOTHING = { missed: [], doubted: [], fighting: [] };

  it('is remembered with the time at which it was seen first, for each deployment apart', async () => {
    const archive = memoryArchive();
    await rememberSeen(archive, 'emea', { missed: ['00g9'], doubted: ['00g8'], fighting: ['s9'] }, 500);
    await rememberSeen(archive, 'okta', { missed: ['00g1'], doubted: ['00g2'], fighting: ['s1'] }, 1_000);
    await rememberSeen(
      archive,
      'okta',
      { missed: ['00g1', '00g3'], doubted: ['00g2'], fighting: ['s1'] },
      2_000,
    );
    expect(await memoryOf(archive, 'okta')).toMatchObject({
      unlistedSince: new Map([
        ['00g1', 1_000],
        ['00g3', 2_000],
      ]),
      doubtedSince: new Map([['00g2', 1_000]]),
      fights: new Map([['s1', 2]]),
    });
    await rememberSeen(archive, 'okta', NOTHING, 3_000);
    const none = { unlistedSince: new Map(), doubtedSince: new Map(), fights: new Map() };
    expect(await memoryOf(archive, 'okta')).toMatchObject(none);
    expect(await memoryOf(archive, 'emea')).toMatchObject({
      unlistedSince: new Map([['00g9', 500]]),
      doubtedSince: new Map([['00g8', 500]]),
      fights: new Map([['s9', 1]]),
    });
  });

  it('names the run that left people out, until one leaves nobody out', async () => {
    const archive = memoryArchive();
    const last = async () => Object.fromEntries((await readMemory(archive)).lastRuns);
    await rememberSeen(archive, 'emea', NOTHING, 0, 'run-e');
    await rememberSeen(archive, 'okta', NOTHING, 0, 'run-1');
    expect(await last()).toEqual({ emea: 'run-e', okta: 'run-1' });
    await rememberSeen(archive, 'okta', NOTHING, 0);
    expect(await last()).toEqual({ emea: 'run-e', okta: 'run-1' });
    await rememberSeen(archive, 'okta', NOTHING, 0, 'run-2');
    expect(await last()).toEqual({ emea: 'run-e', okta: 'run-2' });
    await rememberSeen(archive, 'okta', NOTHING, 0, null);
    expect(await last()).toEqual({ emea: 'run-e' });
  });

  it('is written only where it is news; each run more of a fight is', async () => {
    const archive = memoryArchive();
    const seen = { missed: ['00g1'], doubted: ['00g2'], fighting: [] };
    await rememberSeen(archive, 'okta', seen, 1_000, 'run-1');
    let swaps = 0;
    const counted = {
      ...archive,
      swap: (...given: Parameters<typeof archive.swap>) => (swaps++, archive.swap(...given)),
    };
    await rememberSeen(counted, 'okta', seen, 2_000);
    await rememberSeen(counted, 'okta', seen, 2_000, 'run-1');
    expect(swaps).toBe(0);
    for (const news of [
      { ...seen, missed: [] },
      { ...seen, missed: [], doubted: [] },
      { ...seen, missed: [], doubted: [], fighting: ['s1'] },
      { ...seen, missed: [], doubted: [], fighting: ['s1'] },
      NOTHING,
    ])
      await rememberSeen(counted, 'okta', news, 3_000);
    expect(swaps).toBe(5);
    await rememberSeen(counted, 'okta', NOTHING, 3_000, 'run-2');
    expect(swaps).toBe(6);
  });

  it('of groups, what another deployment wrote is not taken for our own', async () => {
    const archive = memoryArchive();
    const groups = [group('a', { via: 'okta' }), group('b', { via: 'emea' }), group('c')];
    await mergeMemory(archive, { remember: groups, forget: [] });
    expect([...(await memoryOf(archive, 'okta')).groups.keys()]).toEqual(['a', 'c']);
  });
});
