import { describe, expect, it } from 'vitest';
import { readsOf } from '../../lambda/core/model/reads.ts';
import { loadReads, type ReadsOwner, saveReads } from '../../lambda/archive/kept-reads.ts';
import { NOW, oktaGroup, person } from '../core/world.ts';
import { memoryArchive } from './lease/memory-archive.ts';

const owner: ReadsOwner = {
  name: 'okta',
  org: 'https://acme.okta.com',
};
const people = [person('ada@acme.com'), person(null), person('bob@acme.com', 'DEPROVISIONED', 'bob')];
const reads = readsOf(
  NOW,
  0,
  [oktaGroup('00g1', 'A')],
  new Map([['00g1', { readAt: NOW, people, doubt: null }]]),
);

describe('the record of reads', () => {
  it('gives back what was saved', async () => {
    const archive = memoryArchive();
    expect(await loadReads(archive, owner)).toBe(null);
    await saveReads(archive, owner, reads);
    expect(await loadReads(archive, owner)).toEqual(reads);
  });

  it('holds more people than are joined at once', async () => {
    const archive = memoryArchive();
    const crowd = Array.from({ length: 2_001 }, (_, n) => person(`p${n}@acme.com`));
    const memberships = new Map([['00g1', { readAt: NOW, people: crowd, doubt: null }]]);
    const many = readsOf(NOW, 0, [oktaGroup('00g1', 'A')], memberships);
    await saveReads(archive, owner, many);
    expect((await loadReads(archive, owner))?.people).toHaveLength(2_001);
    expect(await loadReads(archive, owner)).toEqual(many);
  });

  it('is one for each deployment', async () => {
    const archive = memoryArchive();
    await saveReads(archive, owner, reads);
    expect(await loadReads(archive, { ...owner, name: 'second' })).toBe(null);
    await saveReads(archive, { ...owner, name: 'second' }, { ...reads, asOf: 1 });
    expect((await loadReads(archive, owner))?.asOf).toBe(NOW);
  });

  it.each<[string, (text: string) => string]>([
    ['of another org', (text) => text.replace('acme.okta', 'other.okta')],
    ['of another version', (text) => text.replace('"version":1', '"version":2')],
    ['with one letter changed', (text) => text.replace('"bob"', '"bop"')],
    ['that is cut off', (text) => text.slice(0, -1)],
    ['without its first line', (text) => text.slice(text.indexOf('\n') + 1)],
    ['that is its first line alone', (text) => text.slice(0, text.indexOf('\n'))],
    ['that is empty', () => ''],
    ['that is a page', () => '<html>'],
  ])('%s is as good as lost', async (_, spoil) => {
    const archive = memoryArchive();
    await saveReads(archive, owner, reads);
    const [key, text] = [...archive.texts][0] ?? ['', ''];
    archive.texts.set(key, spoil(text));
    expect(await loadReads(archive, owner)).toBe(null);
  });
});
