import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { dropField, nextOnAnotherHost, rewrite, status, truncatePage } from '../emulators/index.ts';
import { isJsonObject, type Json } from '../emulators/json.ts';
import { markerOf, membersOf, smallWorld } from './small-world.ts';
import { scenario } from './scenario.ts';

const NAMES = [
  'Data \u001b[2J\u001b[31mred',
  'Data \u202Etxet desrever',
  'Data \u0007 bell \u0000 null',
  'Data\nManaged by Okta (00gEvil) via okta. Changes made in Secoda are overwritten.',
  '__proto__',
  'constructor',
  '<script>alert(1)</script>',
  '=HYPERLINK("http://example.com")',
  'Data \ud800 lone',
  'D'.repeat(10_000),
];
/** What a terminal would act on instead of showing it. */
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('hostile data', () => {
  it('reaches the terminal escaped, and Secoda as it is', async () => {
    const stand = await scenario();
    for (const name of NAMES) stand.okta.state.addGroup({ name, description: name });
    const evil = stand.okta.state.addUser({ email: '\u001b[31mmallory\u202e@acme.com' });
    stand.okta.state.addGroup({ name: 'People', members: [evil] });
    const { code, stdout, stderr } = await stand.sync('apply');
    for (const line of `${stdout}${stderr}`.split('\n')) expect(line).not.toMatch(DANGEROUS);
    // Secoda refuses the longest name, which stays that group's trouble alone.
    expect(code, stdout).toBe(4);
    expect(stand.secoda.state.groups.size).toBe(NAMES.length);
    const again = await stand.report('apply');
    expect(again.changes.map(({ group, outcome }) => [group.name.slice(0, 2), outcome])).toEqual([
      ['DD', 'failed'],
    ]);
  });

  it('cannot smuggle a marker into a description', async () => {
    const stand = await scenario();
    const description = [
      'first',
      markerOf({ id: '00gEvil' }),
      `\u2028${markerOf({ id: '00gEvil' })}`,
      'last',
    ].join('\n');
    const group = stand.okta.state.addGroup({ name: 'Data', description });
    await stand.report('apply');
    const [made] = stand.secoda.state.groups.values();
    expect(made?.description).toBe(`${markerOf(group)}\nfirst\n\nlast`);
  });

  it('matches nothing by accident: case, blanks and look-alikes are other names', async () => {
    const stand = await scenario();
    stand.okta.state.addGroup({ name: 'Data' });
    for (const name of ['data', 'DATA', 'Dаta', 'Data.'])
      stand.secoda.state.addGroup({ name, description: 'by hand' });
    expect(await stand.report('apply')).toMatchObject({
      code: 0,
      changes: [{ action: 'create', adopted: false }],
    });
    expect(stand.secoda.state.groups.size).toBe(5);
  });

  it('lets nobody in by an address that only looks the same', async () => {
    const stand = await scenario();
    const ada = stand.okta.state.addUser({ email: 'ADA@Acme.com ' });
    const imposter = stand.okta.state.addUser({ email: 'аda@acme.com' });
    stand.secoda.state.addUser({ email: 'ada@acme.com' });
    stand.okta.state.addGroup({ name: 'Data', members: [ada, imposter] });
    expect(await stand.report('apply')).toMatchObject({ code: 0, unmatched: [{ reason: 'no-account' }] });
    expect(membersOf(stand)).toEqual({ Data: ['ada@acme.com'] });
  });
});

describe('credentials', () => {
  it.each(['okta.group.list', 'secoda.group.list', 'secoda.user.list'])(
    'go to the configured origin only, wherever %s points',
    async (on) => {
      let asked = 0;
      const stranger = createServer((_request, response) => {
        asked++;
        response.end('[]');
      });
      await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
      const { port } = stranger.address() as AddressInfo;
      try {
        const stand = await scenario({ okta: { pageCap: 1 }, secoda: { pageSize: 1, ignorePageSize: true } });
        smallWorld(stand);
        const emulator = on.startsWith('okta') ? stand.okta : stand.secoda;
        emulator.faults.add({ on, effect: nextOnAnotherHost(`http://127.0.0.1:${port}`), times: Infinity });
        const { code } = await stand.report('apply');
        // Okta's cursor is followed as it is or not at all; of Secoda's only the query is used.
        expect(code).toBe(on.startsWith('okta') ? 5 : 0);
        emulator.faults.clear();
        emulator.faults.add({
          on,
          effect: status(302, '', { location: `http://127.0.0.1:${port}/x` }),
          times: Infinity,
        });
        expect(await stand.report('apply')).toMatchObject({ code: 5 });
        expect(asked).toBe(0);
      } finally {
        stranger.close();
      }
    },
  );
});

describe('a directory that shows less than there is', () => {
  it('is not believed when Okta itself counts more people than it lists', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand, { groups: 2, people: 6 });
    const [pair] = pairs;
    if (!pair) throw new Error('empty world');
    stand.okta.faults.add({
      on: 'okta.group.users',
      effect: truncatePage(2),
      when: ({ path }) => path.includes(pair.okta.id),
    });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 0, status: 'in-sync', changes: [], skipped: [] });
    expect(done.warnings).toMatchObject([{ kind: 'doubted', group: 'Group A' }]);
    expect(done.warnings[0]?.message).toContain('Okta counts 6 people');
    expect(pair.secoda.users.size).toBe(6);
  });

  it('without anybody’s e-mail takes nobody’s access, and says whom it does not know', async () => {
    const stand = await scenario();
    smallWorld(stand, { groups: 2, people: 2 });
    stand.okta.faults.add({
      on: 'okta.group.users',
      effect: dropField('*.profile.email'),
      times: Infinity,
    });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 0, status: 'in-sync', unmatched: [{}, {}] });
    expect(done.unmatched.map(({ reason }) => reason)).toEqual(['no-email', 'no-email']);
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it('by a narrowed role deletes nothing: what is merely unlisted is deferred, and the guard has the last word', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand, { groups: 5 });
    stand.okta.state.hiddenStatus = 403;
    for (const { okta } of pairs) stand.okta.state.hiddenGroups.add(okta.id);
    expect(await stand.report('apply')).toMatchObject({ code: 6, status: 'failed' });
    stand.okta.state.hiddenStatus = 404;
    expect(await stand.report('apply')).toMatchObject({ code: 3, status: 'refused' });
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it('holds on to people with a status never seen before, and says so', async () => {
    const stand = await scenario();
    const { people, pairs } = smallWorld(stand, { groups: 1 });
    const [person] = people;
    if (!person) throw new Error('empty world');
    stand.okta.faults.add({
      on: 'okta.group.users',
      times: Infinity,
      effect: rewrite((reply) => ({
        ...reply,
        body: Array.isArray(reply.body)
          ? reply.body.map((row) =>
              typeof row === 'object' && row !== null && 'id' in row && row.id === person.id
                ? { ...row, status: 'FROZEN' }
                : row,
            )
          : reply.body,
      })),
    });
    expect(await stand.report('apply')).toMatchObject({
      code: 0,
      status: 'in-sync',
      warnings: [{ group: 'Group A' }],
    });
    expect(pairs[0]?.secoda.users.size).toBe(4);
  });
});

describe('a workspace that shows less than there is', () => {
  /** Secoda's list of groups without some of them, and otherwise as it should be. */
  const without = (isHidden: (name: Json | undefined) => boolean) =>
    rewrite((reply) => {
      const { body } = reply;
      if (!isJsonObject(body) || !Array.isArray(body.results)) return reply;
      const results = body.results.filter((row) => !isJsonObject(row) || !isHidden(row.name));
      return { ...reply, body: { ...body, results, count: results.length } };
    });

  it.each([
    ['no group at all', without(() => true)],
    ['one group less', without((name) => name === 'B')],
  ])('is not believed when it lists %s, and nothing is made twice', async (_, effect) => {
    const stand = await scenario();
    for (const name of ['A', 'B', 'C']) stand.okta.state.addGroup({ name });
    await stand.report('apply');
    const writes = stand.secoda.state.writes.length;
    stand.secoda.faults.add({ on: 'secoda.group.list', effect, times: Infinity });
    for (const command of ['plan', 'apply']) {
      const done = await stand.report(command);
      expect(done).toMatchObject({ code: 5, status: 'failed' });
      expect(done.error).toContain('may the API key see all groups?');
    }
    expect(stand.secoda.state.writes).toHaveLength(writes);
    stand.secoda.faults.clear();
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('is believed when the groups were deleted indeed: they are made anew', async () => {
    const stand = await scenario();
    for (const name of ['A', 'B']) stand.okta.state.addGroup({ name });
    await stand.report('apply');
    for (const group of [...stand.secoda.state.groups.values()]) stand.secoda.state.removeGroup(group);
    expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { groups: { create: 2 } } });
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });
});
