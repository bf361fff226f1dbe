import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Membership } from '../../../lambda/core/model/directory.ts';
import { packList, peopleIn, readsOf, unpackList, withPeople } from '../../../lambda/core/model/reads.ts';
import { NOW, oktaGroup, person } from '../world.ts';

const ascending = fc.uniqueArray(fc.nat()).map((numbers) => numbers.sort((a, b) => a - b));

describe('a packed list', () => {
  it('holds what was packed', () => {
    fc.assert(
      fc.property(ascending, (numbers) => {
        expect(unpackList(packList(numbers))).toEqual(numbers);
      }),
    );
  });

  it('takes two letters for each of 400 people of 100,000', () => {
    const places = Array.from({ length: 400 }, (_, n) => n * 250);
    expect(packList(places)).toHaveLength(800 - 1);
  });

  it.each(['!', 'A-', 'g', 'Ag', '=='])('of other making than ours (%j) is none', (text) => {
    expect(unpackList(text)).toBe(null);
  });
});

const ada = person('ada@acme.com');
const bob = person('bob@acme.com');
const read = (people: Membership['people'], change: Partial<Membership> = {}): Membership => ({
  readAt: NOW,
  people,
  doubt: null,
  ...change,
});
const groups = ['g1', 'g2', 'g3', 'g4', 'g5'].map((id) => ({ ...oktaGroup(id, id), usersCount: 1 }));

describe('what was read', () => {
  const memberships = new Map([
    ['g1', read([bob, ada])],
    ['g2', read([ada, ada])],
    ['g3', read([ada], { doubt: 'Okta counts more' })],
    ['g4', read(null)],
    ['g5', read([bob])],
  ]);
  const reads = readsOf(NOW + 5_000, 5_000, groups, memberships);
  const peopleOf = (id: string, from = reads) => {
    const list = from.lists.get(id);
    return list && peopleIn(from, list);
  };

  it('is remembered by Okta’s clock, with its people once', () => {
    expect(reads.people).toEqual([ada, bob]);
    expect(reads.lists.get('g1')).toMatchObject({ readAt: NOW + 5_000, usersCount: 1 });
    expect([peopleOf('g1'), peopleOf('g2'), peopleOf('g5')]).toEqual([[ada, bob], [ada], [bob]]);
  });

  it('is not remembered of a group that vanished, is doubted or was not read', () => {
    expect([...reads.lists.keys()]).toEqual(['g1', 'g2', 'g5']);
  });

  it('shows people as they are by now, and no others', () => {
    const gone = { ...ada, status: 'DEPROVISIONED' };
    const patched = withPeople(reads, [gone, person('new@acme.com')]);
    expect(peopleOf('g1', patched)).toEqual([gone, bob]);
    expect(patched.people).toHaveLength(2);
  });

  it('of somebody who changed in between is what was read last', () => {
    const later = { ...ada, status: 'SUSPENDED' };
    for (const order of [
      ['g1', 'g2'],
      ['g2', 'g1'],
    ]) {
      const both = new Map([
        ['g1', read([ada])],
        ['g2', read([later], { readAt: NOW + 1 })],
      ]);
      const ordered = new Map(
        order.flatMap((id) => {
          const found = both.get(id);
          return found ? [[id, found] as const] : [];
        }),
      );
      expect(readsOf(NOW, 0, groups, ordered).people).toEqual([later]);
    }
  });

  it('cannot be made out when the list names people whom the table lacks', () => {
    expect(peopleOf('g1', { ...reads, people: [ada] })).toBe(null);
  });
});
