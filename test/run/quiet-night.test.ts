import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY, parts, quietNight } from './quiet-world.ts';
import { markerOf } from './small-world.ts';
import type { Stage } from './stage.ts';

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
    expect(second.unmatched).toEqual(first.unmatched);
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

  it('few groups are read without ado', async () => {
    const { stand, configure, reads } = await quietNight();
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
      text.replace('p0@acme.com', 'p9@acme.com'),
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

  it('too many people have changed', async () => {
    const { stand, reads } = await quietNight();
    for (let n = 0; n < 201; n++) stand.okta.state.addUser({ email: `new${n}@acme.com` });
    reads();
    const { stdout } = await stand.sync('apply');
    expect(reads()).toEqual(ALL);
    expect(stdout).toContain('more than 200 people changed');
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

function app({ credentials }: Stage['okta'], secoda: Stage['secoda']): Record<string, string> {
  return {
    OKTA_CLIENT_ID: credentials.clientId,
    OKTA_PRIVATE_KEY: credentials.privateKeyJwk,
    SECODA_API_KEY: secoda.credentials.apiKey,
  };
}
