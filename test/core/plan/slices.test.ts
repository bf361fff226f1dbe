import { describe, expect, it } from 'vitest';
import { judge, sealed, unsealed } from '../../../lambda/core/guard/guard.ts';
import { at, GUARD, managed, planOf, users } from '../world.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const PLAN = planOf({
  okta: NAMES.map((name) => ({ id: `g-${name}`, name, people: [at('ada')] })),
  users: users('ada'),
});

function slicesOf(plan: typeof PLAN, most: number) {
  const { approved } = judge(plan, GUARD, null);
  return approved?.slices(most) ?? [];
}

describe('an approved plan in slices', () => {
  it('holds every change once, in order', () => {
    const slices = slicesOf(PLAN, 2);
    expect(slices.map(({ changes }) => changes.length)).toEqual([2, 2, 1]);
    expect(slices.flatMap(({ changes }) => changes)).toEqual(PLAN.changes);
  });

  it('parts changes of different waves', () => {
    const swapped = planOf({
      okta: [
        { id: 'g1', name: 'New' },
        { id: 'g2', name: 'Old' },
      ],
      groups: [managed('s1', 'Old', ['g1']), managed('s2', 'Older', ['g2'])],
    });
    const slices = slicesOf(swapped, 30);
    expect(slices.map(({ changes }) => changes.map(({ name }) => name))).toEqual([['New'], ['Old']]);
  });

  it('comes back from the archive as it was', () => {
    for (const slice of slicesOf(PLAN, 2)) {
      const text = JSON.stringify(sealed(slice));
      const back = unsealed(JSON.parse(text) as ReturnType<typeof sealed>);
      expect([back.changes, back.byOperator]).toEqual([slice.changes, false]);
    }
  });

  it('is refused when somebody altered it there', () => {
    const [slice] = slicesOf(PLAN, 2);
    if (slice === undefined) throw new Error('no slice');
    const { changes, ...rest } = sealed(slice);
    const altered = changes.map((change) => ({ ...change, name: 'Else' }));
    for (const forged of [
      { ...rest, changes: altered },
      { ...rest, changes: changes.slice(1) },
      { ...rest, changes, byOperator: true },
    ])
      expect(() => unsealed(forged)).toThrow('not as it was approved');
  });
});
