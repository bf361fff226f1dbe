import { describe, expect, it } from 'vitest';
import {
  byWhom,
  digestOfHeld,
  NO_PARTS,
  type Parts,
  partsOf,
  settledBy,
  whoIsOut,
  without,
  withWord,
} from '../../../lambda/core/guard/hold.ts';
import type { Change } from '../../../lambda/core/plan/change.ts';
import { change, member, removal } from '../../render/plans.ts';
import { inputOf, managed, users } from '../world.ts';

const [ADA, BO, CY, DI] = ['ada', 'bo', 'cy', 'di'].map((id) => ({ ...removal(`${id}@acme.com`, id) }));
if (!ADA || !BO || !CY || !DI) throw new Error('nobody is here');
const OUT = { ...CY, ineligible: true };
const MARKED = managed('s1', 'Data', ['00g1']).description;
/** Ada comes, Bo and Cy (who is out in Okta) leave; Di stays. */
const DATA = change({
  action: 'update',
  name: 'Data',
  secodaId: 's1',
  add: [member('ada@acme.com', 'ada')],
  remove: [BO, OUT],
  before: { name: 'Data', description: MARKED, members: [BO, CY, DI] },
  content: { name: 'Data', description: MARKED, userIds: ['ada', 'di'] },
});
const MADE = change({ action: 'create', name: 'New', secodaId: null, add: [ADA], remove: [] });
const GONE = change({
  action: 'delete',
  name: 'Old',
  secodaId: 's2',
  remove: [DI],
  before: { name: 'Old', description: MARKED, members: [DI] },
});
const parts = (given: { readonly [Side in keyof Parts]?: readonly string[] }): Parts => ({
  removed: new Set(given.removed),
  added: new Set(given.added),
  deleted: new Set(given.deleted),
});
const brief = ({ action, name, add, remove }: Change) =>
  `${action} ${name} +${add.map(({ userId }) => userId).join()} -${remove.map(({ userId }) => userId).join()}`;
const briefs = ({ passing, held }: ReturnType<typeof without>) => [passing.map(brief), held.map(brief)];

describe('the parts of a plan', () => {
  it('are who comes into and leaves groups that stand, and what is deleted', () => {
    expect(partsOf([DATA, MADE, GONE])).toEqual(
      parts({ removed: ['s1/bo', 's1/cy', 's2/di'], added: ['s1/ada'], deleted: ['s2'] }),
    );
  });

  it('make a digest of what is held, whatever its order and whatever is written beside', () => {
    const digest = digestOfHeld([DATA, GONE]);
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
    expect(digestOfHeld([GONE, { ...DATA, remove: [OUT, BO] }, MADE])).toBe(digest);
    expect(digestOfHeld([{ ...DATA, name: 'Other' }, GONE])).toBe(digest);
    for (const other of [
      [DATA],
      [{ ...DATA, add: [] }, GONE],
      [DATA, { ...GONE, action: 'update' as const }],
    ])
      expect(digestOfHeld(other)).not.toBe(digest);
  });

  it('that Okta itself shows as out are the losses of a deletion, too, and delete nothing', () => {
    expect(brief(whoIsOut(DATA))).toBe('update Data +ada -cy');
    expect(brief(whoIsOut(GONE))).toBe('update Old + -');
  });
});

describe('a part that waits', () => {
  it('is taken out of its change, and the rest passes with whoever stays', () => {
    const { passing, held } = without([DATA], parts({ removed: ['s1/bo'] }));
    expect(held).toMatchObject([
      {
        action: 'update',
        add: [],
        remove: [BO],
        held: true,
        reason: 'held by the guard: its members differ',
      },
    ]);
    expect(passing).toMatchObject([{ add: [{ userId: 'ada' }], remove: [OUT], withheld: [] }]);
    expect(passing[0]?.content?.userIds).toEqual(['ada', 'bo', 'di']);
    const growth = without([DATA], parts({ added: ['s1/ada'] }));
    expect(growth.held.map(brief)).toEqual(['update Data +ada -']);
    expect(growth.passing[0]).toMatchObject({ add: [], remove: [BO, OUT], withheld: ['ada'] });
    expect(growth.passing[0]?.content?.userIds).toEqual(['di']);
    expect(without([DATA], NO_PARTS)).toEqual({ passing: [DATA], held: [] });
  });

  it('of a deletion keeps the group, be it itself or a member that waits', () => {
    for (const waiting of [parts({ deleted: ['s2'] }), parts({ removed: ['s2/di'] })]) {
      const [passing, held] = briefs(without([GONE], waiting));
      expect(passing).toEqual(waiting.removed.size > 0 ? [] : ['update Old + -di']);
      expect(held).toEqual([waiting.removed.size > 0 ? 'delete Old + -di' : 'delete Old + -']);
    }
    expect(briefs(without([GONE], parts({ deleted: ['s1'], removed: ['s1/di'] })))).toEqual([
      ['delete Old + -di'],
      [],
    ]);
  });

  it('leaves nothing to pass where nothing else differs, or Secoda stands where it was left', () => {
    const alone = { ...DATA, add: [], remove: [BO] };
    expect(briefs(without([alone], parts({ removed: ['s1/bo'] })))).toEqual([[], ['update Data + -bo']]);
    const described = {
      ...alone,
      content: { name: 'Data', description: `${MARKED}\nmore`, userIds: ['cy', 'di'] },
    };
    expect(without([described], parts({ removed: ['s1/bo'] })).passing).toHaveLength(1);
    const renamed = { ...alone, name: 'Data 2', renamedFrom: 'Data' };
    expect(without([renamed], parts({ removed: ['s1/bo'] })).passing).toHaveLength(1);
    const settled = () => true;
    expect(briefs(without([DATA], parts({ removed: ['s1/bo'] }), settled))).toEqual([
      [],
      ['update Data + -bo'],
    ]);
    expect(briefs(without([DATA], NO_PARTS, settled))[0]).toEqual(['update Data +ada -bo,cy']);
  });

  it('keeps its name from whatever would take it, one behind the other', () => {
    const makes = { ...MADE, name: 'Old' };
    const takes = { ...DATA, name: 'Old', renamedFrom: 'Data' };
    const follows = { ...MADE, name: 'Data' };
    const free = { ...MADE, name: 'Other' };
    const waiting = parts({ deleted: ['s2'] });
    expect(without([GONE, makes, free], waiting).held.map(brief)).toEqual([
      'delete Old + -',
      'create Old +ada -',
    ]);
    const { passing, held } = without([GONE, takes, follows, free], waiting);
    expect(held.map(brief)).toEqual(['delete Old + -', 'update Old + -', 'create Data +ada -']);
    expect(held[1]?.renamedFrom).toBe('Data');
    expect(passing.map(brief)).toEqual([
      'update Old + -di',
      'update Data +ada -bo,cy',
      'create Other +ada -',
    ]);
    expect(passing[1]).toMatchObject({ name: 'Data', renamedFrom: null, content: { name: 'Data' } });
    expect(without([GONE, takes], NO_PARTS)).toEqual({ passing: [GONE, takes], held: [] });
  });

  it('takes a handover along for those alone who go', () => {
    const handover = { to: MADE, oktaIds: ['00g1'], userIds: ['bo', 'cy'] };
    const given = { ...DATA, handovers: [handover, { ...handover, userIds: ['bo'] }] };
    expect(without([given], parts({ removed: ['s1/bo'] })).passing[0]?.handovers).toEqual([
      { ...handover, userIds: ['cy'] },
    ]);
  });
});

describe('what an operator approved', () => {
  it('are the people and groups of the parts, by change', () => {
    const word = parts({ removed: ['s1/bo', 's2/di', 's9/cy'], added: ['s1/ada'], deleted: ['s1', 's2'] });
    expect(withWord([DATA, MADE, GONE], word).map(({ approved }) => approved)).toEqual([
      ['bo', 'ada'],
      [],
      ['di', 's2'],
    ]);
  });

  it('is told from what the rules judge; nobody approved that Secoda refuses somebody', () => {
    const given = { ...DATA, adopted: true, approved: ['bo'] };
    const { approved, judged } = byWhom(given, false);
    expect([approved, judged].map(brief)).toEqual(['update Data + -bo', 'update Data +ada -cy']);
    expect([approved.adopted, judged.adopted]).toEqual([false, true]);
    const all = byWhom(given, true);
    expect([all.approved, all.judged].map(brief)).toEqual(['update Data +ada -bo,cy', 'update Data + -']);
    expect([all.approved.adopted, all.judged.adopted]).toEqual([true, false]);
    const why = { cause: 'refused-by-secoda', oktaId: null, okta: null } as const;
    const refused = byWhom({ ...DATA, remove: [{ ...BO, why }, OUT] }, true);
    expect([refused.approved, refused.judged].map(brief)).toEqual([
      'update Data +ada -cy',
      'update Data + -bo',
    ]);
    expect(byWhom({ ...GONE, approved: ['s2', 'di'] }, false)).toMatchObject({
      approved: { action: 'delete' },
      judged: { action: 'update', remove: [] },
    });
    expect(byWhom({ ...GONE, approved: ['di'] }, false)).toMatchObject({
      approved: { action: 'update', remove: [DI] },
      judged: { action: 'delete', remove: [] },
    });
  });
});

it('Secoda stands where an earlier run left it only while the group and the memory of it are there', () => {
  const group = managed('s1', 'Data', ['00g1'], ['u1']);
  const asked = { name: 'Data', description: group.description, userIds: ['u1', 'u2'] };
  const settled = settledBy(inputOf({ users: users('u1', 'u2'), groups: [group] }));
  expect(settled({ ...DATA, content: asked })).toBe(false);
  expect(settled({ ...DATA, content: null })).toBe(false);
  expect(settled({ ...DATA, secodaId: 's9', content: asked })).toBe(false);
});
