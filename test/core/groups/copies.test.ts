import { describe, expect, it } from 'vitest';
import type { Memory } from '../../../lambda/core/model/memory.ts';
import { at, briefs, handMade, managed, planOf, remembered, users, type World } from '../world.ts';

const marker = { oktaIds: ['g1'], via: 'okta' };
const copied: Partial<Memory> = { copies: new Map([['copy', marker]]) };
const real = managed('real', 'Data', ['g1'], ['u1']);
const copy = managed('copy', 'Copy', ['g1'], ['u2']);
const okta = [{ id: 'g1', name: 'Data', people: [at('u1')] }];
const gone = { okta: [], unlisted: new Map([['g1', null]]) };
const world: World = { okta, users: users('u1', 'u2'), groups: [real, copy] };
const found = (...notes: (typeof marker | null)[]) =>
  notes.map((each) => ({ secodaId: 'copy', marker: each }));

describe('a copied marker', () => {
  it.each<[string, World, string[]]>([
    ['keeps its group from being deleted with the real one', { ...world, ...gone }, ['delete real Data -u1']],
    ['keeps its group when the real one is gone', { ...world, ...gone, groups: [copy] }, []],
    [
      'does not make its group take the place of the real one that somebody deleted',
      { ...world, groups: [copy] },
      ['create new Data +u1'],
    ],
    [
      'counts for nothing once its line was deleted and the group was made ours',
      { ...world, groups: [copy], memory: { ...copied, ...remembered(['copy', ['g1']]) } },
      ['update copy Data (was Copy) +u1 -u2'],
    ],
    [
      'counts for nothing when the group bears another marker by now',
      { ...world, ...gone, groups: [managed('copy', 'Copy', ['g2'])], unlisted: new Map([['g2', null]]) },
      ['delete copy Copy'],
    ],
    [
      'of another deployment says nothing of ours',
      { ...world, groups: [copy], memory: { copies: new Map([['copy', { ...marker, via: 'emea' }]]) } },
      ['update copy Data (was Copy) +u1 -u2'],
    ],
    [
      'is left alone beside a group that a killed run made anew',
      { ...world, groups: [managed('new', 'Data', ['g1']), copy] },
      ['update new Data +u1'],
    ],
  ])('%s', (_, input, expected) => {
    expect(briefs(planOf({ memory: copied, ...input }))).toEqual(expected);
  });

  it('is one from the first time that it is seen beside the group memory knows', () => {
    const plan = planOf({ ...world, memory: remembered(['real', ['g1']]) });
    expect(plan.copies).toEqual(found(marker));
    expect(planOf({ ...world, memory: { ...remembered(['real', ['g1']]), ...copied } }).copies).toEqual([]);
  });

  it('is seen when other groups are the target, too', () => {
    expect(planOf({ ...world, targets: ['g9'], memory: remembered(['real', ['g1']]) }).copies).toEqual(
      found(marker),
    );
  });

  it.each<[string, readonly ReturnType<typeof managed>[]]>([
    ['its group is gone', [real]],
    ['its line was deleted', [real, handMade('copy', 'Copy')]],
    ['its group bears another marker', [real, managed('copy', 'Copy', ['g2'])]],
  ])('is forgotten when %s', (_, groups) => {
    expect(planOf({ ...world, groups, memory: copied }).copies).toEqual(found(null));
  });

  it('is not forgotten by another deployment', () => {
    const memory = { copies: new Map([['elsewhere', { ...marker, via: 'emea' }]]) };
    expect(planOf({ ...world, groups: [real], memory }).copies).toEqual([]);
  });

  it('of two groups that memory does not know is decided by nobody', () => {
    const plan = planOf(world);
    expect([plan.changes, plan.copies]).toEqual([[], []]);
    expect(plan.skipped[0]?.reason).toContain('2 Secoda groups have the same marker');
  });

  it('is none, whatever else names the same Okta group, while the group that memory knows is being mapped anew', () => {
    const memory = remembered(['real', ['g1', 'g2']]);
    const part = managed('part', 'Part', ['g2']);
    const both = [...okta, { id: 'g2', name: 'Part', people: [at('u2')] }];
    const groups = [managed('real', 'Data', ['g1', 'g2'], ['u1', 'u2']), part];
    const plan = planOf({ ...world, okta: both, groups, memory });
    expect(briefs(plan)).toEqual(['update part Part +u2', 'update real Data -u2']);
    expect([plan.copies, plan.skipped]).toEqual([[], []]);
  });

  it('is none where the group that memory knows was mapped anew since', () => {
    const groups = [managed('real', 'Data', ['g1', 'g2'], ['u1']), managed('left', 'Left', ['g2'], ['u2'])];
    const mapping = { map: new Map(['g1', 'g2'].map((id) => [id, 'Data'])) };
    const both = [...okta, { id: 'g2', name: 'Left' }];
    const plan = planOf({ ...world, okta: both, mapping, groups, memory: remembered(['real', ['g1']]) });
    expect([briefs(plan), plan.copies]).toEqual([['delete left Left -u2'], []]);
  });

  it('that was edited is noted by the very plan that deletes the group it was copied from', () => {
    const edited = { oktaIds: ['g1', 'g2'], via: 'okta' };
    const unlisted = new Map(edited.oktaIds.map((id) => [id, null]));
    const groups = [real, managed('copy', 'Copy', edited.oktaIds, ['u2'])];
    const plan = planOf({ ...world, okta: [], unlisted, groups, memory: remembered(['real', ['g1']]) });
    expect([briefs(plan), plan.copies]).toEqual([['delete real Data -u1'], found(edited)]);
  });

  it('is one of what a group mirrors now, not of what it mirrored when it was remembered', () => {
    const groups = [managed('old', 'Old', ['g2']), managed('new', 'Data', ['g1'])];
    const both = [...okta, { id: 'g2', name: 'Old' }];
    const plan = planOf({ ...world, okta: both, groups, memory: remembered(['old', ['g1']]) });
    expect([briefs(plan), plan.copies]).toEqual([['update new Data +u1'], []]);
  });

  it('of groups that nobody maps any more is told by its Okta id where nothing else names it', () => {
    expect(planOf({ ...world, ...gone }).skipped).toMatchObject([{ group: 'g1', oktaIds: ['g1'] }]);
  });

  it('is not what another deployment mirrors that shares our memory', () => {
    const theirs = managed('theirs', 'Theirs', ['g1'], [], 'emea');
    const groups = [managed('ours', 'Data', ['g1']), theirs];
    const plan = planOf({ ...world, groups, memory: remembered(['theirs', ['g1']]) });
    expect([briefs(plan), plan.skipped]).toEqual([['update ours Data +u1'], []]);
  });

  it('is listed among what is left alone as long as it is there, where it is asked about', () => {
    const said = (input: World) => planOf({ ...world, memory: copied, ...input }).skipped;
    expect(said({ targets: ['g2'] })).toEqual([]);
    const reason = (whose: string) =>
      `the Secoda group copy has a copy of the marker of ${whose}; it is left alone until that line is deleted`;
    const listed = { group: 'Copy', oktaIds: ['g1'], secodaId: 'copy' };
    expect(said({})).toEqual([{ ...listed, reason: reason('“Data” (real)') }]);
    expect(said({ ...gone, groups: [copy] })).toEqual([
      { ...listed, reason: reason('a group that is gone') },
    ]);
  });

  it('that holds the name of a wanted group makes it wait', () => {
    const groups = [managed('copy', 'Data', ['g1'])];
    const plan = planOf({ ...world, groups, memory: copied });
    expect(briefs(plan)).toEqual([]);
    expect(plan.skipped[0]?.reason).toContain('its name is held by copy, which has a copied marker');
  });

  it.each<[string, readonly ReturnType<typeof managed>[]]>([
    ['no hand-made group of its name is taken over', [handMade('hand', 'Copy')]],
    ['no group of its name whose Okta group is gone is taken over', [managed('left', 'Copy', ['g9'])]],
  ])('may be the group that is meant: %s', (_, others) => {
    const more = [...okta, { id: 'g2', name: 'Copy', people: [at('u2')] }];
    const memory = { ...remembered(['real', ['g1']]), ...copied };
    const unlisted = new Map([['g9', null]]);
    const plan = planOf({ ...world, okta: more, groups: [real, copy, ...others], memory, unlisted });
    expect(briefs(plan)).toEqual([]);
    expect(plan.skipped.map(({ group, oktaIds }) => [group, oktaIds])).toEqual([
      ['Copy', ['g2']],
      ...others.filter(({ id }) => id === 'left').map(() => ['Copy', ['g9']]),
      ['Copy', ['g1']],
    ]);
    expect(plan.skipped[0]?.reason).toMatch(/^several Secoda groups have its name \(copy, /);
  });

  it('does not keep a group of its name from getting its lost marker back', () => {
    const groups = [managed('copy', 'Data', ['g1']), handMade('real', 'Data', ['u1'])];
    const plan = planOf({ ...world, groups, memory: { ...copied, ...remembered(['real', ['g1']]) } });
    expect(plan.changes).toMatchObject([{ secodaId: 'real', adopted: false, known: true }]);
  });
});
