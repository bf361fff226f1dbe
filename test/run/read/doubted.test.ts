import { describe, expect, it } from 'vitest';
import type { Warning } from '../../../lambda/core/model/warning.ts';
import { before, type OktaOptions, type OktaUser } from '../../emulators/index.ts';
import { applyInSteps, type Traps } from '../killed-steps.ts';
import { markerOf, membersOf } from '../small-world.ts';
import { type Scenario, type ScenarioOptions, scenario } from '../scenario.ts';

const DAY = 24 * 60 * 60_000;

/**
 * Four groups of an app; the list of the last one's members, on whatever page, leaves out `missing`, whom its count has. Of its
 * members in Secoda one is deactivated in Okta, one has an eligible record beside the deactivated one, one is not listed.
 */
async function scene(options: ScenarioOptions = {}, groups: object = { all: true }) {
  const stand = await scenario(options);
  await stand.configure({ okta: { orgUrl: stand.okta.url, groups } });
  const { okta, secoda } = stand;
  const mail = (name: string) => `${name}@acme.com`;
  const add = (name: string) => okta.state.addUser({ email: mail(name) });
  const names = ['here', 'left', 'twice', 'missing', 'hire'];
  const [here, left, twice, missing, hire] = names.map(add);
  if (!here || !left || !twice || !missing || !hire) throw new Error('nobody is there');
  okta.state.addUser({ email: mail('twice'), login: 'second' });
  const accounts = new Map(
    names.map((name) => [okta.state.user(mail(name)), secoda.state.addUser({ email: mail(name) })]),
  );
  const members = [here, left, twice, missing];
  for (const name of ['A', 'B', 'C', 'Data']) {
    const group = okta.state.addGroup({ name, members: name === 'Data' ? members : [here] });
    okta.state.assignApp('0oa1', group);
    const users = [...group.members].flatMap((person) => accounts.get(person) ?? []);
    secoda.state.addGroup({ name, description: markerOf(group), users });
  }
  const data = okta.state.group('Data');
  okta.state.join(hire, data);
  for (const person of [left, twice]) okta.state.deactivate(person);
  okta.state.leavesOut = (person, group) => group === data && person === missing;
  return { stand, data, missing, left };
}

const inData = (stand: Scenario) => membersOf(stand)['Data']?.map((email) => email.split('@')[0]);
const doubts = ({ warnings }: { readonly warnings: readonly Warning[] }) =>
  warnings.filter(({ kind }) => kind === 'doubted');

describe('a group whose list of members is shorter than its count', () => {
  it.each<[string, object, OktaOptions]>([
    ['all groups', { all: true }, {}],
    ['all groups, beyond the first pages', { all: true }, { pageCap: 2 }],
    ['the groups of an app', { app: '0oa1' }, {}],
    ['the groups of an app, beyond the first pages', { app: '0oa1' }, { pageCap: 2 }],
  ])('takes hires and lets leavers go, and nobody else: of %s', async (_, groups, okta) => {
    const { stand } = await scene({ okta }, groups);
    const night = await stand.report('apply');
    expect(night).toMatchObject({
      code: 0,
      status: 'applied',
      skipped: [],
      changes: [{ add: ['hire@acme.com'], remove: ['left@acme.com'], outcome: 'applied' }],
      warnings: [{ kind: 'doubted', group: 'Data', email: null, since: null }],
    });
    expect(inData(stand)).toEqual(['here', 'hire', 'missing', 'twice']);
    const writes = stand.secoda.state.writes.length;
    expect(await stand.report('apply')).toMatchObject({
      code: 0,
      status: 'in-sync',
      warnings: [{ kind: 'doubted' }],
    });
    expect(stand.secoda.state.writes).toHaveLength(writes);
  });

  it.each<[string, ScenarioOptions, ((person: OktaUser) => boolean) | null]>([
    ['the role sees nobody on the list of users', {}, () => false],
    ['the role does not see everybody', {}, ({ profile }) => profile.email !== 'here@acme.com'],
    [
      'the right to list users is missing',
      { okta: { grantedScopes: ['okta.groups.read'] }, environment: serviceApp },
      null,
    ],
  ])('keeps those who left where %s, takes hires all the same, and says so', async (_, options, seesUser) => {
    const { stand } = await scene(options);
    if (seesUser !== null) stand.okta.state.seesUser = seesUser;
    stand.okta.state.unseenStatus = 200;
    const night = await stand.report('apply');
    expect(night).toMatchObject({ code: 0, changes: [{ add: ['hire@acme.com'], remove: [] }] });
    expect(doubts(night)[0]?.message).toContain('2 whom Okta shows as out stay, since it cannot be asked');
    expect(inData(stand)).toEqual(['here', 'hire', 'left', 'missing', 'twice']);
  });

  it('is as any other again once its list is whole', async () => {
    const { stand, missing, data } = await scene();
    await stand.report('apply');
    stand.okta.state.leavesOut = () => false;
    stand.okta.state.leave(missing, data);
    expect(await stand.report('apply')).toMatchObject({
      code: 0,
      warnings: [],
      changes: [{ remove: ['missing@acme.com', 'twice@acme.com'] }],
    });
  });

  it('says after three nights since when it is so, and begins anew when its list was whole meanwhile', async () => {
    const { stand } = await scene();
    const first = stand.clock.now();
    const since: (string | null | undefined)[] = [];
    for (let night = 0; night < 4; night++) {
      since.push(doubts(await stand.report('apply'))[0]?.since);
      await stand.report('plan');
      stand.jump(DAY);
    }
    expect(since.slice(0, 2)).toEqual([null, null]);
    const [, , third, fourth] = since;
    expect(Math.abs(Date.parse(third ?? '') - first)).toBeLessThan(DAY / 24);
    expect(fourth).toBe(third);
    const { leavesOut } = stand.okta.state;
    stand.okta.state.leavesOut = () => false;
    await stand.report('apply');
    stand.okta.state.leavesOut = leavesOut;
    expect(doubts(await stand.report('apply'))).toMatchObject([{ since: null }]);
  });

  it('is asked about again in the slice that writes it', async () => {
    const { stand, left } = await scene();
    let asked = 0;
    const aging: Traps = (_killing, _archive, edges) => {
      const byEmail = (email: string) => {
        // Somebody is hired again under the same address after the plan was made.
        if (email === 'left@acme.com' && ++asked === 2)
          stand.okta.state.addUser({ email: 'left@acme.com', login: 'again' });
        return edges.people.byEmail(email);
      };
      return { edges: { ...edges, people: { ...edges.people, byEmail } } };
    };
    await applyInSteps(stand, aging);
    expect(asked).toBeGreaterThan(1);
    expect(inData(stand)).toContain('left');
    expect(left.status).toBe('DEPROVISIONED');
  });

  it('keeps a group that it is united with from being deleted, also where only the slice finds it short', async () => {
    const { stand, data } = await scene();
    const { okta } = stand;
    const joining = okta.state.group('C');
    const config = { groups: { map: { [data.id]: 'C', [joining.id]: 'C' } } };
    // Before its members are read the membership changes: an older count says nothing of such a list.
    const change = before(() => {
      data.lastMembershipUpdated = new Date(stand.clock.now() + 60_000).toISOString();
    });
    okta.faults.add({ on: 'okta.group.users', effect: change, times: Infinity });
    const { reports } = await applyInSteps(stand, undefined, config);
    expect(reports).toMatchObject([
      {
        changes: [
          { action: 'update', group: { name: 'C' }, add: ['hire@acme.com'], remove: [] },
          { action: 'update', group: { name: 'Data' }, add: [], remove: ['left@acme.com'] },
        ],
      },
    ]);
    expect(inData(stand)).toEqual(['here', 'missing', 'twice']);
  });

  it.each(['before its lease', 'in its lease'])(
    'keeps its marker when the slice that adds to it reads it again, %s',
    async (when) => {
      const { stand, data } = await scene();
      const { okta, secoda } = stand;
      okta.state.leavesOut = (person, group) => group === data && person.profile.email !== 'here@acme.com';
      const joining = okta.state.group('C');
      okta.state.join(okta.state.user('hire@acme.com'), joining);
      const config = { groups: { map: { [data.id]: 'Data', [joining.id]: 'Data' } } };
      let [lists, reads] = [0, 0];
      const aging: Traps = (_killing, _archive, edges) => {
        const groups = () => {
          if (++lists === 2 && when === 'in its lease') stand.jump(180_000);
          return edges.workspace.groups();
        };
        const members = async (id: string) => {
          const found = await edges.directory.members(id);
          if (++reads === 4 && when === 'before its lease') stand.jump(180_000);
          return found;
        };
        const directory = { ...edges.directory, members };
        return { edges: { ...edges, directory, workspace: { ...edges.workspace, groups } } };
      };
      const { reports } = await applyInSteps(stand, aging, config);
      expect(reports).toMatchObject([
        { status: 'applied', changes: [{ action: 'update', add: ['hire@acme.com'] }] },
      ]);
      expect(reads).toBeGreaterThan(4);
      const [mirror] = [...secoda.state.groups.values()].filter(({ name }) => name === 'Data');
      expect(mirror?.description).toBe(markerOf(data));
      expect(Object.keys(membersOf(stand))).toEqual(['A', 'B', 'C', 'Data']);
    },
  );
});

function serviceApp({ credentials }: Scenario['okta'], secoda: Scenario['secoda']): Record<string, string> {
  return {
    OKTA_CLIENT_ID: credentials.clientId,
    OKTA_PRIVATE_KEY: credentials.privateKeyJwk,
    SECODA_API_KEY: secoda.credentials.apiKey,
  };
}
