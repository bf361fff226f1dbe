import { expect, it } from 'vitest';
import { repeating } from '../../lambda/run/context.ts';
import { drift, smallWorld } from './small-world.ts';
import { type Scenario, scenario } from './scenario.ts';

async function actorWorld(): Promise<Scenario> {
  const stand = await scenario({
    environment: (okta, secoda) => ({
      OKTA_API_TOKEN: okta.credentials.apiToken,
      SECODA_API_KEY: secoda.credentials.apiKey,
      GITHUB_ACTOR: 'octocat',
    }),
  });
  drift(stand, smallWorld(stand));
  return stand;
}

it('plan and report say what a run was asked for, by whom, and why', async () => {
  const { report, read } = await actorWorld();
  const { runId, request } = await report('apply', '--group', 'Group A', '--full', '--reason', 'CHG-1234');
  expect(request).toEqual({
    trigger: 'terminal',
    requestedBy: 'octocat',
    reason: 'CHG-1234',
    groups: ['Group A'],
    full: true,
    dryRun: false,
    approve: null,
    awsRequestId: null,
    functionArn: null,
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown,
    config: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
  });
  expect(await read(`${runId}/plan.json`)).toMatchObject({ request });
  expect(await read(`${runId}/report.json`)).toMatchObject({ request });
});

it('an approval stands in the record of the run that it let through', async () => {
  const { report, configure } = await actorWorld();
  await configure({ guard: { groupDeletions: { max: 0, percent: 0 } } });
  const { digest, request } = await report('apply');
  expect(request).toMatchObject({ approve: null });
  expect(await report('apply', '--approve', digest ?? '')).toMatchObject({
    status: 'applied',
    request: { approve: digest, requestedBy: 'octocat' },
  });
});

it('a plan says that it was one, and another configuration has another hash', async () => {
  const { report, configure } = await actorWorld();
  const first = await report('plan');
  expect(first).toMatchObject({ request: { dryRun: true } });
  const again = await report('plan');
  await configure({ groups: { exclude: ['Group C'] } });
  const other = await report('plan');
  expect(again.request.config).toBe(first.request.config);
  expect(other.request.config).not.toBe(first.request.config);
});

it('outside CI it is the user at the host who asked, for an onboarding too', async () => {
  const stand = await scenario();
  drift(stand, smallWorld(stand));
  const { request, runId } = await stand.report('onboard', 'hire@acme.com', '--reason', 'first day');
  expect(request).toMatchObject({ trigger: 'terminal', reason: 'first day', groups: [], dryRun: false });
  expect(request.requestedBy).toMatch(/^.+@.+$/);
  expect(await stand.read(`${runId}/plan.json`)).toMatchObject({ request });
});

const hints = {
  oktaGroupIds: ['00g1'],
  oktaUserIds: [],
  emails: [],
  leaverIds: [],
  deletedGroupIds: [],
};

it.each([
  ['as asked, where nothing was refused', ['A'], null, { groups: ['A'], hints: null }],
  ['all groups, as refused', [], { groups: [], hints: null }, { groups: [], hints: null }],
  ['the groups that were refused', [], { groups: ['B'], hints: null }, { groups: ['B'], hints: null }],
  ['the groups that are named anew', ['A'], { groups: ['B'], hints: null }, { groups: ['A'], hints: null }],
  ['the events that were refused, whatever is named', ['A'], { groups: [], hints }, { groups: [], hints }],
])('an approval repeats a run over %s', (_, groups, scope, expected) => {
  expect(repeating({ groups, hints: null }, scope && { scope })).toEqual(expected);
});
