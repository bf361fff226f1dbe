import { describe, expect, it } from 'vitest';
import { compare, type Outline, outlineOf } from '../../../lambda/core/report/difference.ts';
import { change, member, plan, removal } from '../../render/plans.ts';

const DATA = {
  ...{
    action: 'update' as const,
    oktaIds: ['00g1'],
    secodaId: 's1',
    name: 'Data',
    adopted: false,
    held: false,
  },
  ...{ renamedFrom: null as string | null, add: ['ada'], remove: ['bo'] },
};
const SKIPPED = { group: 'Data', oktaIds: ['00g1'], reason: 'x' };
const outline = (given: Partial<Outline> = {}): Outline => ({
  ...{ digest: 'd', rules: [], changes: [DATA], skipped: [], invited: [] },
  ...given,
});
const NONE = { invite: [], notInvite: [], breaks: [], keeps: [] };
const fates = (was: Partial<Outline>, is: Partial<Outline>) =>
  compare(outline(was), outline(is)).groups.map((each) => [each.group.name, each.was, each.is]);

describe('two plans of one input', () => {
  it('are the same where nothing differs, the digest too', () => {
    expect(compare(outline(), outline())).toEqual({ same: true, groups: [], ...NONE });
    expect(compare(outline(), outline({ digest: 'e' }))).toEqual({ same: false, groups: [], ...NONE });
    const reason = compare(
      outline({ skipped: [SKIPPED] }),
      outline({ skipped: [{ ...SKIPPED, reason: 'y' }] }),
    );
    expect(reason.same).toBe(true);
  });

  it('differ in who joins and leaves a group, each told apart', () => {
    const other = { ...DATA, add: ['cy'], remove: ['bo', 'di'] };
    expect(compare(outline(), outline({ changes: [other] }))).toEqual({
      same: false,
      groups: [
        {
          group: { oktaIds: ['00g1'], secodaId: 's1', name: 'Data' },
          ...{ was: 'update', is: 'update', add: ['cy'], remove: ['di'], notAdd: ['ada'], notRemove: [] },
        },
      ],
      ...NONE,
    });
    expect(compare(outline({ changes: [other] }), outline()).groups).toMatchObject([{ notRemove: ['di'] }]);
  });

  it('differ in what becomes of a group', () => {
    const none = { changes: [] };
    expect(fates({}, none)).toEqual([['Data', 'update', null]]);
    expect(fates(none, {})).toEqual([['Data', null, 'update']]);
    expect(fates({}, { changes: [{ ...DATA, action: 'delete' }] })).toEqual([['Data', 'update', 'delete']]);
    expect(fates({}, { changes: [{ ...DATA, adopted: true }] })).toEqual([['Data', 'update', 'adopt']]);
    expect(fates({}, { changes: [{ ...DATA, renamedFrom: 'Old' }] })).toEqual([['Data', 'update', 'rename']]);
    const adopted = { ...DATA, adopted: true, renamedFrom: 'Old' };
    expect(fates({}, { changes: [adopted] })).toEqual([['Data', 'update', 'adopt']]);
    expect(fates({}, { changes: [{ ...DATA, name: 'New' }] })).toEqual([['New', 'update', 'update']]);
  });

  it('differ in what is held: all of a change, or a part of it', () => {
    const held = { ...DATA, held: true };
    expect(fates({}, { changes: [held] })).toEqual([['Data', 'update', 'hold']]);
    const parts = [
      { ...DATA, remove: [] },
      { ...held, add: [] },
    ];
    expect(compare(outline(), outline({ changes: parts })).groups).toMatchObject([
      { was: 'update', is: 'update', remove: ['bo (held)'], notRemove: ['bo'], add: [], notAdd: [] },
    ]);
  });

  it('differ in what is skipped', () => {
    expect(fates({ changes: [] }, { changes: [], skipped: [SKIPPED] })).toEqual([['Data', null, 'skip']]);
    expect(fates({ changes: [], skipped: [SKIPPED] }, { changes: [] })).toEqual([['Data', 'skip', null]]);
    const { groups } = compare(outline({ changes: [] }), outline({ changes: [], skipped: [SKIPPED] }));
    expect(groups[0]?.group).toEqual({ oktaIds: ['00g1'], secodaId: null, name: 'Data' });
  });

  it('differ in the verdict, and in who is invited', () => {
    const was = outline({ rules: ['a', 'b'], invited: ['x'] });
    const is = outline({ rules: ['b', 'c'], invited: ['x', 'y'] });
    expect(compare(was, is)).toEqual({
      ...{ same: false, groups: [], breaks: ['c'], keeps: ['a'], invite: ['y'], notInvite: [] },
    });
    expect(compare(is, was)).toMatchObject({ breaks: ['a'], keeps: ['c'], invite: [], notInvite: ['y'] });
  });
});

it('of a plan is kept what it does, by addresses, and each rule once', () => {
  const given = plan({
    changes: [
      change({
        ...{ action: 'update', name: 'Data', held: true, adopted: true, renamedFrom: 'Old' },
        add: [member('ada@acme.com'), member(null, 'u2')],
        remove: [removal('bo@acme.com')],
      }),
      change({ action: 'delete', name: 'Gone' }),
    ],
    skipped: [{ ...SKIPPED, secodaId: 's1' }],
    invitations: [{ emails: ['x@acme.com', 'y@acme.com'], groups: [] }],
  });
  expect(outlineOf(given, [{ rule: 'a' }, { rule: 'b' }, { rule: 'a' }])).toEqual({
    digest: given.digest,
    rules: ['a', 'b'],
    changes: [
      {
        ...{ action: 'update', oktaIds: ['00g1'], secodaId: 'g-1', name: 'Data', adopted: true, held: true },
        ...{ renamedFrom: 'Old', add: ['ada@acme.com', 'u2'], remove: ['bo@acme.com'] },
      },
      {
        ...{
          action: 'delete',
          oktaIds: ['00g1'],
          secodaId: 'g-1',
          name: 'Gone',
          adopted: false,
          held: false,
        },
        ...{ renamedFrom: null, add: [], remove: [] },
      },
    ],
    skipped: [SKIPPED],
    invited: ['x@acme.com', 'y@acme.com'],
  });
});
