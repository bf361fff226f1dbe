import { describe, expect, it } from 'vitest';
import { before, carriedOut, type SecodaOptions, showingNothing } from '../../emulators/index.ts';
import { smallWorld } from '../small-world.ts';
import { scenario } from '../scenario.ts';

const UPDATE = 'secoda.group.update';

/** One managed group, which somebody leaves and a hire comes into. */
async function change(options: SecodaOptions = {}) {
  const stand = await scenario({ secoda: options });
  const { people, accounts, pairs } = smallWorld(stand, { groups: 1 });
  const [leaver] = people;
  const [leaving] = accounts;
  const [pair] = pairs;
  if (!leaver || !leaving || !pair) throw new Error('empty world');
  stand.okta.state.leave(leaver, pair.okta);
  stand.okta.state.join(stand.okta.state.addUser({ email: 'hire@acme.com' }), pair.okta);
  const hire = stand.secoda.state.addUser({ email: 'hire@acme.com' });
  return {
    stand,
    mirror: pair.secoda,
    leaving,
    holds: () => [pair.secoda.users.has(leaving), pair.secoda.users.has(hire)],
    hire,
  };
}

/** What the edge makes of the others is tested there. */
const [nothing, , , page] = showingNothing.map(([, effect]) => effect);
if (nothing === undefined || page === undefined) throw new Error('no such answer');

describe.each([
  ['nothing', nothing],
  ['a page', page],
])('an update that is answered by %s', (_, effect) => {
  it('failed where it changed nothing, and is sent again the next night', async () => {
    const { stand, holds } = await change();
    stand.secoda.faults.add({ on: UPDATE, effect });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, changes: [{ outcome: 'failed', unsettled: [] }], unsettled: [] });
    expect(done.changes[0]?.error).toMatch(
      /answered 20[04] without the group .*; the group does not show the change$/,
    );
    expect(holds()).toEqual([true, false]);
    expect(await stand.report('apply')).toMatchObject({ code: 0, changes: [{ outcome: 'applied' }] });
    expect(holds()).toEqual([false, true]);
  });

  it('is applied where it took effect', async () => {
    const { stand, holds } = await change();
    stand.secoda.faults.add({ on: UPDATE, effect: carriedOut(effect) });
    expect(await stand.report('apply')).toMatchObject({ code: 0, changes: [{ outcome: 'applied' }] });
    expect(holds()).toEqual([false, true]);
  });

  it('of an onboarding is applied where it took effect, and failed where it did not', async () => {
    const { stand, holds } = await change();
    stand.secoda.faults.add({ on: UPDATE, effect });
    expect(await stand.report('onboard', 'hire@acme.com')).toMatchObject({
      code: 4,
      changes: [{ outcome: 'failed' }],
    });
    stand.secoda.faults.add({ on: UPDATE, effect: carriedOut(effect) });
    expect(await stand.report('onboard', 'hire@acme.com')).toMatchObject({
      code: 0,
      changes: [{ outcome: 'applied' }],
    });
    expect(holds()).toEqual([true, true]);
  });
});

describe('an update that is answered by nothing', () => {
  it('is unsettled where it took effect but for somebody new', async () => {
    const { stand, hire, holds } = await change({ invited: 'dropped' });
    hire.pending = true;
    stand.secoda.faults.add({ on: UPDATE, effect: carriedOut(nothing) });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, changes: [{ outcome: 'unsettled', unsettled: [hire.email] }] });
    expect(holds()).toEqual([false, false]);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('failed as long as somebody who was to leave is still there', async () => {
    const { stand, holds, mirror, leaving } = await change();
    // Secoda takes the hire and keeps the leaver.
    const back = before(() => mirror.users.add(leaving));
    for (const night of [1, 2]) {
      stand.secoda.faults.add({ on: UPDATE, effect: carriedOut(nothing) });
      stand.secoda.faults.add({ on: 'secoda.group.get', effect: back });
      const done = await stand.report('apply');
      expect(done, `night ${night}`).toMatchObject({
        code: 4,
        changes: [{ outcome: 'failed' }],
        unsettled: [],
      });
      expect(holds()[0]).toBe(true);
    }
  });
});

it('ten writes in a row that show nothing and change nothing stop the run', async () => {
  const stand = await scenario();
  const { people, pairs } = smallWorld(stand, { groups: 12 });
  const [leaver] = people;
  if (!leaver) throw new Error('empty world');
  for (const { okta } of pairs) stand.okta.state.leave(leaver, okta);
  stand.secoda.faults.add({ on: UPDATE, times: Infinity, effect: page });
  const done = await stand.report('apply');
  expect(done.changes.map(({ outcome }) => outcome)).toEqual([
    ...Array.from({ length: 10 }, () => 'failed'),
    'not-attempted',
    'not-attempted',
  ]);
});
