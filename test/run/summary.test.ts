import { expect, it } from 'vitest';
import { scenario } from './scenario.ts';

it('a plan that is expected to change nothing ends with 7 where it would, and with 0 where not; a summary names no people', async () => {
  const stand = await scenario();
  stand.secoda.state.addUser({ email: 'ada@acme.com' });
  const members = [
    stand.okta.state.addUser({ email: 'ada@acme.com' }),
    stand.okta.state.addUser({ email: 'bob@acme.com' }),
  ];
  stand.okta.state.addGroup({ name: 'Data', members });
  const { code, stdout } = await stand.sync('plan', '--expect-no-changes', '--summary');
  expect(code).toBe(7);
  expect(stdout).toMatch(/\+ create {2}Data +\+1 /);
  expect(stdout).toContain('1 unmatched');
  expect(stdout).not.toContain('@acme.com');
  expect((await stand.sync('plan')).code).toBe(0);
  await stand.report('apply');
  const shown = await stand.sync('show', '--summary');
  expect(shown.stdout).toMatch(/\+ create {2}Data {2}applied\n.*\n {4}\+1\n/);
  expect(shown.stdout).not.toContain('@acme.com');
  expect((await stand.sync('show', '--summary', '--group', 'Data', '--members')).code).toBe(2);
  expect((await stand.sync('show', '--group', 'Dato', '--members')).stderr).toContain('did you mean "Data"?');
  const near = await stand.sync('show', '--group', 'Dato');
  expect([near.code, near.stdout]).toEqual([0, expect.stringContaining('"Dato"; did you mean "Data"?')]);
  await stand.report('apply');
  expect((await stand.sync('show')).stdout).toMatch(
    /\nIn sync: nothing to do\.\n0 changes; 1 group unchanged; members \+0 −0; 1 unmatched/,
  );
  expect((await stand.sync('plan', '--expect-no-changes')).code).toBe(0);
});

it('a report is a page or a comment alone on stdout, of a run made now as of one from the records', async () => {
  const stand = await scenario();
  stand.secoda.state.addUser({ email: 'ada@acme.com' });
  const ada = stand.okta.state.addUser({ email: 'ada@acme.com' });
  for (const [format, begins] of [
    ['html', '<!doctype html>'],
    ['markdown', '### ✅ '],
  ] as const) {
    stand.okta.state.addGroup({ name: `For ${format}`, members: [ada] });
    const ends = [
      await stand.sync('plan', `--format=${format}`),
      await stand.sync('apply', `--format=${format}`),
      await stand.sync('show', `--format=${format}`),
    ];
    for (const { code, stdout } of ends) {
      expect(code).toBe(0);
      expect(stdout.startsWith(begins)).toBe(true);
    }
    const [plan, apply, shown] = ends;
    expect(plan?.stderr).toMatch(/^Planned: nothing was written\.\n.+ record: .+\n$/);
    // The page of the record is that of the run itself.
    expect(shown?.stdout).toBe(apply?.stdout);
    if (format === 'html') expect(plan?.stdout).toContain('npm run sync -- apply --config ');
  }
  const { stderr } = await stand.sync('show', 'nothing', '--format', 'json');
  expect(JSON.parse(stderr)).toMatchObject({ exitCode: 2 });
});
