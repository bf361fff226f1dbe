import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../lambda/core/report/finding.ts';
import { diagnoseOkta } from '../../../lambda/services/okta/diagnose.ts';
import type { OktaOptions } from '../../../lambda/services/okta/directory.ts';
import { UsageError } from '../../../lambda/errors.ts';
import {
  dropField,
  html,
  type OktaEmulator,
  type OktaUser,
  repeatPage,
  rewrite,
  status,
} from '../../emulators/index.ts';
import { anOrg, optionsFor } from './setup.ts';

const APP = '0oaSecoda';

/** An org with two groups of one member, both assigned to an app. */
async function anOrgOfTwoGroups(skewMs = 0): Promise<OktaEmulator> {
  const okta = await anOrg({ skewMs });
  const members = [okta.state.addUser({ email: 'ada@acme.com' })];
  for (const name of ['A', 'B']) okta.state.assignApp(APP, okta.state.addGroup({ name, members }));
  return okta;
}

const diagnosed = (okta: OktaEmulator, changes: Partial<OktaOptions> = {}): Promise<readonly Finding[]> =>
  diagnoseOkta(optionsFor(okta, changes));

const verdicts = (findings: readonly Finding[]): Record<string, boolean | null> =>
  Object.fromEntries(findings.map(({ check, ok }) => [check.replace('Okta: ', ''), ok]));

const flaw = (findings: readonly Finding[]): Finding | undefined => findings.find(({ ok }) => ok === false);

describe('a diagnosis of Okta', () => {
  test('finds everything in order', async () => {
    const okta = await anOrgOfTwoGroups();
    const findings = await diagnosed(okta);
    expect(findings.map(({ ok, detail }) => [ok, detail])).toEqual([
      [true, `${okta.url} answers`],
      [true, expect.stringMatching(/^Okta's clock is \d s (behind|ahead of) this machine's$/)],
      [true, 'accepted'],
      [true, '2 groups on the first page'],
      [true, 'paging works'],
      [true, expect.stringMatching(/^1 people on the first page of the group 00g/)],
      [true, 'Okta reports changed people, so unchanged groups can be skipped'],
    ]);
    expect(findings.every(({ fix }) => fix === null)).toBe(true);
    expect(okta.requests).toHaveLength(6);
  });

  test('looks at the app where one is configured', async () => {
    const okta = await anOrgOfTwoGroups();
    const ok = { address: true, clock: true, credentials: true };
    expect(verdicts(await diagnosed(okta, { selection: { app: APP } }))).toEqual({
      ...ok,
      app: true,
      pages: null,
      members: true,
      changes: true,
    });
    const findings = await diagnosed(okta, { selection: { app: '0oaNone' } });
    expect(verdicts(findings)).toEqual({ ...ok, app: false, pages: null, members: null, changes: null });
    expect(flaw(findings)?.detail).toContain('Okta knows no app "0oaNone"');
  });

  test('asks for the people of an empty group where no group has any', async () => {
    const okta = await anOrg();
    const { id } = okta.state.addGroup({ name: 'A' });
    const findings = await diagnosed(okta);
    const members = findings.find(({ check }) => check === 'Okta: members');
    expect(members?.detail).toBe(`0 people on the first page of the group ${id}`);
  });

  test('tells a wrong token from a right that is missing', async () => {
    const okta = await anOrgOfTwoGroups();
    const wrong = await diagnosed(okta, { credentials: { apiToken: '00nobodysToken' } });
    expect(verdicts(wrong)).toMatchObject({ address: true, credentials: false, groups: null, members: null });
    expect(flaw(wrong)?.fix).toMatch(/^The API token is wrong, revoked or expired/);
    expect(flaw(wrong)?.detail).toMatch(/^GET \/api\/v1\/groups: Okta answered 401 \(.*\)\.$/);

    okta.faults.add({ on: 'okta.group.list', effect: status(403) });
    const narrow = await diagnosed(okta);
    expect(verdicts(narrow)).toMatchObject({
      address: true,
      credentials: true,
      groups: false,
      members: null,
    });
    expect(flaw(narrow)?.fix).toContain('role may view groups');
  });

  test('names the token endpoint where no access token is given', async () => {
    const okta = await anOrgOfTwoGroups();
    const { privateKeyJwk: privateKey } = okta.credentials;
    const findings = await diagnosed(okta, { credentials: { clientId: '0oaOther', privateKey } });
    expect(verdicts(findings)).toMatchObject({ address: true, credentials: false, groups: null });
    expect(flaw(findings)?.detail).toContain('POST /oauth2/v1/token');
  });

  test('finds an address where nobody, or something else, answers', async () => {
    const okta = await anOrgOfTwoGroups();
    okta.faults.add({ on: /./, effect: html() });
    const other = await diagnosed(okta);
    expect(verdicts(other)).toMatchObject({ address: false, clock: true, credentials: null, groups: null });

    await okta.close();
    const nobody = await diagnosed(okta);
    expect(verdicts(nobody)).toEqual({
      address: false,
      clock: null,
      credentials: null,
      groups: null,
      pages: null,
      members: null,
      changes: null,
    });
    expect(flaw(nobody)?.detail).toContain('ECONNREFUSED');
    expect(flaw(nobody)?.fix).toContain('okta.orgUrl');
  });

  test('finds a clock that is off', async () => {
    const findings = await diagnosed(await anOrgOfTwoGroups(-300_000));
    expect(verdicts(findings)).toMatchObject({ clock: false, groups: true, members: true });
    expect(flaw(findings)?.detail).toMatch(/^Okta's clock is (299|300|301) s behind this machine's$/);
  });

  test('finds a selection without groups, or with one', async () => {
    const okta = await anOrg();
    expect(verdicts(await diagnosed(okta))).toMatchObject({ groups: false, pages: null, members: null });
    okta.state.addGroup({ name: 'Only' });
    expect(verdicts(await diagnosed(okta))).toMatchObject({ groups: true, pages: null, members: true });
  });

  test('finds pages that do not work', async () => {
    const okta = await anOrgOfTwoGroups();
    okta.faults.add({ on: 'okta.group.list', nth: 3, effect: repeatPage() });
    expect(flaw(await diagnosed(okta))?.detail).toBe('the next page repeats the first');

    const unlinked = rewrite((reply) => ({ ...reply, headers: [] }));
    okta.faults.add({ on: 'okta.group.list', nth: 2, effect: unlinked });
    expect(flaw(await diagnosed(okta))?.detail).toBe('a page of 1 has no next page');
  });

  describe.each(['raised', 'refused'] as const)('of an app, where a page below 20 is %s,', (smallPages) => {
    const pages = async (groups: number, pageCap = 200): Promise<Finding | undefined> => {
      const okta = await anOrg({ smallPages, pageCap });
      for (let n = 0; n < groups; n++) okta.state.assignApp(APP, okta.state.addGroup({ name: `Group ${n}` }));
      const findings = await diagnosed(okta, { selection: { app: APP } });
      return findings.find(({ check }) => check === 'Okta: pages');
    };

    test.each([2, 20])('does not know whether pages work where there are %i groups', async (groups) => {
      const detail = 'not known: there are too few groups: Okta gives up to 20 on one page';
      expect(await pages(groups)).toMatchObject({ ok: null, detail });
    });

    test.each([
      [21, 200],
      [201, 200],
      [5, 2],
    ])('finds that pages work where there are %i groups, %i on a page', async (groups, cap) => {
      expect(await pages(groups, cap)).toMatchObject({ ok: true });
    });
  });

  test('does not know whether pages work where all groups come on one, or a small one is refused', async () => {
    const okta = await anOrgOfTwoGroups();
    const all = [...okta.state.groups.values()].map(({ id, name }) => ({ id, profile: { name } }));
    okta.faults.add({
      on: 'okta.group.list',
      nth: 2,
      effect: rewrite((reply) => ({ ...reply, headers: [], body: all })),
    });
    const pages = async () => (await diagnosed(okta)).find(({ check }) => check === 'Okta: pages');
    const one = 'not known: Okta gives all 2 groups on one page where 1 are asked for';
    expect(await pages()).toMatchObject({ ok: null, detail: one });
    okta.faults.add({ on: 'okta.group.list', nth: 2, effect: status(400) });
    const larger = 'not known: Okta does not take pages of 1, and gives all 2 groups on a larger one';
    expect(await pages()).toMatchObject({ ok: null, detail: larger });
  });

  test('finds members that cannot be read', async () => {
    const okta = await anOrgOfTwoGroups();
    okta.faults.add({ on: 'okta.group.users', effect: dropField('0.status') });
    expect(flaw(await diagnosed(okta))?.detail).toContain('[0].status: expected a string');
  });

  test('remarks on a right that only short cuts need, and finds no fault in it', async () => {
    const okta = await anOrg({ grantedScopes: ['okta.groups.read'] });
    okta.state.addGroup({ name: 'Data', members: [okta.state.addUser({ email: 'ada@acme.com' })] });
    const { clientId, privateKeyJwk: privateKey } = okta.credentials;
    const findings = await diagnosed(okta, { credentials: { clientId, privateKey } });
    expect(verdicts(findings)).toMatchObject({ credentials: true, members: true, changes: null });
    expect(flaw(findings)).toBe(undefined);
    expect(findings.at(-1)?.detail).toContain('each run reads the members of every group');
    expect(findings.at(-1)?.fix).toContain('okta.users.read');

    okta.faults.add({ on: 'okta.user.list', effect: html(), times: Infinity });
    expect(verdicts(await diagnosed(okta))).toMatchObject({ members: true, changes: null });
  });

  test.each([
    ['nobody', () => false],
    ['not everybody', ({ profile }: OktaUser) => profile.email !== 'p3@acme.com'],
  ])(
    'remarks on a role that sees %s on the list of users, who cannot tell who changed',
    async (_, seesUser) => {
      const okta = await anOrg();
      const members = [0, 1, 2, 3].map((n) => okta.state.addUser({ email: `p${n}@acme.com` }));
      okta.state.addGroup({ name: 'Empty' });
      okta.state.addGroup({ name: 'Data', members });
      okta.state.seesUser = seesUser;
      const findings = await diagnosed(okta);
      expect(flaw(findings)).toBe(undefined);
      expect(findings.at(-1)).toMatchObject({ check: 'Okta: changes', ok: null });
      expect(findings.at(-1)?.detail).toMatch(
        /Okta does not report changed people.*leaves out [14] of 4 people/,
      );
      expect(findings.at(-1)?.fix).toMatch(/role that may view users.*of all users/);
    },
  );

  test('does not know whether changes are told where nobody is there who could be asked for', async () => {
    const okta = await anOrg();
    const left = okta.state.addUser({ email: 'left@acme.com', status: 'DEPROVISIONED' });
    okta.state.addGroup({ name: 'Data', members: [left] });
    expect((await diagnosed(okta)).at(-1)).toMatchObject({
      ok: null,
      detail: "not known: there is nobody whom Okta's list of users would have to show",
    });
  });

  test('does not start with an address that is none', async () => {
    await expect(diagnosed(await anOrg(), { orgUrl: 'acme' })).rejects.toThrow(UsageError);
  });
});
