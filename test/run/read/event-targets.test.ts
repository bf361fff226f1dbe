import { describe, expect, it } from 'vitest';
import { createOktaDirectory } from '../../../lambda/services/okta/directory.ts';
import { createOktaPeople } from '../../../lambda/services/okta/directory-people.ts';
import { SecodaConnection } from '../../../lambda/services/secoda/connection.ts';
import { secodaWorkspace } from '../../../lambda/services/secoda/workspace.ts';
import type { EventTargets } from '../../../lambda/core/model/request.ts';
import { NOTHING } from '../../../lambda/aws/events/targets.ts';
import { readsOf } from '../../../lambda/core/model/reads.ts';
import { saveReads } from '../../../lambda/archive/kept-reads.ts';
import type { Recall } from '../../../lambda/run/read/read-members.ts';
import { listBoth } from '../../../lambda/run/read/list.ts';
import { recallFrom } from '../../../lambda/run/read/short-cuts.ts';
import { status } from '../../emulators/index.ts';
import { parseSettings, rulesOf } from '../../../lambda/settings.ts';
import { inputOf, NOW, oktaGroup, person } from '../../core/world.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { markerOf, smallWorld } from '../small-world.ts';
import { scenario, type Scenario } from '../scenario.ts';

/** What a run that follows these hints would be about, read from both emulators. */
async function follow(
  { okta, secoda, clock }: Scenario,
  hints: Partial<EventTargets>,
  recall: Recall = () => Promise.resolve([]),
): Promise<string[] | 'everything'> {
  const settings = parseSettings({
    okta: { orgUrl: okta.url, groups: { all: true } },
    secoda: { url: secoda.url },
  });
  const rules = rulesOf(settings);
  const options = {
    orgUrl: okta.url,
    credentials: { apiToken: okta.credentials.apiToken },
    selection: settings.okta.selection,
    requestsPerMinute: 1_000,
    clock,
    random: () => 0,
  };
  const { apiKey } = secoda.credentials;
  const sources = {
    directory: createOktaDirectory(options),
    people: createOktaPeople(options),
    workspace: secodaWorkspace(new SecodaConnection({ baseUrl: secoda.url, apiKey, clock, random: () => 0 })),
    clock,
    listen: () => undefined,
  };
  const about = { groups: [], hints: { ...NOTHING, ...hints } };
  const { targets } = (await listBoth(sources, rules, about, recall)).listing;
  return targets === null ? 'everything' : [...targets].sort();
}

describe('hints', () => {
  it('at people lead to the groups they are in on either side', async () => {
    const stand = await scenario();
    const { pairs, people } = smallWorld(stand);
    const all = pairs.map(({ okta }) => okta.id).sort();
    const [one, two] = people;
    if (!one || !two) throw new Error('empty world');
    const fresh = stand.okta.state.addGroup({ name: 'Fresh', members: [two] });
    expect(await follow(stand, { oktaUserIds: [one.id, one.id] })).toEqual(all);
    expect(await follow(stand, { oktaUserIds: [two.id] })).toEqual([...all, fresh.id].sort());
    stand.okta.state.deactivate(one);
    for (const { okta } of pairs) stand.okta.state.leave(one, okta);
    expect(await follow(stand, { oktaUserIds: [one.id] })).toEqual(all);
    expect(await follow(stand, { emails: ['P0@acme.com'] })).toEqual(all);
  });

  it('at somebody deleted lead to the groups they are still in in Secoda, or to everything', async () => {
    const stand = await scenario();
    const { pairs, people } = smallWorld(stand);
    const [one] = people;
    if (!one) throw new Error('empty world');
    stand.okta.state.deleteUser(one);
    const hints = { oktaUserIds: [one.id] };
    expect(await follow(stand, { ...hints, emails: ['p0@acme.com'] })).toEqual(
      pairs.map(({ okta }) => okta.id).sort(),
    );
    expect(await follow(stand, hints)).toBe('everything');
    // The address is another person's, who is still there: it does not tell who was deleted.
    const [, two] = people;
    expect(await follow(stand, { oktaUserIds: [one.id, two?.id ?? ''], emails: ['p1@acme.com'] })).toBe(
      'everything',
    );
  });

  it('at somebody deleted whose login is not their address lead to everything, unless an earlier run read them', async () => {
    const stand = await scenario();
    const { pairs, people } = smallWorld(stand);
    const [one, two] = people;
    if (!one || !two) throw new Error('empty world');
    stand.okta.state.changeProfile(one, { login: 'one@old.acme.com' });
    const shown = people.map(({ id, status }, n) => ({ id, status, email: `p${n}@acme.com`, login: null }));
    stand.okta.state.deleteUser(one);
    const hints = { oktaUserIds: [one.id], emails: ['one@old.acme.com'] };
    expect(await follow(stand, hints)).toBe('everything');

    const all = pairs.map(({ okta }) => okta.id).sort();
    const recall: Recall = (ids) => Promise.resolve(shown.filter(({ id }) => ids.has(id)));
    expect(await follow(stand, hints, recall)).toEqual(all);
    expect(await follow(stand, { oktaUserIds: [one.id] }, recall)).toEqual(all);
    // One of two is remembered: the address of the other still has to lead somewhere.
    stand.okta.state.deleteUser(two);
    const both = { oktaUserIds: [one.id, two.id], emails: ['one@old.acme.com'] };
    const onlyTwo: Recall = () => Promise.resolve(shown.slice(1, 2));
    expect(await follow(stand, both, onlyTwo)).toBe('everything');
  });

  it('at somebody deleted whose login is the address of somebody else lead to everything', async () => {
    const stand = await scenario();
    const { people } = smallWorld(stand);
    const [one] = people;
    if (!one) throw new Error('empty world');
    stand.okta.state.changeProfile(one, { login: 'shared@acme.com' });
    const heir = stand.okta.state.addUser({ email: 'shared@acme.com', login: 'heir@acme.com' });
    stand.okta.state.addGroup({ name: 'Fresh', members: [heir] });
    stand.secoda.state.addUser({ email: 'shared@acme.com' });
    stand.okta.state.deleteUser(one);
    const hints = { oktaUserIds: [one.id], emails: ['shared@acme.com'] };
    expect(await follow(stand, hints)).toBe('everything');
  });

  it('at somebody deleted whom Okta’s index still shows lead to their groups', async () => {
    const stand = await scenario();
    const { pairs, people } = smallWorld(stand);
    const [one] = people;
    if (!one) throw new Error('empty world');
    stand.okta.faults.add({
      on: /^okta\.user\.(get|groups)$/,
      effect: status(404, { errorCode: 'E0000007', errorSummary: 'Not found' }),
      times: Infinity,
    });
    expect(await follow(stand, { oktaUserIds: [one.id], emails: ['p0@acme.com'] })).toEqual(
      pairs.map(({ okta }) => okta.id).sort(),
    );
  });

  it('at somebody deleted beside somebody whose address changed lead to everything', async () => {
    const stand = await scenario();
    const { people } = smallWorld(stand);
    const [one, two] = people;
    if (!one || !two) throw new Error('empty world');
    stand.okta.state.deleteUser(one);
    stand.okta.state.changeProfile(two, { email: 'new@acme.com', login: 'new@acme.com' });
    // The account that bears this address is the other one's.
    const hints = { oktaUserIds: [one.id, two.id], emails: ['one@old.acme.com', 'p1@acme.com'] };
    expect(await follow(stand, hints)).toBe('everything');
  });

  it('at somebody deleted lead to a group whose marker was copied, too', async () => {
    const stand = await scenario();
    const { pairs, people } = smallWorld(stand);
    const [one] = people;
    const [first] = pairs;
    if (!one || !first) throw new Error('empty world');
    stand.secoda.state.addGroup({ name: 'Copy', description: markerOf(first.okta) });
    stand.okta.state.deleteUser(one);
    expect(await follow(stand, { oktaUserIds: [one.id], emails: ['p0@acme.com'] })).toContain(first.okta.id);
  });

  it('at somebody deleted are completed from what the last whole reading showed', async () => {
    const archive = memoryArchive();
    const owner = { name: 'okta', org: 'https://acme.okta.com' };
    const [one, two] = ['00u1', '00u2'].map((id) => person(`${id}@acme.com`, 'ACTIVE', id));
    if (!one || !two) throw new Error('nobody');
    const list = { readAt: NOW, people: [one, two], doubt: null };
    const reads = readsOf(NOW, 0, [{ ...oktaGroup('g1', 'Data'), usersCount: 2 }], new Map([['g1', list]]));
    const { rules } = inputOf({});
    const recall = recallFrom({
      archive,
      rules,
      shortCuts: { ...owner, from: 1, fullReadDays: 7 },
    });
    expect(await recall(new Set([one.id]))).toEqual([]);
    await saveReads(archive, owner, reads);
    expect(await recall(new Set([one.id, '00u9']))).toEqual([one]);
  });

  it('at nothing, or nothing known, are harmless', async () => {
    const stand = await scenario();
    smallWorld(stand);
    stand.okta.state.addUser({ email: 'alone@acme.com' });
    expect(await follow(stand, {})).toEqual([]);
    expect(await follow(stand, { oktaGroupIds: ['00gNone'], emails: ['alone@acme.com', 'x@y.z'] })).toEqual(
      [],
    );
  });

  it('at too many people are about everything, and nobody is asked for', async () => {
    const stand = await scenario();
    const oktaUserIds = Array.from({ length: 201 }, (_, n) => `00u${n}`);
    expect(await follow(stand, { oktaUserIds })).toBe('everything');
    expect(stand.okta.requests.filter(({ route }) => route.startsWith('okta.user'))).toEqual([]);
  });
});
