import { describe, expect, it } from 'vitest';
import type { Report } from '../../lambda/core/report.ts';
import { membersOf } from './small-world.ts';
import { type Stage, stage } from './stage.ts';

/** Okta's Ada and Bob, one person in each, united in one Secoda group by a map that is removed; and Cleo, on her own. */
async function takenApart(): Promise<Stage> {
  const stand = await stage();
  const okta = { orgUrl: stand.okta.url, groups: { app: '0oa1' } };
  for (const name of ['Ada', 'Bob', 'Cleo']) {
    const email = `${name.toLowerCase()}@acme.com`;
    stand.secoda.state.addUser({ email });
    const group = stand.okta.state.addGroup({ name, members: [stand.okta.state.addUser({ email })] });
    stand.okta.state.assignApp('0oa1', group);
  }
  await stand.configure({ okta, groups: { map: { Ada: 'United', Bob: 'United' } } });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
  await stand.configure({ okta });
  return stand;
}

const skippedIn = ({ skipped }: Report) => skipped.map(({ group }) => group).sort();
const UNITED = ['ada@acme.com', 'bob@acme.com'];

describe('a union that is taken apart keeps its people while the name of one of its parts is not to be had', () => {
  it('because two hand-made groups bear it', async () => {
    const stand = await takenApart();
    const [first, second] = [1, 2].map(() => stand.secoda.state.addGroup({ name: 'Bob' }));
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, changes: [] });
    expect(skippedIn(done)).toEqual(['Ada', 'Bob']);
    expect(membersOf(stand)).toMatchObject({ United: UNITED });
    if (first === undefined || second === undefined) throw new Error('no groups');
    stand.secoda.state.removeGroup(first);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', skipped: [] });
    expect(membersOf(stand)).toEqual({
      Ada: ['ada@acme.com'],
      Bob: ['bob@acme.com'],
      Cleo: ['cleo@acme.com'],
    });
    expect(second.users.size).toBe(1);
  });

  it('because a group of ours bears it that has to wait itself', async () => {
    const stand = await takenApart();
    const { okta, secoda } = stand;
    const cleo = secoda.state.group('Cleo');
    secoda.state.edit(cleo, { name: 'Bob' });
    okta.state.unassignApp('0oa1', okta.state.group('Cleo'));
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, changes: [] });
    expect(skippedIn(done)).toEqual(['Ada', 'Bob', 'Bob']);
    expect(membersOf(stand)).toMatchObject({ United: UNITED });
    // By now the absence of Cleo was seen twice, and the group that bears the name is there to be taken over.
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', skipped: [] });
    expect(membersOf(stand)).toEqual({ Ada: ['ada@acme.com'], Bob: ['bob@acme.com'] });
    expect([...cleo.users].map(({ email }) => email)).toEqual(['bob@acme.com']);
  });
});
