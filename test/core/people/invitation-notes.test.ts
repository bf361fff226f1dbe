import { describe, expect, it } from 'vitest';
import {
  compareNotes,
  invitedBefore,
  TELLING_MS,
  UNSURE_MS,
} from '../../../lambda/core/people/invitation-notes.ts';
import type { WorkspaceUser } from '../../../lambda/core/model/workspace.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

const accepted = (name: string, age = 20 * MINUTE) => ({
  email: `${name}@acme.com`,
  at: NOW - age,
  sure: true,
});
const lost = (name: string, age = 20 * MINUTE) => ({ ...accepted(name, age), sure: false });
const row = (name: string, active: boolean | null): WorkspaceUser => ({
  id: `${name} ${active}`,
  email: `${name[0]?.toUpperCase()}${name.slice(1)}@Acme.com`,
  active,
});

/** Who is left, with `?` behind those of whom nobody knows; and whether the list is known to show invited people. */
function left(
  people: Parameters<typeof compareNotes>[0]['people'],
  users: readonly WorkspaceUser[],
  listShows = false,
) {
  const notes = compareNotes({ people, listShows }, users, NOW);
  const names = [...invitedBefore(notes)].map(([email, { sure }]) => email.slice(0, -9) + (sure ? '' : '?'));
  return [names.join(' '), notes.listShows];
}

describe('a users list', () => {
  it.each([
    ['that shows somebody signed in ends their note, and says nothing of others', true, '', false],
    ['that shows somebody invited is known to show such people', false, 'ada', true],
    ['that does not say whether they signed in keeps the note, and proves nothing', null, 'ada', false],
  ] as const)('%s', (_, active, names, listShows) => {
    expect(left([accepted('ada')], [row('ada', active)])).toEqual([names, listShows]);
    expect(left([lost('ada')], [row('ada', active)])).toEqual([names, listShows]);
  });

  it('that shows several accounts of one address takes the one that signed in', () => {
    expect(left([accepted('ada')], [row('ada', true), row('ada', false)])).toEqual(['', false]);
    expect(left([accepted('ada')], [row('ada', false), row('ada', true)])).toEqual(['', false]);
  });

  it('that shows somebody inactive long after their invitation may show one who was switched off', () => {
    expect(left([accepted('ada', 60 * MINUTE)], [row('ada', false)])).toEqual(['ada', true]);
    expect(left([accepted('ada', 61 * MINUTE)], [row('ada', false)])).toEqual(['ada', false]);
  });

  it('that misses somebody whose invitation was accepted hides such people, whatever was seen before or of others', () => {
    expect(left([accepted('ada')], [], true)).toEqual(['ada', false]);
    expect(left([accepted('ada'), accepted('bob')], [row('bob', false)], true)).toEqual(['ada bob', false]);
  });

  it('may be late by ten minutes', () => {
    expect(left([accepted('ada', UNSURE_MS - 1)], [], true)).toEqual(['ada', true]);
    expect(left([accepted('ada', UNSURE_MS)], [], true)).toEqual(['ada', false]);
  });

  it('was read before whatever is noted later, and says nothing of it', () => {
    expect(left([accepted('ada', -MINUTE), lost('bob')], [], true)).toEqual(['ada', true]);
  });
});

describe('somebody whose invitation was not answered and whom no list shows', () => {
  it('is free after ten minutes where the list shows invited people', () => {
    expect(left([lost('ada', UNSURE_MS - 1)], [], true)).toEqual(['ada?', true]);
    expect(left([lost('ada', UNSURE_MS)], [], true)).toEqual(['', true]);
  });

  it('is free as soon as a list shows somebody else who was invited', () => {
    expect(left([lost('ada'), accepted('bob')], [row('bob', false)])).toEqual(['bob', true]);
    expect(left([lost('ada'), lost('bob')], [row('bob', false)])).toEqual(['bob', true]);
  });

  it('is held where nothing is known of the list, or where it hides somebody, if only since a moment', () => {
    expect(left([lost('ada')], [])).toEqual(['ada?', false]);
    expect(left([lost('ada'), accepted('bob')], [], true)).toEqual(['ada? bob', false]);
    expect(left([lost('ada'), accepted('bob', 1)], [], true)).toEqual(['ada? bob', true]);
  });

  it('is held for good, as is somebody who was invited', () => {
    const both = [lost('ada', 100 * TELLING_MS), accepted('bob', 100 * TELLING_MS)];
    expect(left(both, [])).toEqual(['ada? bob', false]);
  });

  it('is not held because an invitation of long ago, taken back since, is not listed', () => {
    const both = (age: number) => left([lost('ada'), accepted('bob', age)], [], true);
    expect(both(TELLING_MS - 1)).toEqual(['ada? bob', false]);
    expect(both(TELLING_MS)).toEqual(['bob', true]);
  });
});
