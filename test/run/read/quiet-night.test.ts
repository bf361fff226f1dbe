import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openArchive } from '../../../lambda/services/store/open.ts';
import { loadReads, saveReads } from '../../../lambda/archive/kept-reads.ts';
import { html } from '../../emulators/index.ts';
import { DAY, parts, quietNight } from './quiet-world.ts';
import { markerOf, membersOf } from '../small-world.ts';
import type { Scenario } from '../scenario.ts';

describe('on a quiet night', () => {
  it('no members are read, two lists of people are, and nothing is written', async () => {
    const { stand, reads } = await quietNight();
    reads();
    const from = stand.okta.requests.length;
    expect(await stand.report('apply')).toMatchObject({
      code: 0,
      status: 'in-sync',
      summary: { groups: { unchanged: 3 } },
    });
    expect(stand.okta.requests.slice(from).map(({ route }) => route)).toEqual([
      'okta.group.list',
      'okta.user.list',
      'okta.user.list',
    ]);
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it('a large org takes at most two in a hundred of the requests that a full read takes', async () => {
    for (const ofApp of [false, true]) {
      const { stand, configure } = await quietNight();
      for (let n = 0; n < 597; n++) {
        const group = stand.okta.state.addGroup({ name: `Large ${n}` });
        stand.secoda.state.addGroup({ name: group.name, description: markerOf(group) });
      }
      for (const group of stand.okta.state.groups.values()) stand.okta.state.assignApp('0oa1', group);
      await configure({}, { requestsPerMinute: 10_000, groups: ofApp ? { app: '0oa1' } : { all: true } });
      stand.jump(DAY);
      const full = await stand.report('plan');
      const quiet = await stand.report('plan');
      expect(full.status).toBe('in-sync');
      expect(full.requests.okta.reads).toBeGreaterThan(600);
      expect(quiet.requests.okta.reads).toBeLessThanOrEqual(0.02 * full.requests.okta.reads);
    }
  });

  it('people without an account are still reported', async () => {
    const { stand, world, reads } = await quietNight();
    const { person, account } = parts(world);
    for (const { secoda } of world.pairs) stand.secoda.state.leave(account, secoda);
    stand.secoda.state.users.delete(account.id);
    const first = await stand.report('apply');
    reads();
    const second = await stand.report('apply');
    expect(reads()).toEqual([]);
    expect(second.unmatched).toEqual(first.unmatched.map((each) => ({ ...each, runs: 2 })));
    expect(second.unmatched).toMatchObject([
      { email: person.profile.email, groups: ['Group A', 'Group B', 'Group C'] },
    ]);
  });

  it('--full reads everything', async () => {
    const { stand, reads } = await quietNight();
    reads();
    await stand.report('apply', '--full');
    expect(reads()).toEqual(['Group A', 'Group B', 'Group C']);
  });

  it('a group that is named is read', async () => {
    const { stand, reads } = await quietNight();
    reads();
    await stand.report('apply', '--group', 'Group B');
    expect(reads()).toEqual(['Group B']);
  });

  it('a group is left unread, too, that holds less than was asked for', async () => {
    const { stand, world, reads } = await quietNight({ secoda: { invited: 'dropped' } });
    const { group } = parts(world);
    stand.okta.state.join(stand.okta.state.addUser({ email: 'hire@acme.com' }), group);
    const account = stand.secoda.state.addUser({ email: 'hire@acme.com', pending: true });
    expect(await stand.report('apply')).toMatchObject({ code: 4, unsettled: [{ email: 'hire@acme.com' }] });
    stand.jump(DAY);
    await stand.report('apply');
    reads();
    expect(await stand.report('apply')).toMatchObject({ code: 0, unsettled: [{ email: 'hire@acme.com' }] });
    expect(reads()).toEqual([]);
    stand.secoda.state.activate(account);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', unsettled: [] });
    expect(reads()).toEqual(['Group A']);
  });

  it('many people may have changed, as long as many groups need not be read', async () => {
    const { stand, reads } = await quietNight();
    for (let n = 0; n < 12; n++) {
      const group = stand.okta.state.addGroup({ name: `More ${n}` });
      stand.secoda.state.addGroup({ name: group.name, description: markerOf(group) });
    }
    stand.jump(DAY);
    await stand.report('apply');
    for (let n = 0; n < 250; n++) stand.okta.state.addUser({ email: `new${n}@acme.com` });
    reads();
    await stand.report('apply');
    expect(reads()).toEqual([]);
  });

  it('few groups are read without ado, and as many as are configured are not', async () => {
    const { stand, configure, reads } = await quietNight();
    await configure({}, { shortCutsFrom: 3 });
    reads();
    await stand.report('apply');
    expect(reads()).toEqual([]);
    await configure({}, { shortCutsFrom: 4 });
    reads();
    const { requests } = await stand.report('apply');
    expect([reads().length, requests.okta.reads]).toEqual([3, 4]);
  });

  it('the groups of an app are quiet, too, and their people counted', async () => {
    const { stand, world, configure, reads } = await quietNight();
    for (const { okta } of world.pairs) stand.okta.state.assignApp('0oa1', okta);
    await configure({}, { groups: { app: '0oa1' } });
    await stand.report('apply', '--full');
    reads();
    expect((await stand.report('apply')).requests.okta.reads).toBe(4);
    expect(reads()).toEqual([]);
  });
});

describe('everything is read when', () => {
  const ALL = ['Group A', 'Group B', 'Group C'];

  it.each(['', '{', 'null\n{}', '{"version":1}\n{"people":[],"lists":[]}'])(
    'the record of reads holds %j',
    async (text) => {
      const { stand, reads } = await quietNight();
      await writeFile(join(stand.runs, 'reads/okta.json'), text);
      reads();
      expect(await stand.report('apply')).toMatchObject({ status: 'in-sync' });
      expect(reads()).toEqual(ALL);
      await stand.report('apply');
      expect(reads()).toEqual([]);
    },
  );

  it('the record of reads was changed by hand, is cut off, lost, of another version or another org', async () => {
    const { stand, reads } = await quietNight();
    const file = join(stand.runs, 'reads/okta.json');
    const text = await readFile(file, 'utf8');
    const others = [
      // Of no consequence to any plan, so that nothing but the seal tells.
      text.replace('"p0@acme.com"]', '"p9@acme.com"]'),
      text.slice(0, -20),
      text.replace('"version":1', '"version":0'),
      text.replace(stand.okta.url, 'https://other.okta.com'),
    ];
    for (const other of others) {
      await writeFile(file, other);
      reads();
      await stand.report('apply');
      expect(reads()).toEqual(ALL);
    }
    await rm(file);
    await stand.report('apply');
    expect(reads()).toEqual(ALL);
  });

  it('Okta does not tell who has changed, which is said and is no failure', async () => {
    const { stand, reads } = await quietNight({
      okta: { grantedScopes: ['okta.groups.read'] },
      environment: app,
    });
    reads();
    const { code, stdout } = await stand.sync('apply');
    expect([code, reads()]).toEqual([0, ALL]);
    expect(stdout).toContain('All 3 Okta groups are read: Okta does not tell who has changed');
    expect(stdout).toContain('okta.users.read');
  });

  it('the role sees nobody on the list of users, which is said and is no failure', async () => {
    const { stand, reads } = await quietNight();
    stand.okta.state.seesUser = () => false;
    reads();
    const { code, stdout } = await stand.sync('apply');
    expect([code, reads()]).toEqual([0, ALL]);
    expect(stdout).toContain('All 3 Okta groups are read: Okta does not tell who has changed');
    expect(stdout).toContain('leaves out 4 of 4 people who are there');
  });

  it('everybody who is remembered was deactivated, so that nobody can be asked for', async () => {
    const { stand, reads, world } = await quietNight();
    for (const person of world.people) stand.okta.state.deactivate(person);
    await stand.sync('apply');
    reads();
    const { stdout } = await stand.sync('apply');
    expect(reads()).toEqual(ALL);
    expect(stdout).toContain("there is nobody whom Okta's list of users would have to show");
  });

  it('too many people have changed', async () => {
    const { stand, reads } = await quietNight();
    for (let n = 0; n < 201; n++) stand.okta.state.addUser({ email: `new${n}@acme.com` });
    stand.jump(DAY);
    reads();
    const { stdout } = await stand.sync('apply');
    expect(reads()).toEqual(ALL);
    expect(stdout).toContain('more than 200 people changed');
    await stand.report('apply');
    expect(reads()).toEqual([]);
  });

  it('too many people have changed, the deactivated included', async () => {
    const { stand, reads } = await quietNight();
    for (let n = 0; n < 201; n++) {
      const user = stand.okta.state.addUser({ email: `new${n}@acme.com` });
      if (n % 2 === 0) stand.okta.state.deactivate(user);
    }
    reads();
    await stand.report('apply');
    expect(reads()).toEqual(ALL);
  });

  it.each(['okta.user.list', 'okta.group.list'])('Okta answers %s with a page for people', async (on) => {
    const { stand, world, configure, reads } = await quietNight();
    for (const { okta } of world.pairs) stand.okta.state.assignApp('0oa1', okta);
    // An app's groups are listed elsewhere, and counted by this list.
    await configure({}, { groups: { app: '0oa1' } });
    await stand.report('apply', '--full');
    stand.okta.faults.add({ on, times: Infinity, effect: html() });
    reads();
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
    expect(reads()).toEqual(ALL);
  });

  it('the record of reads is of a time to come, as of a clock that was wrong', async () => {
    const { stand, world } = await quietNight();
    const archive = openArchive(stand.runs);
    const owner = { name: 'okta', org: stand.okta.url };
    const remembered = await loadReads(archive, owner);
    if (!remembered) throw new Error('nothing was remembered');
    await saveReads(archive, owner, { ...remembered, asOf: stand.clock.now() + DAY });
    stand.okta.state.deactivate(parts(world).person);
    await stand.report('apply');
    expect(membersOf(stand)['Group A']).not.toContain('p0@acme.com');
  });

  it('another deployment over the same archive has read them', async () => {
    const { stand, configure, reads } = await quietNight();
    await configure({ name: 'second', groups: { exclude: ['*'] } });
    await stand.report('apply');
    await configure({ name: 'second', groups: { rename: [{ match: '^', to: 'x ' }] } });
    reads();
    await stand.report('apply');
    expect(reads()).toEqual(ALL);
    await configure();
    await stand.report('apply');
    expect(reads()).toEqual([]);
  });
});

function app({ credentials }: Scenario['okta'], secoda: Scenario['secoda']): Record<string, string> {
  return {
    OKTA_CLIENT_ID: credentials.clientId,
    OKTA_PRIVATE_KEY: credentials.privateKeyJwk,
    SECODA_API_KEY: secoda.credentials.apiKey,
  };
}
