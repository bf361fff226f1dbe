import { describe, expect, it } from 'vitest';
import { reconcile } from '../../../lambda/core/plan/reconcile.ts';
import { at, brief, handMade, managed, planOf, users, type World } from '../world.ts';

const data = (...ids: string[]) => ({ id: 'g1', name: 'Data', people: ids.map(at) });
const old: World = {
  okta: [data('u1')],
  users: users('u1', 'u2', 'u3'),
  groups: [managed('s1', 'Data', ['g1'], ['u1', 'u2'])],
};
const gone: World = { ...old, okta: [], unlisted: new Map([['g1', null]]) };
const united: World = {
  okta: ['g1', 'g2'].map((id) => ({ id, name: id })),
  mapping: { map: new Map(['g1', 'g2'].map((id) => [id, 'Data'])) },
};
const fresh: World = { ...old, groups: [] };

/** The first change planned in `before`, laid over what is planned in `now`: what is written, or why nothing is. */
function outcome(before: World, now: World): string {
  const [approved] = planOf(before).changes;
  if (approved === undefined) throw new Error('nothing was approved');
  const { change, reason } = reconcile(approved, planOf(now));
  return change === null ? (reason ?? '') : brief(change);
}

describe('an approved change on fresh reads', () => {
  it.each<[string, World, World, string]>([
    ['is written as it stands when nothing moved', old, old, 'update s1 Data -u2'],
    ['takes new additions along', old, { ...old, okta: [data('u1', 'u3')] }, 'update s1 Data +u3 -u2'],
    [
      'leaves out a removal that is no longer wanted',
      old,
      { ...old, okta: [data('u1', 'u2')] },
      'it is no longer needed: both sides agree by now',
    ],
    ['leaves out a removal that nobody approved', old, { ...old, okta: [data()] }, 'update s1 Data -u2'],
    [
      'is nothing when only unapproved removals are left',
      old,
      { ...old, okta: [data('u2')] },
      'what is left of it was not approved',
    ],
    [
      'leaves out a rename that nobody approved',
      old,
      { ...old, okta: [{ ...data('u1'), name: 'New' }] },
      'update s1 Data -u2',
    ],
    [
      'keeps a rename that was approved',
      { ...old, okta: [{ ...data('u1'), name: 'New' }] },
      { ...old, okta: [{ ...data('u1'), name: 'New' }] },
      'update s1 New (was Data) -u2',
    ],
    [
      'takes no other new name than the approved one',
      { ...old, okta: [{ ...data('u1'), name: 'New' }] },
      { ...old, okta: [{ ...data('u1'), name: 'Newer' }] },
      'update s1 Data -u2',
    ],
    [
      'is nothing when the group vanished from Okta',
      old,
      { ...old, okta: [{ id: 'g1', name: 'Data', people: null }] },
      'it vanished from Okta while it was read; it is left alone in this run',
    ],
    [
      'is nothing when the group would be deleted by now',
      old,
      gone,
      'the group would be deleted by now, which nobody approved',
    ],
    [
      'is nothing when the group was deleted in Secoda',
      old,
      fresh,
      'the group was deleted in Secoda meanwhile, or is no longer ours',
    ],
    [
      'is nothing when the group belongs to another deployment by now',
      old,
      { ...old, groups: [managed('s1', 'Data', ['g1'], ['u1', 'u2'], 'emea')] },
      'the group was deleted in Secoda meanwhile, or is no longer ours',
    ],
    ['deletes what is still gone', gone, gone, 'delete s1 Data -u1 -u2'],
    [
      'deletes nothing that somebody joined',
      gone,
      { ...gone, groups: [managed('s1', 'Data', ['g1'], ['u1', 'u2', 'u3'])] },
      '1 people joined the group since its deletion was planned',
    ],
    [
      'deletes nothing that is wanted again',
      gone,
      { ...old, okta: [data('u1', 'u3')] },
      'the group is wanted again',
    ],
    [
      'deletes nothing that has already been deleted',
      gone,
      { ...gone, groups: [] },
      'the group is gone already, or is to stay by now',
    ],
    [
      'deletes nothing that somebody kept by deleting the marker line',
      gone,
      { ...gone, groups: [handMade('s1', 'Data', ['u1', 'u2'])] },
      'the group is gone already, or is to stay by now',
    ],
    [
      'is nothing, and says so, when another group would be taken over by now',
      { ...old, groups: [handMade('s1', 'Data', ['u2'])] },
      { ...old, groups: [handMade('s7', 'Data', ['u2'])] },
      'by now the Secoda group s7 stands for its Okta groups',
    ],
    [
      'is nothing, and says so, when another group bears the marker by now',
      old,
      { ...old, groups: [handMade('s1', 'Data', ['u2']), managed('s7', 'New', ['g1'], ['u2'])] },
      'by now the Secoda group s7 stands for its Okta groups',
    ],
    [
      'is done, and says so, when all that is left is to delete the group it supersedes',
      { ...united, groups: [managed('s1', 'Data', ['g1']), managed('s2', 'Old', ['g2'])] },
      { ...united, groups: [managed('s1', 'Data', ['g1', 'g2']), managed('s2', 'Old', ['g2'])] },
      'it is no longer needed: both sides agree by now',
    ],
    [
      'is done, and says so, when all that is left is to empty the group it supersedes',
      { ...united, groups: [managed('s1', 'Data', ['g1']), managed('s2', 'Old', ['g2'])] },
      {
        ...united,
        whenGone: 'empty',
        users: users('u1'),
        groups: [managed('s1', 'Data', ['g1', 'g2']), managed('s2', 'Old', ['g2'], ['u1'])],
      },
      'it is no longer needed: both sides agree by now',
    ],
    [
      'is done, and says so, when one of its Okta groups is gone with a group of its own',
      { ...united, groups: [managed('s1', 'Data', ['g1'])] },
      {
        okta: [{ id: 'g1', name: 'Data' }],
        unlisted: new Map([['g2', null]]),
        groups: [managed('s1', 'Data', ['g1']), managed('s2', 'Old', ['g2'])],
      },
      'it is no longer needed: both sides agree by now',
    ],
    [
      'does not undo a rename by hand that nobody had seen',
      old,
      { ...old, groups: [managed('s1', 'By hand', ['g1'], ['u1', 'u2'])] },
      'update s1 By hand -u2',
    ],
    [
      'is written to a group that was empty before and stays so',
      { ...old, okta: [{ ...data('u1'), name: 'New' }], groups: [managed('s1', 'Data', ['g1'])] },
      { ...old, okta: [{ ...data(), name: 'New' }], groups: [managed('s1', 'Data', ['g1'])] },
      'update s1 New (was Data)',
    ],
    [
      'creates what is still missing, with who is wanted now',
      fresh,
      { ...fresh, okta: [data('u1', 'u3')] },
      'create new Data +u1 +u3',
    ],
    [
      'creates nothing that another run has made',
      fresh,
      { ...old, groups: [managed('s1', 'Data', ['g1'], ['u1'])] },
      'it is no longer needed: both sides agree by now',
    ],
    [
      'brings up to date what another run has made',
      fresh,
      { ...old, groups: [managed('s1', 'Data', ['g1'])] },
      'update s1 Data +u1',
    ],
    [
      'removes nobody from what another run has made',
      fresh,
      { ...old, groups: [managed('s1', 'Data', ['g1'], ['u1', 'u2'])] },
      'what is left of it was not approved',
    ],
    [
      'takes over no hand-made group that has appeared',
      fresh,
      { ...old, groups: [handMade('s7', 'Data')] },
      'a hand-made group of this name has appeared meanwhile',
    ],
    [
      'is nothing when it would empty the group by now, which nobody approved',
      { ...old, groups: [managed('s1', 'Data', ['g1'], ['u2'])] },
      { ...old, okta: [data()], groups: [managed('s1', 'Data', ['g1'], ['u2'])] },
      'it would be emptied by now, which nobody approved',
    ],
  ])('%s', (_, before, now, expected) => {
    expect(outcome(before, now)).toBe(expected);
  });

  it('holds those whose removal was not approved in what is written', () => {
    const [approved] = planOf(old).changes;
    if (approved === undefined) throw new Error('nothing was approved');
    const { change } = reconcile(approved, planOf({ ...old, okta: [data('u3')] }));
    expect(change?.content?.userIds).toEqual(['u1', 'u3']);
  });
});
