import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UNKNOWNS } from '../../lambda/core/report/finding.ts';
import { status } from '../emulators/index.ts';
import { smallWorld } from './small-world.ts';
import { scenario } from './scenario.ts';

describe('doctor', () => {
  it('finds everything in order, writes nothing, and says so in one line each', async () => {
    const stand = await scenario();
    smallWorld(stand);
    const { code, stdout } = await stand.sync('doctor');
    expect(code, stdout).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, -1).every((line) => line.startsWith('✓ '))).toBe(true);
    expect(lines.map((line) => line.slice(2).split(/ {2,}/)[0])).toEqual([
      'Configuration',
      'Archive',
      'Okta: address',
      'Okta: clock',
      'Okta: credentials',
      'Okta: groups',
      'Okta: pages',
      'Okta: members',
      'Okta: changes',
      'Secoda: address',
      'Secoda: clock',
      'Secoda: API key',
      'Secoda: paths',
      'Secoda: users',
      'Secoda: groups',
      'Secoda: pages',
      'Rules',
      'Limits',
    ]);
    expect(lines.at(-1)).toMatch(/^– Limits .* no full run has left a plan in .* to hold them against$/);
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it('shows how near the last full runs came to each limit, by which run, whether they wrote or were refused', async () => {
    const guard = { memberRemovals: { max: 3, percent: 0 }, removalsPerGroup: { max: 2, percent: 0 } };
    const stand = await scenario({ config: { guard } });
    const { people, pairs } = smallWorld(stand);
    const [a, b] = pairs;
    const [one, two, three] = people;
    if (!a || !b || !one || !two || !three) throw new Error('this world is too small');
    const night = async (): Promise<string> => (await stand.report('apply')).runId;
    stand.okta.state.leave(one, a.okta);
    const small = await night();
    await stand.report('plan', '--group', 'Group A');
    await night();
    for (const person of [one, two, three]) stand.okta.state.leave(person, b.okta);
    const large = await night();
    await stand.configure({ guard: { ...guard, memberRemovals: { max: 8, percent: 0 } } });
    const { stdout } = await stand.sync('doctor');
    const limits = [...stdout.matchAll(/^[✓–] Limits +(.*)$/gm)].map(([, detail]) => detail);
    expect(limits).toEqual([
      `3 full runs, from ${small} to ${large}, against the limits as they are now`,
      expect.stringMatching(/^minimumGroups: smallest night 3, at least 1 \(/),
      'groupDeletions: nothing in any of them',
      `memberRemovals: largest night 3 of 8 (${large})`,
      `removalsPerGroup: largest night 3 of 2, against the limit (${large})`,
      expect.stringMatching(/^emptiedGroups: /),
      'additionsPerGroup: nothing in any of them',
      'adoptions: nothing in any of them',
      'invitations: nothing in any of them',
    ]);
  });

  it('tries the writes on a scratch group with --probe, and leaves nothing of it behind', async () => {
    const stand = await scenario({ secoda: { descriptionLimit: 500, longDescription: 'truncated' } });
    smallWorld(stand);
    const before = [...stand.secoda.state.groups.keys()];
    const { code, stdout } = await stand.sync('doctor', '--probe');
    expect(code, stdout).toBe(1);
    expect([...stand.secoda.state.groups.keys()]).toEqual(before);
    expect(stand.secoda.state.writes.map(({ method }) => method)).toEqual(
      expect.arrayContaining(['POST', 'PATCH', 'DELETE']),
    );
    expect(stdout).toMatch(/✗ Secoda: length of a description .*500 are kept/);
    const [, block = ''] = stdout.split('please send it back. ---');
    for (const [question] of UNKNOWNS) expect(block).toContain(question);
    expect(block).toContain(
      'Does a PATCH of users replace the list?\n  ✓ a list of users replaces the one before',
    );
    expect(block).toContain('How long may a description be?\n  ✗ 200 characters are kept');
    expect(block).not.toMatch(/@|127\.0\.0\.1|[0-9a-f]{8}-/);
  });

  it('removes the scratch group even when the probe breaks in the middle', async () => {
    const stand = await scenario();
    smallWorld(stand);
    stand.secoda.faults.add({
      on: 'secoda.group.update',
      effect: status(400, { detail: 'No.' }),
      times: Infinity,
    });
    const { code } = await stand.sync('doctor', '--probe');
    expect(code).toBe(1);
    expect(stand.secoda.state.groups.size).toBe(3);
  });

  it.each([
    ['a bad Okta token', { OKTA_API_TOKEN: '00nobodysToken' }, '✗ Okta: credentials', 6],
    ['a bad Secoda key', { SECODA_API_KEY: 'nobodys-key' }, '✗ Secoda: API key', 6],
    ['a dead Okta', { OKTA_ORG_URL: 'http://127.0.0.1:9' }, '✗ Okta: address', 1],
    ['a dead Secoda', { SECODA_API_URL: 'http://127.0.0.1:9' }, '✗ Secoda: address', 1],
  ])('names %s and the fix, and still looks at the other side', async (_name, wrong, line, exit) => {
    const stand = await scenario({
      environment: (okta, secoda) => ({
        OKTA_API_TOKEN: okta.credentials.apiToken,
        SECODA_API_KEY: secoda.credentials.apiKey,
        ...wrong,
      }),
    });
    smallWorld(stand);
    const { code, stdout, stderr } = await stand.sync('doctor');
    expect(code).toBe(exit);
    for (const [name, address] of Object.entries(wrong).filter(([name]) => name.endsWith('_URL')))
      expect(stderr).toContain(` is asked at ${address}: ${name} goes before the configuration.\n`);
    expect(stdout).toContain(line);
    expect(stdout).toContain('→ ');
    expect(stdout).toMatch(line.includes('Okta') ? /✓ Secoda: groups/ : /✓ Okta: groups/);
  });

  it('names an archive that cannot be written, still looks at both sides, and tries no writes', async () => {
    const stand = await scenario();
    smallWorld(stand);
    const file = fileURLToPath(import.meta.url);
    const { code, stdout } = await stand.sync('doctor', '--probe', '--runs', file);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ Archive .*part of the path is a file/);
    expect(stdout).toContain('✓ Okta: groups');
    expect(stdout).toContain('✓ Secoda: groups');
    expect(stdout).toMatch(/– Secoda: writes +skipped: an earlier check failed/);
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['all match', { users: { aliases: { 'p0@acme.com': 'p1@acme.com' } } }, '✓ Rules each matches something'],
    [
      'a pattern can only be told by a plan',
      { users: { aliases: { '*@acme.org': '*@acme.com', 'p0@acme.com': 'p1@acme.com' } } },
      '✓ Rules each matches something, as far as can be told without a plan',
    ],
    [
      'an alias of nobody',
      { users: { aliases: { 'nobody@acme.com': 'p1@acme.com' } } },
      '! Rules users.aliases: nobody in the Okta groups in scope has "nobody@acme.com"',
    ],
    ['a frozen group of Secoda alone', { groups: { frozen: ['By hand'] } }, '✓ Rules each matches something'],
    [
      'a frozen group of neither',
      { groups: { frozen: ['Nobody'] } },
      '! Rules groups.frozen: "Nobody" is neither the id nor the name of a group in Okta or in Secoda, and freezes nothing',
    ],
  ])('looks at the rules: %s', async (_, config, line) => {
    const stand = await scenario({ config });
    smallWorld(stand);
    stand.secoda.state.addGroup({ name: 'By hand' });
    const { stdout } = await stand.sync('doctor');
    const rules = stdout.split('\n').filter((each) => each.includes(' Rules '));
    expect(rules.map((each) => each.replaceAll(/ +/g, ' '))).toEqual([line]);
    expect(stdout.includes('→ Correct it, or take it out of the configuration.')).toBe(line.startsWith('!'));
  });

  it('asks Okta about no alias without the right to, and says what it could not look at', async () => {
    const aliases = { 'p0@acme.com': 'p1@acme.com' };
    const stand = await scenario({ config: { users: { aliases } } });
    smallWorld(stand);
    stand.okta.faults.add({ on: 'okta.user.list', effect: status(403, {}), times: Infinity });
    stand.okta.faults.add({ on: 'okta.user.get', effect: status(403, {}), times: Infinity });
    const told = async () => (await stand.sync('doctor')).stdout.replaceAll(/ +/g, ' ');
    expect(await told()).toContain('✓ Rules each matches something, as far as can be told without a plan\n');
    stand.secoda.faults.add({ on: 'secoda.user.list', effect: status(403, {}), times: Infinity });
    expect(await told()).toContain('– Rules skipped: an earlier check failed\n');
  });

  it('tells of a clock that is off', async () => {
    const stand = await scenario({ okta: { skewMs: 300_000 } });
    smallWorld(stand);
    const { code, stdout } = await stand.sync('doctor');
    expect(code).toBe(1);
    expect(stdout).toContain('✗ Okta: clock');
  });
});
