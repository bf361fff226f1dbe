import { describe, expect, it } from 'vitest';
import { companyConfig, foundCompany } from '../emulators/index.ts';
import { scenario } from './scenario.ts';

const marker = (ids: string, via = 'okta') =>
  `Managed by Okta (${ids}) via ${via}. Changes made in Secoda are overwritten.`;

describe('a whole run', () => {
  it('brings a drifted company in line with at most one write a group, and then has nothing to do', async () => {
    const { okta, secoda, configure, report } = await scenario();
    const company = foundCompany(okta, secoda);
    await configure(companyConfig(okta.url, secoda.url));
    const planned = await report('plan');
    expect(planned).toMatchObject({ code: 0, status: 'planned', mode: 'plan' });
    expect(secoda.state.writes).toEqual([]);

    const applied = await report('apply');
    expect(applied).toMatchObject({ code: 0, status: 'applied', digest: planned.digest });
    expect(secoda.state.writes).toHaveLength(applied.changes.length);
    expect(new Set(secoda.state.writes.map(({ groupId }) => groupId)).size).toBe(applied.changes.length);
    expect(secoda.state.groups.has(company.orphan.id)).toBe(false);
    expect(secoda.state.groups.get(company.renamed.secoda.id)?.name).toBe(company.renamed.okta.name);
    expect(secoda.state.groups.get(company.foreign.id)?.description).toContain('via legacy-hr');

    expect(await report('apply')).toMatchObject({ code: 0, status: 'in-sync', changes: [] });
    expect(secoda.state.writes).toHaveLength(applied.changes.length);
  });

  it('prints the report alone on stdout with --json', async () => {
    const { sync } = await scenario();
    const { stdout, stderr } = await sync('plan', '--json');
    expect(Object.keys(JSON.parse(stdout) as object)).toContain('digest');
    expect(stderr).toContain('Plan:');
  });

  it('leaves plan.json with before-images, report.json and state.json', async () => {
    const { okta, secoda, report, read } = await scenario();
    const ada = okta.state.addUser({ email: 'ada@acme.com' });
    okta.state.addGroup({ name: 'Data', members: [ada] });
    secoda.state.addUser({ email: 'Ada@Acme.com' });
    const bob = secoda.state.addUser({ email: 'bob@acme.com' });
    const group = secoda.state.addGroup({ name: 'Data', description: 'ours', users: [bob] });
    const done = await report('apply');
    expect(done.changes).toMatchObject([
      {
        action: 'update',
        adopted: true,
        add: ['ada@acme.com'],
        remove: ['bob@acme.com'],
        outcome: 'applied',
      },
    ]);
    const before = {
      name: 'Data',
      description: 'ours',
      members: [{ userId: bob.id, email: 'bob@acme.com' }],
    };
    expect(await read(`${done.runId}/plan.json`)).toMatchObject({
      changes: [{ secodaId: group.id, before }],
    });
    expect(await read(`${done.runId}/report.json`)).toMatchObject({
      status: 'applied',
      changes: [{ before }],
    });
    expect(await read('state.json')).toMatchObject({ version: 1, groups: [{ secodaId: group.id }] });
    expect(group.description).toBe(`${marker([...okta.state.groups.keys()].join())}\nours`);
  });

  it.each(['app', 'search', 'filter', 'all'] as const)('reads the groups selected by %s', async (way) => {
    const { okta, secoda, configure, report } = await scenario();
    const wanted = okta.state.addGroup({ name: 'Data', description: null });
    okta.state.assignApp('0oa1', wanted);
    okta.state.addGroup({ name: 'Everyone', type: 'BUILT_IN' });
    const groups = {
      app: { app: '0oa1' },
      search: { search: 'type eq "OKTA_GROUP" and profile.name eq "Data"' },
      filter: { filter: `id eq "${wanted.id}"` },
      all: { all: true },
    }[way];
    await configure({ okta: { orgUrl: okta.url, groups } });
    expect(await report('apply')).toMatchObject({ status: 'applied', summary: { groups: { create: 1 } } });
    expect([...secoda.state.groups.values()].map(({ name }) => name)).toEqual(['Data']);
  });

  it.each(['privateKeyPem', 'privateKeyJwk'] as const)('signs in as an OAuth app with %s', async (form) => {
    const { okta, report } = await scenario({
      environment: ({ credentials }, secoda) => ({
        OKTA_CLIENT_ID: credentials.clientId,
        OKTA_PRIVATE_KEY: credentials[form],
        OKTA_KEY_ID: credentials.keyId,
        SECODA_API_KEY: secoda.credentials.apiKey,
      }),
    });
    okta.state.addGroup({ name: 'Data' });
    expect(await report('apply')).toMatchObject({ code: 0, status: 'applied' });
  });

  it('changes only what --group names, by Okta id, Okta name or Secoda name', async () => {
    const { okta, secoda, configure, report } = await scenario();
    const one = okta.state.addGroup({ name: 'One' });
    okta.state.addGroup({ name: 'Two' });
    okta.state.addGroup({ name: 'Three' });
    await configure({ groups: { map: { Two: 'Zwei' } } });
    await report('apply', '--group', one.id);
    await report('apply', '--group', 'Zwei');
    expect([...secoda.state.groups.values()].map(({ name }) => name)).toEqual(['One', 'Zwei']);
    const { code, stderr } = await (await scenario()).sync('apply', '--group', 'Nobody');
    expect(code).toBe(2);
    expect(stderr).toContain('"Nobody"');
  });

  it('paces 100 writes so that no 429 is met', async () => {
    const { okta, secoda, report } = await scenario();
    for (let n = 0; n < 100; n++) okta.state.addGroup({ name: `Group ${String(n).padStart(3, '0')}` });
    const done = await report('apply');
    expect(done).toMatchObject({ status: 'applied', requests: { secoda: { throttled: 0, writes: 100 } } });
    expect(secoda.throttled).toBe(0);
    expect(secoda.state.groups.size).toBe(100);
  });
});
