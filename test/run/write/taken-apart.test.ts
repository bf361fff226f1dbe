import { describe, expect, it } from 'vitest';
import type { Report } from '../../../lambda/core/report/report.ts';
import { status } from '../../emulators/index.ts';
import { joined } from '../../aws/events/okta-event.ts';
import { follow } from '../read/follow.ts';
import { membersOf } from '../small-world.ts';
import { type Scenario, scenario } from '../scenario.ts';

/** Okta's Ada and Bob, one person in each, united in one Secoda group by a map that is removed; and Cleo, on her own. */
async function takenApart(): Promise<Scenario> {
  const stand = await scenario();
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

describe('people whom another group takes over', () => {
  it('stay while it is refused for good; those whom Okta shows as out leave at once', async () => {
    const stand = await takenApart();
    const { okta, secoda } = stand;
    const leaver = okta.state.addUser({ email: 'leaver@acme.com', status: 'SUSPENDED' });
    okta.state.join(leaver, okta.state.group('Bob'));
    secoda.state.join(secoda.state.addUser({ email: 'leaver@acme.com' }), secoda.state.group('United'));
    secoda.faults.add({
      on: 'secoda.group.create',
      effect: status(400, { name: ['Not like this.'] }),
      times: Infinity,
    });
    for (const remove of [['leaver@acme.com'], ['bob@acme.com']]) {
      const done = await stand.report('apply');
      expect(done).toMatchObject({ code: 4, changes: [{ action: 'create', outcome: 'failed' }, { remove }] });
      expect(done.changes[1]?.error).toMatch(/“Bob”, which does not show one person yet: they stay here/);
      expect(membersOf(stand)).toMatchObject({ Ada: UNITED });
    }
    secoda.faults.clear();
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
    expect(membersOf(stand)).toMatchObject({ Ada: ['ada@acme.com'], Bob: ['bob@acme.com'] });
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('stay, and the marker with them, in a run of events, which takes nobody out', async () => {
    const stand = await takenApart();
    const { okta, secoda } = stand;
    const hire = okta.state.addUser({ email: 'hire@acme.com' });
    secoda.state.addUser({ email: 'hire@acme.com' });
    const ada = okta.state.group('Ada');
    okta.state.join(hire, ada);
    const union = secoda.state.group('United');
    const { description } = union;
    const config = { okta: { orgUrl: okta.url, groups: { app: '0oa1' } } };
    secoda.faults.add({ on: 'secoda.group.create', effect: status(400), times: Infinity });
    await follow(stand, config, joined(ada.id));
    expect(union).toMatchObject({ name: 'Ada', description });
    await stand.report('apply');
    expect(secoda.state.memberEmails('Ada')).toEqual([...UNITED, 'hire@acme.com']);
    secoda.faults.clear();
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
    expect(secoda.state.memberEmails('Ada')).toEqual(['ada@acme.com', 'hire@acme.com']);
  });

  it('are in both groups for a while where two of these wait for each other, and each change is told once', async () => {
    const stand = await scenario();
    for (const name of ['Ada', 'Bob', 'Cleo', 'Dan']) {
      const email = `${name.toLowerCase()}@acme.com`;
      stand.secoda.state.addUser({ email });
      stand.okta.state.addGroup({ name, members: [stand.okta.state.addUser({ email })] });
    }
    await stand.configure({ groups: { map: { Ada: 'First', Bob: 'First', Cleo: 'Second', Dan: 'Second' } } });
    await stand.report('apply');
    const before = stand.secoda.state.writes.length;
    await stand.configure({ groups: { map: { Ada: 'First', Cleo: 'First', Bob: 'Second', Dan: 'Second' } } });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 0, status: 'applied' });
    const told = done.changes.map(({ group, add, remove, outcome }) => [group.name, add, remove, outcome]);
    expect(told.sort()).toEqual([
      ['First', ['cleo@acme.com'], ['bob@acme.com'], 'applied'],
      ['Second', ['bob@acme.com'], ['cleo@acme.com'], 'applied'],
    ]);
    expect(membersOf(stand)).toEqual({
      First: ['ada@acme.com', 'cleo@acme.com'],
      Second: ['bob@acme.com', 'dan@acme.com'],
    });
    expect(stand.secoda.state.writes.slice(before)).toHaveLength(3);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });
});
