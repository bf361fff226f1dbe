import { expect, it } from 'vitest';
import { drift, membersOf, smallWorld } from './small-world.ts';
import { scenario } from './scenario.ts';

/** A world that has drifted, under a configuration that says `dryRun: true`. */
async function dryWorld() {
  const stand = await scenario();
  await stand.configure({ dryRun: true });
  drift(stand, smallWorld(stand));
  const asked = () => stand.okta.requests.length + stand.secoda.requests.length;
  return { ...stand, asked };
}

it.each([['apply'], ['onboard', 'hire@acme.com']])(
  'dryRun: true keeps %s from writing, and from reading: exit 2 with both ways on',
  async (...command) => {
    const { sync, secoda, asked } = await dryWorld();
    const { code, stderr } = await sync(...command);
    expect(code).toBe(2);
    expect(stderr).toContain(`dryRun: true in the configuration keeps ${command[0]} from writing`);
    expect(stderr).toContain('npm run sync -- plan');
    // npm keeps the flag for itself without a word where it stands alone.
    expect(stderr).toContain('--no-dry-run behind “--”');
    expect([asked(), secoda.state.writes.length]).toEqual([0, 0]);
  },
);

it('apply --no-dry-run writes all the same', async () => {
  const stand = await dryWorld();
  expect(await stand.report('apply', '--no-dry-run')).toMatchObject({ code: 0, status: 'applied' });
  expect(membersOf(stand)).toMatchObject({
    New: ['p0@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
  });
});

it('onboard --no-dry-run adds all the same', async () => {
  const { report, secoda } = await dryWorld();
  expect(await report('onboard', 'hire@acme.com', '--no-dry-run')).toMatchObject({
    code: 0,
    status: 'applied',
  });
  expect(secoda.state.memberEmails('Group B')).toContain('hire@acme.com');
});

it('plan goes on as ever, and the command that approves its refused plan is one that writes', async () => {
  const { sync, configure } = await dryWorld();
  await configure({ dryRun: true, guard: { groupDeletions: { max: 0, percent: 0 } } });
  const { code, stdout } = await sync('plan');
  expect(code).toBe(3);
  expect(stdout).toMatch(/npm run sync -- apply --config \S+ --runs \S+ --no-dry-run --approve [0-9a-f]{16}/);
});

it('flags that npm took end a command before anything is read', async () => {
  const stand = await scenario({
    environment: (okta, secoda) => ({
      OKTA_API_TOKEN: okta.credentials.apiToken,
      SECODA_API_KEY: secoda.credentials.apiKey,
      npm_lifecycle_event: 'sync',
      npm_config_group: 'Group A',
    }),
  });
  drift(stand, smallWorld(stand));
  const { code, stderr } = await stand.sync('apply');
  expect(code).toBe(2);
  expect(stderr).toContain("--group='Group A'");
  expect(stand.okta.requests.length + stand.secoda.requests.length).toBe(0);
});
