import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compose, openEdges, serviceOptions } from '../../../lambda/compose.ts';
import type { Onboarding } from '../../../lambda/core/plan/plan-onboarding.ts';
import { invitationNotes } from '../../../lambda/archive/invitation-notes.ts';
import { memoryOf } from '../../../lambda/archive/state-file.ts';
import type { Archive } from '../../../lambda/ports.ts';
import { findPeople } from '../../../lambda/run/onboarding/find.ts';
import { runSync } from '../../../lambda/run/run.ts';
import { parseSettings } from '../../../lambda/settings.ts';
import { status } from '../../emulators/index.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { ORIGIN } from '../../core/requested.ts';

import { markerOf } from '../small-world.ts';
import { scenario } from '../scenario.ts';

const HIRE = 'hire@acme.com';
const APP = '0oaSecoda';
const NOTE = 'reads/okta.short-way.json';
const SELECTIONS = {
  all: { all: true },
  app: { app: APP },
  search: { search: 'profile.name sw "G" or profile.name sw "X"' },
  filter: { filter: 'type eq "OKTA_GROUP" or type eq "APP_GROUP"' },
} as const;

/** As if no complete run had left anything behind. */
function forgetful(archive: Archive): Archive {
  return { ...archive, read: (key) => (key === NOTE ? Promise.resolve(null) : archive.read(key)) };
}

/** A company with a complete run behind it; the first two groups are united, and the third is somebody's whose account waits. */
async function company(selection: keyof typeof SELECTIONS) {
  const stand = await scenario();
  const { okta, secoda, clock } = stand;
  const emails = ['ada@acme.com', 'bob@acme.com'];
  const staff = emails.map((email) => okta.state.addUser({ email }));
  for (const email of emails) secoda.state.addUser({ email });
  const hire = okta.state.addUser({ email: HIRE });
  const groups = Array.from({ length: 6 }, (_, n) =>
    okta.state.addGroup({ id: `00g${n}`, name: `G${n}`, members: staff }),
  );
  okta.state.addGroup({ id: '00gAll', name: 'Everyone', type: 'BUILT_IN', members: [...staff, hire] });
  // Only its app tells it from the rest.
  const outside = okta.state.addGroup({ id: '00gOut', name: 'X', members: staff });
  for (const group of groups) okta.state.assignApp(APP, group);
  const config = {
    okta: { orgUrl: okta.url, groups: SELECTIONS[selection], requestsPerMinute: 500 },
    secoda: { url: secoda.url },
    groups: { map: { G0: 'Union', G1: 'Union' }, include: ['G*', 'X*', 'Every*'] },
    users: { invite: { role: 'viewer' } },
    guard: { minimumGroups: 1 },
  };
  const archive = memoryArchive();
  const composed = (more: object = {}, keptIn: Archive = archive) => {
    const settings = parseSettings({ ...config, ...more });
    const surroundings = {
      ...{ settings, archive: keptIn, clock, random: () => 0.5, listen: () => undefined },
      origin: ORIGIN,
    };
    const edges = openEdges(
      serviceOptions(surroundings, {
        okta: { apiToken: okta.credentials.apiToken },
        secoda: { apiKey: secoda.credentials.apiKey },
      }),
    );
    return compose(surroundings, edges);
  };
  const runId = '20260102T030405Z-1a2b3c4d';
  const complete = async (more: object) => {
    clock.advance(1_000);
    const { context, writing } = composed(more);
    const task = { runId, groups: [], hints: null, full: false, mode: 'apply', approve: null } as const;
    const ending = { usage: 'throw', finished: () => Promise.resolve() } as const;
    await runSync({ ...task, ...writing(runId) }, { ...context, ...ending });
    clock.advance(3_600_000);
  };
  await complete({});

  /** What an onboarding of the hire comes to, and whether any list of groups was read for it. */
  const found = async (more: object, way: 'short' | 'long') => {
    const { context } = composed(more, way === 'long' ? forgetful(archive) : archive);
    const notes = await invitationNotes(archive, 'okta');
    const before = secoda.requests.length;
    const memory = await memoryOf(archive, 'okta');
    const end = await findPeople({ runId, emails: [HIRE], mode: 'plan' }, context, memory, notes);
    const listed = secoda.requests.slice(before).some(({ path }) => /\/auth\/group\/?$/.test(path));
    return { end, listed };
  };
  return { stand, hire, groups, outside, archive, complete, found };
}

type Company = Awaited<ReturnType<typeof company>>;

/** All that is decided about people and groups. */
function decided(onboarding: Onboarding): unknown {
  return { ...onboarding, memberships: null, warnings: null };
}

/** What may have happened since the complete run; `n` chooses whom it happens to. What it returns changes the configuration. */
const EVENTS: Readonly<Record<string, (at: Company, n: number) => unknown>> = {
  nothing: () => undefined,
  'the hire joins a group': ({ stand, hire, groups }, n) => {
    const group = groups[n % groups.length];
    if (group && stand.okta.state.groups.has(group.id)) stand.okta.state.join(hire, group);
  },
  'the hire joins a group that is not selected': ({ stand, hire, outside }) =>
    stand.okta.state.join(hire, outside),
  'the app is given another group': ({ stand, outside }) => stand.okta.state.assignApp(APP, outside),
  'a group leaves the app': ({ stand, groups }, n) => {
    const group = groups[n % groups.length];
    if (group) stand.okta.state.unassignApp(APP, group);
  },
  'a group is renamed': ({ stand, groups }, n) => {
    const group = groups[n % groups.length];
    if (group) stand.okta.state.renameGroup(group, n % 2 === 0 ? 'G3' : 'G9');
  },
  'a group takes the name of another': ({ stand, outside }, n) =>
    stand.okta.state.renameGroup(outside, `G${n % 6}`),
  'a group of that name is made': ({ stand, hire }, n) => {
    const type = n % 3 === 0 ? 'APP_GROUP' : 'OKTA_GROUP';
    const made = stand.okta.state.addGroup({ name: `G${n % 6}`, type, members: n % 2 === 0 ? [hire] : [] });
    stand.okta.state.assignApp(APP, made);
  },
  'a group is deleted': ({ stand, groups }, n) => {
    const group = groups[n % groups.length];
    if (group) stand.okta.state.removeGroup(group);
  },
  'a marker is edited': ({ stand, groups }, n) => {
    const mirror = [...stand.secoda.state.groups.values()][n % 5];
    const other = groups[(n + 1) % groups.length];
    const texts = ['by hand', markerOf({ id: other?.id ?? '' }), markerOf({ id: '00g3' }, 'emea')];
    if (mirror) stand.secoda.state.edit(mirror, { description: texts[n % 3] });
  },
  'a marker is copied': ({ stand }, n) => {
    const mirror = [...stand.secoda.state.groups.values()][n % 5];
    if (mirror) stand.secoda.state.addGroup({ name: 'Copy', description: mirror.description });
  },
  'a Secoda group is deleted': ({ stand }, n) => {
    const mirror = [...stand.secoda.state.groups.values()][n % 5];
    if (mirror) stand.secoda.state.removeGroup(mirror);
  },
  'a Secoda group is renamed': ({ stand }, n) => {
    const mirror = [...stand.secoda.state.groups.values()][n % 5];
    if (mirror) stand.secoda.state.edit(mirror, { name: n % 2 === 0 ? 'G3' : 'Mine' });
  },
  'memory is edited': ({ archive }, n) => {
    const text = archive.texts.get('state.json') ?? '';
    const swapped = text.replaceAll('"00g2"', '"00gX"').replaceAll('"00g3"', '"00g2"');
    archive.texts.set('state.json', n % 2 === 0 ? swapped.replaceAll('"00gX"', '"00g3"') : swapped);
  },
  'memory is lost': ({ archive }) => void archive.texts.delete('state.json'),
  'the hire is suspended': ({ stand, hire }) => stand.okta.state.setStatus(hire, 'SUSPENDED'),
  'the hire has an account': ({ stand }, n) =>
    void stand.secoda.state.addUser({ email: HIRE, pending: n % 2 === 0 }),
  'the hire bears the address of another': ({ stand, hire }) =>
    stand.okta.state.changeProfile(hire, { email: 'ada@acme.com' }),
  'a group is frozen': (_, n) => ({
    groups: { map: { G0: 'Union', G1: 'Union' }, frozen: [n % 2 === 0 ? 'G1' : 'Union'] },
  }),
  'groups are mapped otherwise': () => ({ groups: { map: { G0: 'Union', G1: 'Union', G2: 'Union' } } }),
  'a group is left out': () => ({ groups: { map: { G0: 'Union', G1: 'Union' }, exclude: ['G0', 'G2'] } }),
};

const configuredBy = (result: unknown) => (typeof result === 'object' ? result : {});

describe('the short way and the long way', () => {
  it('come to the same, whatever has happened since the last complete run', async () => {
    const ways = { short: 0, long: 0 };
    const event = fc.record({ what: fc.constantFrom(...Object.keys(EVENTS)), n: fc.nat({ max: 11 }) });
    const worlds = fc.record({
      selection: fc.constantFrom('all', 'app', 'search', 'filter'),
      joins: fc.uniqueArray(fc.nat({ max: 5 }), { minLength: 1, maxLength: 3 }),
      account: fc.boolean(),
      earlier: fc.array(event, { maxLength: 1 }),
      events: fc.array(event, { maxLength: 2 }),
    } as const);
    await fc.assert(
      fc.asyncProperty(worlds, async ({ selection, joins, account, earlier, events }) => {
        const at = await company(selection);
        if (account) at.stand.secoda.state.addUser({ email: HIRE });
        for (const n of joins) at.stand.okta.state.join(at.hire, at.stand.okta.state.group(`00g${n}`));
        let more = {};
        for (const { what, n } of earlier) more = { ...more, ...configuredBy(EVENTS[what]?.(at, n)) };
        if (earlier.length > 0) await at.complete(more);
        for (const { what, n } of events) more = { ...more, ...configuredBy(EVENTS[what]?.(at, n)) };
        const short = await at.found(more, 'short');
        const long = await at.found(more, 'long');
        ways[short.listed ? 'long' : 'short'] += 1;
        expect(decided(short.end)).toEqual(decided(long.end));
      }),
      { numRuns: 16 },
    );
    expect(Math.min(ways.short, ways.long)).toBeGreaterThan(2);
  });

  it('are one where Secoda does not take the id of a group for one', async () => {
    const at = await company('all');
    at.stand.okta.state.join(at.hire, at.stand.okta.state.group('00g2'));
    expect((await at.found({}, 'short')).listed).toBe(false);
    at.stand.secoda.faults.add({ on: 'secoda.group.get', times: Infinity, effect: status(400) });
    const [short, long] = [await at.found({}, 'short'), await at.found({}, 'long')];
    expect(short.listed).toBe(true);
    expect(decided(short.end)).toEqual(decided(long.end));
  });
});

describe('a hire in three groups', () => {
  const THREE = ['Team 7', 'Team 8', 'Team 9'];

  /** So many groups in both, of which three are ours, and a complete run behind it. */
  async function large({ groups, users, selection }: { groups: number; users: number; selection: object }) {
    const stand = await scenario();
    const { okta, secoda, configure } = stand;
    await configure({ okta: { orgUrl: okta.url, groups: selection }, groups: { include: THREE } });
    const ada = okta.state.addUser({ email: 'ada@acme.com' });
    const account = secoda.state.addUser({ email: 'ada@acme.com' });
    for (let n = 1; n < users; n += 1) secoda.state.addUser({ email: `p${n}@acme.com` });
    for (let n = 0; n < groups; n += 1) {
      const group = okta.state.addGroup({ name: `Team ${n}`, members: [ada] });
      const description = markerOf(group, THREE.includes(group.name) ? 'okta' : 'emea');
      secoda.state.addGroup({ name: group.name, description, users: [account] });
    }
    for (const name of THREE) okta.state.assignApp(APP, okta.state.group(name));
    expect(await stand.report('apply')).toMatchObject({ status: 'in-sync' });
    const hire = okta.state.addUser({ email: HIRE });
    secoda.state.addUser({ email: HIRE });
    for (const name of THREE) okta.state.join(hire, okta.state.group(name));
    return stand;
  }

  it.each([
    [64, 100, SELECTIONS.all],
    [1_024, 1_000, { search: 'profile.name sw "Team"' }],
    [5_000, 20_000, SELECTIONS.all],
  ])('takes few requests in an org of %i groups', async (groups, users, selection) => {
    const stand = await large({ groups, users, selection });
    const { requests, ...told } = await stand.report('onboard', HIRE);
    expect(told).toMatchObject({ status: 'applied', summary: { members: { add: 3 } } });
    expect(requests).toMatchObject({ okta: { reads: 7 }, secoda: { writes: 3 } });
    expect(requests.secoda.reads).toBeLessThanOrEqual(27);
    expect(THREE.map((name) => stand.secoda.state.memberEmails(name))).toEqual(
      THREE.map(() => ['ada@acme.com', HIRE]),
    );
  });
});
