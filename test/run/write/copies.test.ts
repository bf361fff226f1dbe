import { expect, it } from 'vitest';
import { after } from '../../emulators/index.ts';
import { markerOf } from '../small-world.ts';
import { type Scenario, scenario } from '../scenario.ts';

/** A group that a run made, and a group of somebody else's into which its description was copied. */
async function copiedWorld(): Promise<{
  stand: Scenario;
  okta: ReturnType<typeof groupIn>;
  real: string;
  copy: string;
}> {
  const stand = await scenario();
  const okta = groupIn(stand);
  await stand.report('apply');
  const [made] = stand.secoda.state.groups.values();
  const guest = stand.secoda.state.addUser({ email: 'guest@acme.com' });
  const copy = stand.secoda.state.addGroup({ name: 'Copy', description: markerOf(okta), users: [guest] });
  if (made === undefined) throw new Error('nothing was made');
  return { stand, okta, real: made.id, copy: copy.id };
}

/** The copy is left alone, and nothing else is there to be told. */
const NOTHING_BUT_THE_COPY = {
  code: 4,
  status: 'partial',
  changes: [],
  skipped: [{ group: 'Copy' }],
  warnings: [],
};

function groupIn({ okta }: Scenario) {
  return okta.state.addGroup({ name: 'Data' });
}

it('a copied marker never becomes ours, when the real group is deleted by us', async () => {
  const { stand, okta, real, copy } = await copiedWorld();
  expect(await stand.report('apply')).toMatchObject(NOTHING_BUT_THE_COPY);
  stand.okta.state.removeGroup(okta);
  await stand.configure({ guard: { minimumGroups: 0 } });
  expect(await stand.report('apply')).toMatchObject({
    changes: [{ group: { secodaId: real }, outcome: 'applied' }],
  });
  expect(await stand.report('apply')).toMatchObject(NOTHING_BUT_THE_COPY);
  expect(stand.secoda.state.group(copy).users.size).toBe(1);
});

it('a copied marker never becomes ours, when it was first seen by the run that deletes the real group', async () => {
  const { stand, okta, copy } = await copiedWorld();
  stand.okta.state.removeGroup(okta);
  await stand.configure({ guard: { minimumGroups: 0 } });
  await stand.report('apply');
  expect(await stand.report('apply')).toMatchObject(NOTHING_BUT_THE_COPY);
  expect([...stand.secoda.state.groups.keys()]).toEqual([copy]);
});

it('a copied marker never becomes ours, when somebody deletes the real group after a run over another group', async () => {
  const { stand, real, copy } = await copiedWorld();
  stand.okta.state.addGroup({ name: 'Other' });
  await stand.report('apply', '--group', 'Other');
  stand.secoda.state.removeGroup(stand.secoda.state.group(real));
  const done = await stand.report('apply');
  expect(done).toMatchObject({ code: 4, changes: [{ action: 'create', group: { name: 'Data' } }] });
  expect(await stand.report('apply')).toMatchObject(NOTHING_BUT_THE_COPY);
  expect(stand.secoda.state.group(copy).users.size).toBe(1);
});

it('a copied marker never becomes ours, when it appears while the real group is being deleted', async () => {
  const { stand, okta, copy } = await copiedWorld();
  const description = stand.secoda.state.group(copy).description;
  stand.secoda.state.edit(stand.secoda.state.group(copy), { description: '' });
  stand.okta.state.removeGroup(okta);
  await stand.configure({ guard: { minimumGroups: 0 } });
  const copying = after(() => {
    stand.secoda.state.edit(stand.secoda.state.group(copy), { description });
  });
  stand.secoda.faults.add({ on: 'secoda.group.list', effect: copying });
  await stand.report('apply');
  expect(await stand.report('apply')).toMatchObject(NOTHING_BUT_THE_COPY);
  expect([...stand.secoda.state.groups.keys()]).toEqual([copy]);
});

it.each([
  ['by us', true],
  ['by somebody', false],
])(
  'a marker that was copied and edited never becomes ours, when the real group is deleted %s',
  async (_, ours) => {
    const { stand, okta, real, copy } = await copiedWorld();
    const other = stand.okta.state.addGroup({ name: 'Other' });
    const ids = [okta.id, other.id].sort().join(', ');
    stand.secoda.state.edit(stand.secoda.state.group(copy), { description: markerOf({ id: ids }) });
    expect(await stand.report('apply')).toMatchObject({ code: 4, skipped: [{ group: 'Copy' }] });
    stand.okta.state.removeGroup(okta);
    stand.okta.state.removeGroup(other);
    await stand.configure({ guard: { minimumGroups: 0 } });
    if (!ours) stand.secoda.state.removeGroup(stand.secoda.state.group(real));
    await stand.report('apply');
    expect(await stand.report('apply')).toMatchObject(NOTHING_BUT_THE_COPY);
    expect([...stand.secoda.state.groups.keys()]).toEqual([copy]);
    expect(stand.secoda.state.group(copy).users.size).toBe(1);
  },
);

it('a group without a memory is made once, when a killed run made it anew', async () => {
  const { stand, real, okta } = await copiedWorld();
  await stand.report('apply');
  // As a run leaves it that is killed between its POST and its note of it.
  stand.secoda.state.removeGroup(stand.secoda.state.group(real));
  const anew = stand.secoda.state.addGroup({ name: 'Data', description: markerOf(okta) });
  expect(await stand.report('apply')).toMatchObject(NOTHING_BUT_THE_COPY);
  expect([...stand.secoda.state.groups.values()].map(({ name }) => name)).toEqual(['Copy', 'Data']);
  stand.okta.state.renameGroup(okta, 'Newer');
  await stand.report('apply');
  expect(anew.name).toBe('Newer');
});

it('a copied marker becomes ours when its line is deleted and its group bears the wanted name', async () => {
  const { stand, real, copy } = await copiedWorld();
  await stand.report('apply');
  stand.secoda.state.removeGroup(stand.secoda.state.group(real));
  stand.secoda.state.edit(stand.secoda.state.group(copy), { name: 'Data' });
  expect(await stand.report('apply')).toMatchObject({
    code: 4,
    changes: [],
    skipped: [{ group: 'Data' }, { group: 'Data' }],
  });
  stand.secoda.state.edit(stand.secoda.state.group(copy), { description: '' });
  expect(await stand.report('apply')).toMatchObject({
    code: 0,
    changes: [{ adopted: true, outcome: 'applied' }],
  });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync', warnings: [] });
});
