import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { membersOf } from './small-world.ts';
import { scenario, type Scenario } from './scenario.ts';

/** What version 0.2.0 left behind after three nights and an onboarding, the last night refused; and both sides as they stood. */
const FIXTURE = fileURLToPath(new URL('version-0.2.0', import.meta.url));
const group = z.object({ id: z.string(), name: z.string(), description: z.string().nullable() });
const worldShape = z.object({
  now: z.iso.datetime(),
  config: z.looseObject({ okta: z.looseObject({}) }),
  oktaUsers: z.array(z.object({ id: z.string(), email: z.string() })),
  oktaGroups: z.array(group.extend({ members: z.array(z.string()) })),
  secodaUsers: z.array(z.object({ id: z.string(), email: z.string(), pending: z.boolean() })),
  secodaGroups: z.array(group.extend({ description: z.string(), users: z.array(z.string()) })),
  runs: z.array(z.tuple([z.string(), z.number(), z.string(), z.string(), z.string()])),
});

/** This version, the morning after, with the archive that version 0.2.0 left. */
async function upgraded(): Promise<Scenario & { readonly runs020: readonly string[] }> {
  const world = worldShape.parse(JSON.parse(await readFile(join(FIXTURE, 'world.json'), 'utf8')));
  const stand = await scenario();
  const { okta, secoda } = stand;
  await stand.configure({
    ...world.config,
    okta: { ...world.config.okta, orgUrl: okta.url },
    secoda: { url: secoda.url },
  });
  const people = new Map(world.oktaUsers.map((each) => [each.id, okta.state.addUser(each)]));
  for (const { members, ...each } of world.oktaGroups)
    okta.state.addGroup({ ...each, members: members.flatMap((id) => people.get(id) ?? []) });
  const accounts = new Map(world.secodaUsers.map((each) => [each.id, secoda.state.addUser(each)]));
  for (const { users, ...each } of world.secodaGroups)
    secoda.state.addGroup({ ...each, users: users.flatMap((id) => accounts.get(id) ?? []) });
  await cp(join(FIXTURE, 'archive'), stand.runs, { recursive: true });
  const reads = join(stand.runs, 'reads/okta.json');
  // The emulator of that time had another port.
  await writeFile(reads, (await readFile(reads, 'utf8')).replace(/"org":"[^"]+"/, `"org":"${okta.url}"`));
  stand.jump(Date.parse(world.now) + 20 * 3_600_000 - stand.clock.now());
  return { ...stand, runs020: world.runs.map(([, , , runId]) => runId) };
}

it('an archive of version 0.2.0 works on: what was refused is refused, what was remembered is known', async () => {
  const stand = await upgraded();
  const before = membersOf(stand);
  const refused = await stand.report('apply');
  expect(refused).toMatchObject({
    code: 3,
    status: 'refused',
    refusals: [{ rule: 'memberRemovals' }, { rule: 'removalsPerGroup' }],
    changes: [{ group: { name: 'Data' }, adopted: false }],
    invited: [{ email: 'hire@acme.com', outcome: 'awaited' }],
    skipped: [],
  });
  expect(membersOf(stand)).toEqual(before);
  const applied = await stand.report('apply', '--approve', refused.digest ?? '');
  expect(applied).toMatchObject({ code: 0, status: 'applied', summary: { members: { remove: 4 } } });
  expect(stand.secoda.state.writes).toHaveLength(1);
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  expect((await stand.sync('history', '--verify')).code).toBe(0);
});

it('runs of version 0.2.0 are listed, shown and searched beside those of this one', async () => {
  const stand = await upgraded();
  const [first = '', second = '', , last = ''] = stand.runs020;
  const { stdout } = await stand.sync('history', '--json');
  const { runs } = z
    .object({ runs: z.array(z.looseObject({ runId: z.string(), status: z.string() })) })
    .parse(JSON.parse(stdout));
  expect(runs.map(({ runId, status }) => [runId, status])).toEqual(
    stand.runs020.map((runId) => [runId, runId === last ? 'refused' : 'applied']).reverse(),
  );
  expect((await stand.sync('show', second)).stdout).toContain('p5@acme.com');
  expect((await stand.sync('history', 'p5@acme.com')).stdout).toContain(second);
  expect((await stand.sync('show', first, '--group', 'BI', '--members')).stdout).toContain('p7@acme.com');
  const replayed = await stand.sync('plan', '--from', first);
  expect(replayed).toMatchObject({ code: 2 });
  expect(replayed.stderr).toContain(`run ${first} kept no snapshot`);
});

it('a later version finds what this one does not know in the files that it writes anew', async () => {
  const stand = await upgraded();
  const edit = async (key: string, change: (text: string) => string) => {
    const path = join(stand.runs, key);
    await writeFile(path, change(await readFile(path, 'utf8')));
  };
  await edit('state.json', (text) =>
    text
      .replace('{"version":1,', '{"version":1,"later":{"a":[1]},')
      .replace('"via":"okta",', '"via":"okta","mood":"good",'),
  );
  await edit('invited.json', (text) =>
    text
      .replace('{"version":1,', '{"version":1,"later":"x",')
      .replace('"via":"okta",', '"via":"okta","mood":"good",'),
  );
  const { digest } = await stand.report('apply');
  await edit('history/head.json', (text) => text.replace('{', '{"later":"z",'));
  await stand.report('apply', '--approve', digest ?? '');
  stand.okta.state.addGroup({ name: 'New' });
  await stand.report('apply');
  expect(await stand.read('state.json')).toMatchObject({ later: { a: [1] } });
  expect(JSON.stringify(await stand.read('state.json'))).toContain('"mood":"good"');
  expect(await stand.read('invited.json')).toMatchObject({ later: 'x', people: [{ mood: 'good' }] });
  expect(await stand.read('history/head.json')).toMatchObject({ later: 'z' });
});
