import { describe, expect, it } from 'vitest';
import type { OnboardReport } from '../../../lambda/core/report/onboard-report.ts';
import { after, before, hangAfterEffect, resetAfter, status } from '../../emulators/index.ts';
import { markerOf, membersOf, smallWorld } from '../small-world.ts';
import { scenario, type Scenario, type ScenarioOptions } from '../scenario.ts';

type Told = OnboardReport & { readonly code: number };

async function onboard(stand: Scenario, ...emails: string[]): Promise<Told> {
  const { code, stdout, stderr } = await stand.sync('onboard', ...emails, '--json');
  expect(stdout, stderr).toMatch(/^\{/);
  return { ...(JSON.parse(stdout) as OnboardReport), code };
}

const answersOf = ({ people }: Told) => Object.fromEntries(people.map((each) => [each.email, each.answers]));

/** Three managed groups in sync, and a hire who is in the first two of them in Okta and has an account. */
async function withHire(options: ScenarioOptions = {}, active = true) {
  const stand = await scenario(options);
  const world = smallWorld(stand);
  const hire = stand.okta.state.addUser({ email: 'hire@acme.com', status: 'PROVISIONED' });
  for (const { okta } of world.pairs.slice(0, 2)) stand.okta.state.join(hire, okta);
  const account = stand.secoda.state.addUser({ email: 'Hire@Acme.com', pending: !active });
  return { stand, ...world, hire, account };
}

describe('onboard', () => {
  it('adds people to every managed group they are in in Okta, with one write a group, and only once', async () => {
    const { stand, pairs } = await withHire();
    const told = await onboard(stand, 'hire@acme.com');
    expect(told).toMatchObject({
      code: 0,
      mode: 'onboard',
      status: 'applied',
      summary: { groups: { create: 0, update: 2, delete: 0 }, members: { add: 2, remove: 0 } },
      requests: { okta: { reads: 7 }, secoda: { reads: 4, writes: 2 } },
      error: null,
    });
    expect(told.changes).toMatchObject([
      {
        action: 'update',
        group: { name: 'Group A' },
        add: ['hire@acme.com'],
        remove: [],
        outcome: 'applied',
      },
      {
        action: 'update',
        group: { name: 'Group B' },
        add: ['hire@acme.com'],
        remove: [],
        outcome: 'applied',
      },
    ]);
    expect(answersOf(told)).toEqual({ 'hire@acme.com': ['added to Group A', 'added to Group B'] });
    expect(pairs.map(({ secoda }) => secoda.users.size)).toEqual([5, 5, 4]);

    const again = await onboard(stand, 'HIRE@acme.com', 'hire@acme.com');
    expect(again).toMatchObject({ code: 0, status: 'in-sync', requests: { secoda: { writes: 0 } } });
    expect(answersOf(again)).toEqual({
      'HIRE@acme.com': ['already there: Group A', 'already there: Group B'],
    });
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('says for each person what came of it', async () => {
    const { stand, pairs, people } = await withHire();
    const { okta, secoda } = stand;
    const [first] = pairs;
    if (!first) throw new Error('empty world');
    const add = (email: string, more = {}) => {
      const user = okta.state.addUser({ email, ...more });
      okta.state.join(user, first.okta);
      return user;
    };
    add('stranger@acme.com');
    add('gone@acme.com', { status: 'DEPROVISIONED' });
    add('odd@acme.com', { status: 'HIBERNATING' });
    add('twin@acme.com');
    for (const id of ['twin-1', 'twin-2']) secoda.state.addUser({ email: 'twin@acme.com', id });
    okta.state.addUser({ email: 'alone@acme.com' });
    okta.state.addGroup({ name: 'New', members: people.slice(0, 1) });
    const told = await onboard(
      stand,
      ...['p0@acme.com', 'stranger@acme.com', 'gone@acme.com', 'odd@acme.com'],
      ...['twin@acme.com', 'alone@acme.com', 'nobody@acme.com'],
    );
    expect(told).toMatchObject({ code: 0, status: 'in-sync', changes: [] });
    expect(answersOf(told)).toEqual({
      'p0@acme.com': [
        'already there: Group A',
        'already there: Group B',
        'already there: Group C',
        'group not yet created: New; the next full run does it',
      ],
      'stranger@acme.com': ['no Secoda account'],
      'gone@acme.com': ['not eligible: Okta says DEPROVISIONED'],
      'odd@acme.com': ['not eligible: Okta says HIBERNATING, a status never seen before'],
      'twin@acme.com': ['ambiguous: several Secoda accounts have this address'],
      'alone@acme.com': ['in no synced group'],
      'nobody@acme.com': ['not in Okta'],
    });
    expect(told.unmatched).toEqual([
      { email: 'stranger@acme.com', groups: ['Group A'], reason: 'no-account', since: null, runs: 0 },
      { email: 'twin@acme.com', groups: ['Group A'], reason: 'ambiguous', since: null, runs: 0 },
    ]);
    expect(secoda.state.writes).toEqual([]);
  });

  it('finds groups as a full run does: by mapping, aliases and exclusions, and touches no group of others', async () => {
    const { stand, hire, account } = await withHire();
    const { okta, secoda, configure } = stand;
    const [bi, sales, secret, foreign] = ['BI', 'Sales', 'Secret', 'Foreign'].map((name) =>
      okta.state.addGroup({ name, members: [hire] }),
    );
    if (!bi || !sales || !secret || !foreign) throw new Error('empty world');
    const both = `Managed by Okta (${[bi.id, sales.id].sort().join(', ')}) via okta. Changes made in Secoda are overwritten.`;
    const union = secoda.state.addGroup({ name: 'Union', description: both });
    secoda.state.addGroup({ name: 'Secret', description: markerOf(secret) });
    secoda.state.addGroup({ name: 'Foreign', description: markerOf(foreign, 'emea') });
    secoda.state.addGroup({ name: 'BI' });
    account.email = 'h@acme.io';
    await configure({
      groups: { exclude: ['Secret', 'Group *'], map: { BI: 'Union', Sales: 'Union' } },
      users: { aliases: { 'hire@acme.com': 'h@acme.io' } },
    });
    const told = await onboard(stand, 'hire@acme.com');
    expect(answersOf(told)).toEqual({
      'hire@acme.com': ['group not yet created: Foreign; the next full run does it', 'added to Union'],
    });
    expect([...union.users]).toEqual([account]);
    expect(secoda.state.writes).toHaveLength(1);
  });

  it('leaves alone what a full run would leave alone, and is partial then', async () => {
    const { stand, hire } = await withHire();
    for (const id of ['00gX', '00gY']) stand.okta.state.addGroup({ id, name: 'Same', members: [hire] });
    const told = await onboard(stand, 'hire@acme.com');
    expect(told).toMatchObject({ code: 4, status: 'partial' });
    expect(told.skipped.map(({ oktaIds }) => oktaIds)).toEqual([['00gX'], ['00gY']]);
    expect(answersOf(told)['hire@acme.com']).toContain('added to Group A');
    expect(answersOf(told)['hire@acme.com']?.[0]).toMatch(/^group left alone: Same: 2 Okta groups arrive/);
  });

  it('adds nobody whom Okta let go between the search and the write', async () => {
    const { stand, pairs, hire, account } = await withHire();
    const [first, second] = pairs;
    if (!first || !second) throw new Error('empty world');
    const leaves = after(() => stand.okta.state.leave(hire, first.okta));
    stand.okta.faults.add({ on: 'okta.user.groups', effect: leaves });
    const told = await onboard(stand, 'hire@acme.com');
    expect(answersOf(told)).toEqual({
      'hire@acme.com': ['not added to Group A: Okta says otherwise by now', 'added to Group B'],
    });
    expect(told).toMatchObject({ code: 4, status: 'partial' });
    expect(first.secoda.users.has(account)).toBe(false);
    expect(second.secoda.users.has(account)).toBe(true);
  });

  it('keeps everyone who joined the group in Secoda between the search and the write', async () => {
    const { stand, pairs, account } = await withHire();
    const [first] = pairs;
    if (!first) throw new Error('empty world');
    const guest = stand.secoda.state.addUser({ email: 'guest@acme.com' });
    const robot = stand.secoda.state.addUser({ email: null, hidden: true });
    const joins = before(() => {
      stand.secoda.state.join(guest, first.secoda);
      stand.secoda.state.join(robot, first.secoda);
      stand.secoda.state.edit(first.secoda, { name: 'By hand' });
    });
    stand.secoda.faults.add({ on: 'secoda.group.get', effect: joins });
    await onboard(stand, 'hire@acme.com');
    expect(first.secoda.name).toBe('By hand');
    expect([...first.secoda.users]).toEqual(expect.arrayContaining([account, guest, robot]));
    expect(first.secoda.users.size).toBe(7);
  });

  it('is not undone by a full run that goes on at the same time, and undoes nothing of it', async () => {
    const { stand, pairs, people, account } = await withHire();
    const [leaver] = people;
    if (!leaver) throw new Error('empty world');
    for (const { okta } of pairs) stand.okta.state.leave(leaver, okta);
    const ends = await Promise.all([stand.report('apply'), onboard(stand, 'hire@acme.com')]);
    for (const { code } of ends) expect([0, 4]).toContain(code);
    const everyone = ['p1@acme.com', 'p2@acme.com', 'p3@acme.com'];
    const withAccount = ['Hire@Acme.com', ...everyone];
    expect(membersOf(stand)).toEqual({ 'Group A': withAccount, 'Group B': withAccount, 'Group C': everyone });
    expect(account.email).toBe('Hire@Acme.com');
    expect(await stand.report('apply')).toMatchObject({ status: 'in-sync' });
  });

  it.each([
    ['keeps', 'kept', ['added to Group A', 'added to Group B', 'invited'], 0],
    ['drops', 'dropped', undefined, 4],
    ['refuses', 'refused', undefined, 4],
    ['hides', 'pending', undefined, 4],
  ] as const)(
    'asks once for somebody who has not signed in, where Secoda %s them',
    async (_, invited, answers, code) => {
      const { stand, account } = await withHire({ secoda: { invited } }, false);
      const told = await onboard(stand, 'hire@acme.com');
      const not = 'asked for again when their account changes, or after a week';
      const expected = answers ?? [
        `not taken by Secoda: Group A; ${not}`,
        `not taken by Secoda: Group B; ${not}`,
        'invited',
      ];
      expect(answersOf(told)).toEqual({ 'hire@acme.com': expected });
      expect(told.code).toBe(code);
      const { length } = stand.secoda.requests.filter(({ method }) => method === 'PATCH');
      expect(await onboard(stand, 'hire@acme.com')).toMatchObject({ code: 0, status: 'in-sync' });
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
      expect(stand.secoda.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(length);
      stand.secoda.state.activate(account);
      expect((await onboard(stand, 'hire@acme.com')).code).toBe(0);
      expect(membersOf(stand)['Group A']).toContain('Hire@Acme.com');
    },
  );

  it.each([
    ['', {}],
    [' under an alias', { 'hire@acme.com': 'h@acme.io' }],
    [' under a pattern of aliases', { '*@acme.com': '*@acme.io' }],
  ])('does not drop somebody whom Secoda took%s and does not show yet', async (_, aliases) => {
    const { stand, pairs, account } = await withHire({ secoda: { invited: 'pending' } }, false);
    const [first] = pairs;
    if (!first) throw new Error('empty world');
    const [to] = Object.values(aliases);
    if (to !== undefined) account.email = to.replace('*', 'hire');
    await stand.configure({ users: { aliases } });
    await onboard(stand, 'hire@acme.com');
    expect(first.secoda.users.has(account)).toBe(true);
    const next = stand.okta.state.addUser({ email: 'next@acme.com' });
    stand.okta.state.join(next, first.okta);
    stand.secoda.state.addUser({ email: to?.startsWith('*') ? 'next@acme.io' : 'next@acme.com' });
    expect(answersOf(await onboard(stand, 'next@acme.com'))).toEqual({
      'next@acme.com': ['added to Group A'],
    });
    expect(first.secoda.users.has(account)).toBe(true);
  });

  it.each([
    ['a reset after it took effect', resetAfter()],
    ['no answer although it took effect', hangAfterEffect()],
    ['a 503', status(503)],
  ])('survives a write that ends in %s', async (_, effect) => {
    const { stand, pairs } = await withHire();
    stand.secoda.faults.add({ on: 'secoda.group.update', effect });
    expect(await onboard(stand, 'hire@acme.com')).toMatchObject({ code: 0, status: 'applied' });
    expect(pairs.map(({ secoda }) => secoda.users.size)).toEqual([5, 5, 4]);
  });

  it('goes on with other groups when Secoda refuses one', async () => {
    const { stand } = await withHire();
    stand.secoda.faults.add({ on: 'secoda.group.update', effect: status(400, { users: ['No.'] }) });
    const told = await onboard(stand, 'hire@acme.com');
    expect(told).toMatchObject({ code: 4, status: 'partial' });
    expect(told.changes.map(({ outcome }) => outcome)).toEqual(['failed', 'applied']);
    const [failed, added] = answersOf(told)['hire@acme.com'] ?? [];
    expect(failed).toMatch(/^not added to Group A: PATCH .* was refused \(400/);
    expect(added).toBe('added to Group B');
  });

  it.each([
    ['okta.user.list', 500, 5],
    ['okta.user.groups', 403, 6],
    ['secoda.user.list', 401, 6],
    ['okta.group.list', 404, 5],
  ])('ends before the first write when %s answers %i', async (on, code, exit) => {
    const { stand } = await withHire();
    const side = on.startsWith('okta') ? stand.okta : stand.secoda;
    side.faults.add({ on, times: Infinity, effect: status(code) });
    const told = await onboard(stand, 'hire@acme.com');
    expect(told).toMatchObject({ code: exit, status: 'failed', people: [], changes: [] });
    expect(stand.secoda.state.writes).toEqual([]);
    expect(await stand.read(`${told.runId}/report.json`)).toMatchObject({
      mode: 'onboard',
      status: 'failed',
    });
  });

  it('stops at the first write that Secoda does not allow', async () => {
    const { stand } = await withHire({
      environment: (okta, secoda) => ({
        OKTA_API_TOKEN: okta.credentials.apiToken,
        SECODA_API_KEY: secoda.credentials.viewerKey,
      }),
    });
    const told = await onboard(stand, 'hire@acme.com');
    expect(told).toMatchObject({ code: 6, status: 'failed' });
    expect(answersOf(told)['hire@acme.com']?.[0]).toMatch(/^not added to Group A: .*Admin/);
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it('says which right a service app lacks', async () => {
    const { stand } = await withHire({
      okta: { grantedScopes: ['okta.groups.read'] },
      environment: ({ credentials }, secoda) => ({
        OKTA_CLIENT_ID: credentials.clientId,
        OKTA_PRIVATE_KEY: credentials.privateKeyJwk,
        SECODA_API_KEY: secoda.credentials.apiKey,
      }),
    });
    const { code, stderr } = await stand.sync('onboard', 'hire@acme.com');
    expect(code).toBe(6);
    expect(stderr).toContain('okta.users.read');
  });

  it('waits for the write budget, and throttles nobody', async () => {
    const stand = await scenario();
    await stand.configure({ secoda: { url: stand.secoda.url, writesPerMinute: 4 } });
    const { people } = smallWorld(stand, { groups: 10, people: 1 });
    const [first] = people;
    const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
    for (const group of first?.groups ?? []) stand.okta.state.join(hire, group);
    stand.secoda.state.addUser({ email: 'hire@acme.com' });
    const told = await onboard(stand, 'hire@acme.com');
    expect(told).toMatchObject({ code: 0, status: 'applied', summary: { members: { add: 10 } } });
    expect(stand.secoda.throttled).toBe(0);
    const times = stand.secoda.state.writes.map(({ at }) => at);
    for (const [n, at] of times.entries()) expect(at - (times[n - 4] ?? -Infinity)).toBeGreaterThan(60_000);
  });

  it('prints a line for each answer, with names made visible', async () => {
    const { stand, hire } = await withHire();
    const group = stand.okta.state.addGroup({ name: 'Evil\u001b[31m\nGroup', members: [hire] });
    stand.secoda.state.addGroup({ name: group.name, description: markerOf(group) });
    const { stdout, code } = await stand.sync('onboard', 'hire@acme.com', 'nobody@acme.com');
    expect(code).toBe(0);
    expect(stdout).toContain('hire@acme.com    added to Evil\\u001b[31m\\nGroup');
    expect(stdout).toContain('                 added to Group A');
    expect(stdout).toContain('nobody@acme.com  not in Okta');
    expect(stdout).not.toContain('\u001b');
  });
});
