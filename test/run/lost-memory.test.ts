import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resetAfter, status } from '../emulators/index.ts';
import { markerOf, membersOf } from './small-world.ts';
import { type Scenario, scenario } from './scenario.ts';

/** Okta groups by name with one person each, `ada` in `Ada`; mapped as given, written, and followed by a quiet night without a memory. */
async function afterAQuietNight(names: readonly string[], map: Record<string, string>): Promise<Scenario> {
  const stand = await scenario();
  for (const name of names) {
    const email = `${name.toLowerCase()}@acme.com`;
    stand.secoda.state.addUser({ email });
    stand.okta.state.addGroup({ name, members: [stand.okta.state.addUser({ email })] });
  }
  await stand.configure({ groups: { map } });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
  await forget(stand);
  await expectInSync(stand);
  return stand;
}

const forget = ({ runs }: Scenario) => rm(join(runs, 'state.json'), { force: true });
const idsOf = ({ secoda }: Scenario) => [...secoda.state.groups.keys()].sort();

/** Groups that go on and that nothing is left to do about. */
async function expectInSync(stand: Scenario): Promise<void> {
  expect(await stand.report('apply')).toMatchObject({
    code: 0,
    status: 'in-sync',
    skipped: [],
    warnings: [],
  });
}

it('a quiet night remembers every group of ours, and the next one has nothing to add', async () => {
  const stand = await afterAQuietNight(['Alpha', 'Beta'], {});
  const memory = await stand.read('state.json');
  expect(memory).toMatchObject({ groups: idsOf(stand).map((secodaId) => ({ secodaId, via: 'okta' })) });
  await expectInSync(stand);
  expect(await stand.read('state.json')).toEqual(memory);
});

it.each([
  ['in the night before', false],
  ['and nothing was written since', true],
])('groups that are mapped anew stay ours when the memory was lost %s', async (_, lostAgain) => {
  const stand = await afterAQuietNight(['Alpha', 'Beta', 'Gamma'], {
    Alpha: 'Core',
    Beta: 'Core',
    Gamma: 'Alpha',
  });
  const before = idsOf(stand);
  if (lostAgain) await forget(stand);
  await stand.configure({ groups: { map: { Beta: 'Rest', Gamma: 'Rest' } } });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
  expect(membersOf(stand)).toEqual({ Alpha: ['alpha@acme.com'], Rest: ['beta@acme.com', 'gamma@acme.com'] });
  expect(idsOf(stand)).toEqual(before);
  await expectInSync(stand);
});

it('a group whose deletion failed once, after it was united with another, is deleted by the next run', async () => {
  const stand = await afterAQuietNight(['Alpha', 'Beta'], {});
  await forget(stand);
  await stand.configure({ groups: { map: { Alpha: 'Alpha', Beta: 'Alpha' } } });
  stand.secoda.faults.add({ on: 'secoda.group.delete', effect: status(503), times: Infinity });
  expect(await stand.report('apply')).toMatchObject({ code: 4, status: 'partial' });
  stand.secoda.faults.clear();
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', skipped: [] });
  expect(membersOf(stand)).toEqual({ Alpha: ['alpha@acme.com', 'beta@acme.com'] });
  await expectInSync(stand);
});

it('a union that is taken apart goes on as one of its parts, although its write failed once', async () => {
  const stand = await afterAQuietNight(['Alpha', 'Beta'], { Alpha: 'Union', Beta: 'Union' });
  const [union] = idsOf(stand);
  await forget(stand);
  await stand.configure({ groups: {} });
  stand.secoda.faults.add({ on: 'secoda.group.update', effect: status(503), times: Infinity });
  expect(await stand.report('apply')).toMatchObject({ code: 4, status: 'partial' });
  stand.secoda.faults.clear();
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', skipped: [] });
  expect(membersOf(stand)).toEqual({ Alpha: ['alpha@acme.com'], Beta: ['beta@acme.com'] });
  expect(idsOf(stand)).toContain(union);
  await expectInSync(stand);
});

it('an onboarding without a memory makes no copy of a group that shares an Okta group with the one it joins', async () => {
  const stand = await scenario();
  const { okta, secoda } = stand;
  const email = 'ada@acme.com';
  secoda.state.addUser({ email });
  const alpha = okta.state.addGroup({ name: 'Alpha', members: [okta.state.addUser({ email })] });
  const beta = okta.state.addGroup({ name: 'Beta' });
  secoda.state.addGroup({ name: 'Alpha', description: markerOf(alpha) });
  secoda.state.addGroup({ name: 'United', description: markerOf({ id: `${alpha.id}, ${beta.id}` }) });
  const before = idsOf(stand);

  expect(await stand.report('onboard', email)).toMatchObject({ code: 0, status: 'applied' });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', skipped: [] });
  expect(membersOf(stand)).toEqual({ Alpha: [email], Beta: [] });
  expect(idsOf(stand)).toEqual(before);
});

it.each(['html', 'markdown', 'backslashes', 'entities', 'crlf'] as const)(
  'a workspace that shows descriptions as %s is written once, and its groups are known without a memory',
  async (descriptions) => {
    const stand = await scenario({ secoda: { descriptions } });
    const description = 'Data & <people>\nof a_b';
    const alpha = stand.okta.state.addGroup({ name: 'Alpha', description });
    const hand = stand.secoda.state.addGroup({ name: 'Beta', description: 'By hand' });
    stand.okta.state.addGroup({ name: 'Beta' });
    // Its answer is lost, so it is looked for.
    stand.secoda.faults.add({ on: 'secoda.group.create', effect: resetAfter() });
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
    await expectInSync(stand);
    await forget(stand);
    await expectInSync(stand);
    expect(stand.secoda.state.writes).toHaveLength(2);
    expect(stand.secoda.state.group('Alpha').description).toBe(`${markerOf(alpha)}\n${description}`);
    expect(hand.description).toMatch(/^Managed by Okta \(\w+\) via okta\..*\n\W*p?\W*By hand\W*p?\W*$/);
  },
);
