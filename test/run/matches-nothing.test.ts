import { expect, it } from 'vitest';
import { smallWorld } from './small-world.ts';
import { scenario } from './scenario.ts';

const PROTECT =
  'users.protect: "brekglass@acme.com" fits no Secoda account and protects nobody; the nearest is “breakglass@acme.com”';
const ALIAS = 'users.aliases: nobody in the Okta groups in scope has "p0@acm.com"';

/** An account that must never be removed, in a group that Okta does not put it into, and a configuration full of slips. */
async function world() {
  const stand = await scenario();
  const { pairs } = smallWorld(stand);
  const account = stand.secoda.state.addUser({ email: 'breakglass@acme.com' });
  pairs[0]?.secoda.users.add(account);
  await stand.configure({
    groups: { include: ['Group *', 'Gruop *'] },
    users: { protect: ['brekglass@acme.com'], aliases: { 'p0@acm.com': 'p0@acme.com' } },
  });
  return stand;
}

it('a slip in the configuration is told by plan and by the report of each run', async () => {
  const { sync, report, secoda } = await world();
  const { code, stdout } = await sync('plan');
  expect(code).toBe(0);
  for (const message of [PROTECT, `${ALIAS}; the nearest is “p0@acme.com”`, 'groups.include: "Gruop *"'])
    expect(stdout).toContain(message);
  const messages = async (...command: readonly string[]) =>
    (await report(...command)).warnings
      .filter(({ kind }) => kind === 'matches-nothing')
      .map(({ message }) => message);
  const include: unknown = expect.stringContaining('groups.include');
  expect(await messages('onboard', 'p0@acme.com')).toEqual([include, PROTECT]);
  expect(await messages('plan', '--group', 'Group B')).toEqual([include, PROTECT]);
  expect(await messages('apply')).toEqual([include, `${ALIAS}; the nearest is “p0@acme.com”`, PROTECT]);
  expect((await sync('show')).stdout).toContain(`Worth knowing\n  groups.include: "Gruop *"`);
  expect(secoda.state.memberEmails('Group A')).not.toContain('breakglass@acme.com');
});

it('doctor tells of it too, a line each with the fix, and that all is well when it is', async () => {
  const { sync, configure, secoda } = await world();
  const { code, stdout } = await sync('doctor');
  expect(code).toBe(0);
  const lines = stdout.split('\n').filter((line) => line.includes('Rules'));
  expect(lines.map((line) => line.replace(/^! Rules +/, ''))).toEqual([
    expect.stringContaining('groups.include: "Gruop *"'),
    ALIAS,
    PROTECT,
  ]);
  expect(stdout).toContain('→ Correct it, or take it out of the configuration.');
  await configure({ users: { protect: ['breakglass@*'], aliases: { 'p0@acme.com': 'p0@acme.com' } } });
  expect((await sync('doctor')).stdout).toMatch(/✓ Rules +each matches something\n/);
  await configure({ users: { aliases: { '*@acme.net': '*@acme.com' } } });
  expect((await sync('doctor')).stdout).toMatch(
    /✓ Rules +each matches something, as far as can be told without a plan\n/,
  );
  expect(secoda.state.writes).toEqual([]);
});
