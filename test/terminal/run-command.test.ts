import { expect, it } from 'vitest';
import { drift, smallWorld } from '../run/small-world.ts';
import { type Scenario, scenario, type ScenarioOptions } from '../run/scenario.ts';

/** A world with four changes, and the command line over it: what differs from one time to the next is named. */
async function drifted(options: ScenarioOptions = {}) {
  const stand = await scenario(options);
  drift(stand, smallWorld(stand));
  stand.secoda.state.addGroup({ name: 'By hand' });
  const named = (text: string) =>
    text
      .replaceAll(stand.folder, 'FOLDER')
      .replaceAll(/\d{8}T\d{6}Z-[0-9a-f]{8}/g, 'RUN')
      .replaceAll(/00g\w+/g, '00g')
      .replaceAll(/\b[0-9a-f]{16}\b/g, 'DIGEST');
  const told = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await stand.sync(...args);
    return { code, out: named(stdout).split('\n'), err: named(stderr) };
  };
  return { stand, told };
}
const writesOf = ({ secoda }: Scenario) => secoda.state.writes.length;

const READ = [
  'Okta    3 groups listed, 3 in scope',
  'Secoda  4 groups, 3 of them managed or about to be adopted; 5 accounts',
  '',
];
const PLAN = [
  '~ update  Group A   −1  its members differ (00g)',
  '          - p0@acme.com  not in the Okta group',
  '~ update  Group B   +1  its members differ (00g)',
  '          + hire@acme.com',
  '+ create  New       +4  new: has no Secoda group yet (00g)',
  ...['p0', 'p1', 'p2', 'p3'].map((name) => `          + ${name}@acme.com`),
  '- delete  Group C   −4  00g no longer exists in Okta',
  ...['p0', 'p1', 'p2', 'p3'].map((name) => `          - ${name}@acme.com  their Okta group is gone`),
  '',
  'Plan: 1 to create, 2 to update, 1 to delete, 0 unchanged, 0 skipped; members +5 −5; 0 unmatched; digest DIGEST',
  '',
];
const PLANNED = [
  'Planned: nothing was written.',
  '5 Okta reads, 2 Secoda reads, 0 writes, 0.0 s; record: FOLDER/runs/RUN/',
  '',
];
const DONE = [
  '✓ 1/4 updated Group A (−1)',
  '✓ 2/4 updated Group B (+1)',
  '✓ 3/4 created New (+4)',
  '✓ 4/4 deleted Group C (−4)',
  'Applied: all changes were made, and Secoda shows them.',
  '7 Okta reads, 4 Secoda reads, 4 writes, 0.0 s; record: FOLDER/runs/RUN/',
  '',
];
const answered = (code: number, ...out: readonly string[]) => ({ code, out, err: '' });

it('a plan, what came of it, and that nothing is left to do are told whole', async () => {
  const { told } = await drifted();
  expect(await told('plan')).toEqual(answered(0, ...READ, ...PLAN, ...PLANNED));
  expect(await told('plan', '--expect-no-changes')).toEqual(answered(7, ...READ, ...PLAN, ...PLANNED));
  expect(await told('apply')).toEqual(answered(0, ...READ, ...PLAN, ...DONE));
  expect(await told('plan', '--expect-no-changes')).toEqual(
    answered(
      ...[0, ...READ],
      'Plan: 0 to create, 0 to update, 0 to delete, 3 unchanged, 0 skipped; members +0 −0; 0 unmatched',
      '',
      'In sync: nothing to do.',
      '4 Okta reads, 2 Secoda reads, 0 writes, 0.0 s; record: FOLDER/runs/RUN/',
      '',
    ),
  );
});

it('whoever sits in front of it is asked, and only a yes writes', async () => {
  const { stand, told } = await drifted({ answers: ['no', 'yes'] });
  const question =
    /This writes to Secoda: 1 group to create, 2 to update, 1 to delete\. It takes less than a minute, at 30 writes a minute\.\nGo on\? Only “yes” writes: /;
  const no = await told('apply');
  expect([no.code, no.out, writesOf(stand)]).toEqual([1, [...READ, ...PLAN, ...PLANNED], 0]);
  expect(no.err).toMatch(question);
  const yes = await told('apply');
  expect([yes.code, yes.out, writesOf(stand)]).toEqual([0, [...READ, ...PLAN, ...DONE], 4]);
  expect(yes.err).toMatch(question);
});

it.each([['--yes'], ['--json'], ['--approve']])('nobody is asked with %s', async (flag) => {
  const { stand, told } = await drifted({ answers: ['no'] });
  const { digest } = await stand.report('plan');
  const { code, err } = await told('apply', flag, ...(flag === '--approve' ? [digest ?? ''] : []));
  expect([code, writesOf(stand)]).toEqual([0, 4]);
  expect(err).not.toContain('Go on?');
});

it('what was refused is applied by its digest', async () => {
  const config = { guard: { groupDeletions: { max: 0, percent: 0 } } };
  const { stand, told } = await drifted({ config });
  const refused = await told('apply');
  expect([refused.code, writesOf(stand)]).toEqual([3, 0]);
  expect(refused.out).toContain(
    '  npm run sync -- apply --config FOLDER/config.json --runs FOLDER/runs --approve DIGEST',
  );
  const { digest } = await stand.report('plan');
  const { code, out } = await told('apply', '--approve', digest ?? '');
  expect([code, writesOf(stand)]).toEqual([0, 4]);
  expect(out.slice(-7)).toEqual(DONE);
});

it('a run planned again is told whole, with what differs from it', async () => {
  const { stand, told } = await drifted();
  await told('apply');
  const from = ['plan', '--from', 'last', '--expect-no-changes'] as const;
  const end = [
    '',
    'Planned: nothing was written.',
    '0 Okta reads, 0 Secoda reads, 0 writes, 0.0 s; record: FOLDER/runs/RUN/',
    '',
  ];
  const same = 'Compared with run RUN (digest DIGEST): the same plan and verdict.';
  expect(await told(...from)).toEqual(answered(0, ...READ, ...PLAN, same, ...end));
  await stand.configure({ groups: { exclude: ['Group B'] } });
  const { code, out } = await told(...from);
  expect([code, out[0]]).toEqual([7, 'Okta    3 groups listed, 2 in scope']);
  expect(out.slice(out.findIndex((line) => line.startsWith('Compared')))).toEqual([
    'Compared with run RUN (digest DIGEST): 1 group differs, 1 not added, 4 more removed.',
    '  Group B (00g): updated → deleted; 1 not added; 4 more removed',
    '      not added: hire@acme.com',
    '      removed: p0@acme.com, p1@acme.com, p2@acme.com, p3@acme.com',
    '',
    "The configuration differs from the run's own in 1 key:",
    '  groups.exclude: [] → ["Group B"]',
    ...end,
  ]);
  const { request, startedAt, durationMs } = await stand.report(...from);
  expect(request).toMatchObject({ groups: [], full: false, dryRun: true, approve: null, reason: null });
  expect([startedAt, durationMs]).toEqual([expect.stringMatching(/^2026-01-01T/), 0]);
});
