import { describe, expect, it } from 'vitest';
import { membersOf, smallWorld } from './small-world.ts';
import { scenario } from './scenario.ts';

const EVERYBODY = ['p0@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com'];

/** Two managed groups; the second is called otherwise in Okta than in Secoda, and somebody has left both. */
async function drifting(
  frozen: (group: { readonly id: string; readonly name: string }) => string,
  more = {},
) {
  const stand = await scenario();
  const { pairs, people } = smallWorld(stand, { groups: 2 });
  const [first, second] = pairs;
  const [leaver] = people;
  if (first === undefined || second === undefined || leaver === undefined) throw new Error('two groups');
  second.okta.name = 'Équipe B';
  const groups = { map: { [second.okta.id]: 'Group B' }, frozen: [frozen(second.okta)], ...more };
  await stand.configure({ groups });
  for (const { okta } of pairs) stand.okta.state.leave(leaver, okta);
  return { stand, first, second, leaver };
}

describe('a group that is frozen', () => {
  it.each([
    ['its id in Okta', ({ id }: { readonly id: string }) => id],
    ['its name in Okta', ({ name }: { readonly name: string }) => name],
    ['its name in Secoda', () => 'Group B'],
    ['its name as a Mac writes it', ({ name }: { readonly name: string }) => name.normalize('NFD')],
  ])('by %s is left as it is, and others are synced', async (_, frozen) => {
    const { stand, second } = await drifting(frozen);
    const report = await stand.report('apply');
    expect(report).toMatchObject({ code: 0, status: 'applied', skipped: [], warnings: [] });
    expect(report.frozen).toEqual([
      { group: 'Group B', oktaIds: [second.okta.id], wouldRemove: ['p0@acme.com'] },
    ]);
    expect(membersOf(stand)).toEqual({ 'Group A': EVERYBODY.slice(1), 'Group B': EVERYBODY });
    expect((await stand.sync('plan')).stdout).toContain('would lose access: p0@acme.com');
  });

  it('beats exclude', async () => {
    const { stand } = await drifting(({ id }) => id, { exclude: ['Équipe B'] });
    const report = await stand.report('apply');
    expect(report).toMatchObject({ code: 0, summary: { groups: { delete: 0 } } });
    expect(report.frozen).toMatchObject([{ group: 'Group B', wouldRemove: EVERYBODY }]);
    expect(membersOf(stand)['Group B']).toEqual(EVERYBODY);
  });

  it('stays where Okta has it no more', async () => {
    const { stand, second } = await drifting(() => 'Group B');
    stand.okta.state.removeGroup(second.okta);
    const report = await stand.report('apply');
    expect(report).toMatchObject({ code: 0, frozen: [{ group: 'Group B', wouldRemove: EVERYBODY }] });
    expect(membersOf(stand)['Group B']).toEqual(EVERYBODY);
  });

  it('keeps its name, and a group that shares Okta groups with it is left alone as well', async () => {
    const { stand, first, second } = await drifting(({ id }) => id);
    await stand.configure({
      groups: { map: { [second.okta.id]: 'Union', [first.okta.id]: 'Union' }, frozen: [second.okta.id] },
    });
    const report = await stand.report('apply');
    expect(report).toMatchObject({ code: 0, status: 'in-sync' });
    expect(report.frozen.map(({ group }) => group)).toEqual(['Group A', 'Group B']);
    expect(membersOf(stand)).toEqual({ 'Group A': EVERYBODY, 'Group B': EVERYBODY });
  });

  it('gets nobody by an onboarding', async () => {
    const { stand, second } = await drifting(({ id }) => id);
    const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
    stand.secoda.state.addUser({ email: 'hire@acme.com' });
    stand.okta.state.join(hire, second.okta);
    const report = await stand.report('onboard', 'hire@acme.com');
    expect(report).toMatchObject({ code: 0, skipped: [], frozen: [{ group: 'Group B' }] });
    expect(membersOf(stand)['Group B']).toEqual(EVERYBODY);
  });

  it('that is none is told, with the nearest name', async () => {
    const { stand } = await drifting(() => 'Gruop B');
    const { warnings } = await stand.report('plan');
    expect(warnings).toMatchObject([
      {
        kind: 'matches-nothing',
        message:
          'groups.frozen: "Gruop B" is neither the id nor the name of a group in Okta or in Secoda, and freezes nothing; the nearest is “Group B”',
      },
    ]);
  });
});
