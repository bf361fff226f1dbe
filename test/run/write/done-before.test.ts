import { describe, expect, it } from 'vitest';
import { contentOf } from '../../../lambda/core/groups/settled-content.ts';
import type { GroupMemory } from '../../../lambda/core/model/memory.ts';
import { NO_MEMORY } from '../../../lambda/core/model/memory.ts';
import type { WorkspaceGroup } from '../../../lambda/core/model/workspace.ts';
import type { Change } from '../../../lambda/core/plan/change.ts';
import { doneBefore } from '../../../lambda/run/write/done-before.ts';
import { change, member, removal } from '../../render/plans.ts';
import { at, identityOf, managed, NOW, users } from '../../core/world.ts';

const identity = identityOf({}, users('u1', 'u2', 'u3'));
const of = (id: string) => member(at(id), id);
/** Ann's group, which Bea is to join and Cid to leave, and which is to bear another name and marker. */
const BEFORE = managed('s1', 'Old', ['g1'], ['u1', 'u3']);
const WANTED = managed('s1', 'New', ['g1', 'g2'], ['u1', 'u2']);
const planned = change({
  ...{ action: 'update', name: 'New', secodaId: 's1', oktaIds: ['g1', 'g2'], renamedFrom: 'Old' },
  add: [of('u2')],
  remove: [{ ...of('u3'), ineligible: true }],
  before: { name: 'Old', description: BEFORE.description, members: [of('u1'), of('u3')] },
  content: contentOf(WANTED),
});

interface Given {
  readonly change?: Change;
  readonly groups?: readonly WorkspaceGroup[];
  readonly memory?: Partial<GroupMemory>;
}
function found({ change: asked = planned, groups = [BEFORE], memory }: Given) {
  const note = { secodaId: 's1', oktaIds: [], asked: '', answered: '', unsettled: [], triedAt: NOW };
  const known = memory && new Map([['s1', { ...note, ...memory }]]);
  return doneBefore(asked, {
    ...{ groups, identity, name: 'okta', since: NOW },
    memory: { ...NO_MEMORY, groups: known ?? new Map<string, GroupMemory>() },
  });
}
/** As the group shows it. */
const shown = (group: WorkspaceGroup, more: Partial<Change>) => ({
  group,
  written: {
    ...{ ...planned, add: [], remove: [], renamedFrom: null },
    ...{ name: group.name, secodaId: group.id, content: contentOf(group) },
    ...more,
  },
});

describe('what was done before a slice was cut off', () => {
  it('is nothing where the group shows nothing of it', () => {
    expect(found({})).toBeNull();
    expect(found({ groups: [] })).toBeNull();
    const others = { ...BEFORE, userIds: ['u1', 'u3', 'u9'] };
    expect(found({ groups: [others] })).toBeNull();
    expect(found({ groups: [{ ...BEFORE, userIds: ['u3'] }] })).toBeNull();
    expect(found({ groups: [{ ...BEFORE, description: 'ours' }] })).toBeNull();
  });

  it.each<[string, Partial<WorkspaceGroup>, Partial<Change>]>([
    ['its new name', { name: 'New' }, { renamedFrom: 'Old' }],
    ['its new marker', { description: WANTED.description }, {}],
    ['who was to come', { userIds: ['u1', 'u2', 'u3'] }, { add: [of('u2')] }],
    ['who was to leave', { userIds: ['u1'] }, { remove: [{ ...of('u3'), ineligible: true }] }],
    [
      'all of it, and others by name, where others come and go',
      { ...WANTED, userIds: ['u2', 'u9'] },
      {
        renamedFrom: 'Old',
        add: [{ userId: 'u9', email: null }, of('u2')],
        remove: [
          { ...of('u1'), ineligible: false },
          { ...of('u3'), ineligible: true },
        ],
      },
    ],
  ])('is what the group shows: %s', (_, fields, written) => {
    const group = { ...BEFORE, ...fields };
    expect(found({ groups: [managed('s2', 'New', ['g1', 'g2']), group] })).toEqual(shown(group, written));
  });

  it('is the name alone where that is all', () => {
    const { content } = planned;
    const named = { ...planned, content: content && { ...content, description: BEFORE.description } };
    expect(found({ change: named })).toBeNull();
    const group = { ...BEFORE, name: 'New' };
    expect(found({ change: named, groups: [group] })).toMatchObject({ written: { renamedFrom: 'Old' } });
  });

  it('is a group that was made, by its marker, whatever it shows', () => {
    const made = change({
      ...{ action: 'create', name: 'New', oktaIds: ['g1', 'g2'], add: [of('u2')] },
      content: contentOf(WANTED),
    });
    const empty = { ...WANTED, userIds: [] };
    expect(found({ change: made, groups: [managed('x', 'New', ['g1', 'g2'], [], 'emea')] })).toBeNull();
    expect(found({ change: made, groups: [managed('x', 'New', ['g1'])] })).toBeNull();
    expect(found({ change: made, groups: [empty] })).toEqual({
      group: empty,
      written: { ...made, secodaId: 's1', add: [], content: contentOf(empty) },
    });
  });

  it('is a deletion where the group is gone, and nothing of it where it is there', () => {
    const gone = change({ action: 'delete', name: 'Old', secodaId: 's1', remove: [removal(at('u1'), 'u1')] });
    expect(found({ change: gone })).toBeNull();
    expect(found({ change: gone, groups: [WANTED].map((group) => ({ ...group, id: 's2' })) })).toEqual({
      outcome: { outcome: 'applied', written: gone, unsettled: [], news: false, error: null },
    });
  });
});

describe('what was remembered of it since the run began', () => {
  const group = { ...BEFORE, name: 'New' };
  const { written } = shown(group, { renamedFrom: 'Old' });
  const row = { row: '' };

  it('is told as it was: whole, or with who and what was left out', () => {
    expect(found({ groups: [group], memory: {} })).toEqual({
      outcome: { outcome: 'applied', written, unsettled: [], news: false, error: null },
    });
    const unsettled = [
      { userId: 'u2', ...row },
      { userId: 'u9', ...row },
    ];
    expect(found({ groups: [group], memory: { unsettled } })).toEqual({
      outcome: { outcome: 'unsettled', written, unsettled: [at('u2'), 'u9'], news: true, error: null },
    });
    expect(found({ groups: [group], memory: { shortfall: 'short' } })).toEqual({
      outcome: { outcome: 'unsettled', written, unsettled: [], news: true, error: 'short' },
    });
  });

  it('is told although the group shows nothing of it', () => {
    expect(found({ memory: { shortfall: 'short' } })).toMatchObject({ outcome: { error: 'short' } });
  });

  it('is of an earlier run otherwise', () => {
    expect(found({ groups: [group], memory: { triedAt: NOW - 1 } })).toEqual({ group, written });
    expect(found({ memory: { triedAt: NOW - 1 } })).toBeNull();
  });
});
