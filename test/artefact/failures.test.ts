import { fingerprint } from '../../lambda/core/model/text.ts';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { before, status } from '../emulators/index.ts';
import { markerOf } from '../run/small-world.ts';
import { aRegion, deploy, OKTA_SECRET, type Region, SECODA_SECRET, START_NAME } from './deployed.ts';
import { linesOf } from './printed.ts';
import { effective, namesIn, newGroups } from './worlds.ts';

const RUN = '20260102T030405Z-fails';

/** A managed group of eight, six of whom have left: more than the guard lets go. */
function exodus({ okta, secoda }: Region): void {
  const emails = Array.from({ length: 8 }, (_, n) => `p${n}@acme.example`);
  const members = emails.map((email) => okta.state.addUser({ email }));
  const users = emails.map((email) => secoda.state.addUser({ email }));
  const group = okta.state.addGroup({ name: "Data 'n' more", members: members.slice(0, 2) });
  secoda.state.addGroup({ name: group.name, description: markerOf(group), users });
}

describe('a run that fails', () => {
  it('for want of Okta leaves a record and an error, and writes nothing', async () => {
    const region = await aRegion();
    newGroups(region, 2);
    region.okta.faults.add({ on: 'okta.group.list', times: Infinity, effect: status(503) });
    const { sync, read } = await deploy(region);
    const began = region.clock.now();
    const { outcome, printed } = await sync.run({}, RUN);
    expect(region.clock.now() - began).toBeLessThan(60_000);
    const error: unknown = expect.stringContaining('503');
    expect(outcome).toMatchObject({ status: 'FAILED', error });
    expect(read(`${RUN}/report.json`)).toMatchObject({ status: 'failed', error, changes: [] });
    expect(linesOf(printed).find(({ message }) => message === 'run')).toMatchObject({ status: 'failed' });
    expect(linesOf(printed).find((line) => 'RunsFailed' in line)).toMatchObject({ RunsFailed: 1 });
    expect(region.secoda.state.writes).toEqual([]);
    expect(region.sns.published.map(({ subject }) => subject)).toEqual([expect.stringMatching(/^Failed: /)]);
  });

  it('outside of its steps, killed again and again, is given up, although the service would begin it for a day', async () => {
    const region = await aRegion();
    newGroups(region, 1);
    const { sync } = await deploy(region);
    // Four invocations were cut off so before: each is a process, which takes long to start.
    const arn = `${sync.functionArn}/durable-execution/${RUN}/${Buffer.from(RUN).toString('hex').slice(0, 32)}`;
    const counter = `${region.s3.url}/records/steps/${fingerprint(arn)}/begins-invocation.txt`;
    expect((await fetch(counter, { method: 'PUT', body: '4' })).status).toBe(200);
    region.s3.moments.at('after', 'PutObject', 1, () => sync.kill());
    const { outcome, invocations, execution } = await sync.run({}, RUN);
    expect(execution.arn).toBe(arn);
    const error: unknown = expect.stringContaining('5 invocations in a row were begun and cut off');
    expect(outcome).toMatchObject({ status: 'FAILED', error });
    expect(invocations.map(({ by }) => by)).toEqual(['killed', 'returned']);
    expect(region.okta.requests).toEqual([]);
  });

  it('for an unknown group answers so through Start', async () => {
    const region = await aRegion();
    newGroups(region, 2);
    const { start } = await deploy(region);
    const { answer } = await start({ groups: ['Nobody'] });
    const error: unknown = expect.stringContaining(
      '"Nobody": no Okta group in scope and no managed Secoda group',
    );
    expect(answer).toMatchObject({ status: 'failed', error });
    expect(region.secoda.state.writes).toEqual([]);
  });
});

describe('a refused plan', () => {
  it('is sent to people with the very command that applies it', async () => {
    const region = await aRegion();
    exodus(region);
    const { start, sync, read } = await deploy(region, { runner: { laterArn: 'version' } });
    const refused = await start({ groups: ["Data 'n' more"] });
    expect(refused.answer).toMatchObject({ status: 'refused', refusals: [{ rule: 'removalsPerGroup' }] });
    expect(region.secoda.state.writes).toEqual([]);
    const [notice, ...others] = region.sns.published;
    expect(others).toEqual([]);
    const [, name = '', alias = '', payload = ''] =
      /aws lambda invoke --function-name (\S+):(\S+) .*--payload '(.*)' answer\.json/.exec(
        notice?.message ?? '',
      ) ?? [];
    expect(name).toBe(START_NAME);
    const event: unknown = JSON.parse(payload);
    expect((await start(event)).answer).toMatchObject({ status: 'failed', runId: null });
    expect(region.lambda.executions).toHaveLength(1);
    // The alias is seen by the first invocation alone.
    region.lambda.moments.at('after', /SUCCEED alias$/, 1, () => sync.kill());
    const { answer } = await start(event, alias);
    expect(answer).toMatchObject({ status: 'applied' });
    expect(region.lambda.moments.pending).toBe(0);
    const { runId } = z.object({ runId: z.string() }).parse(answer);
    expect(read(`${runId}/report.json`)).toMatchObject({
      request: { functionArn: expect.stringMatching(/:acme-start:approve$/) as string },
    });
    expect(region.secoda.state.memberEmails("Data 'n' more")).toEqual(['p0@acme.example', 'p1@acme.example']);
  });
});

describe('an approval that does not come through Start', () => {
  it('is none: Sync itself takes it through its own alias alone, and there nothing else', async () => {
    const region = await aRegion();
    exodus(region);
    const { sync } = await deploy(region);
    const approved = { approve: '0123456789abcdef' };
    expect((await sync.run(approved, 'by-live')).outcome).toMatchObject({ status: 'FAILED' });
    const through = sync.functionArn.replace(/live$/, 'approve');
    const all = region.lambda.start(through, '{}', 'everything');
    expect((await sync.ended(all)).outcome).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('through the alias approve accepted is') as string,
    });
    expect(region.okta.requests).toEqual([]);
  });
});

describe('a key rotated in the middle of a run', () => {
  it('of Secoda is fetched once more, and the run goes on', async () => {
    const region = await aRegion();
    const names = newGroups(region, 5);
    const { secoda, secrets, credentials } = region;
    const rotate = before(() => {
      secoda.rotateKey('second-secoda-key');
      secrets.secrets.set(SECODA_SECRET, JSON.stringify({ apiKey: 'second-secoda-key' }));
      credentials.push('second-secoda-key');
    });
    secoda.faults.add({ on: 'secoda.group.create', nth: 3, effect: rotate });
    const { sync } = await deploy(region);
    const { outcome } = await sync.run({});
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result: { status: 'applied' } });
    expect(namesIn(region)).toEqual(names);
    expect(effective(region, 'POST')).toBe(5);
    expect([...secrets.requests].sort()).toEqual([OKTA_SECRET, SECODA_SECRET, SECODA_SECRET].sort());
  });

  it('of Okta is fetched once more, and the run goes on', async () => {
    const region = await aRegion();
    const names = newGroups(region, 5);
    const { okta, secrets, credentials } = region;
    const rotate = before(() => {
      okta.rotateApiToken('00secondOktaToken');
      secrets.secrets.set(OKTA_SECRET, JSON.stringify({ apiToken: '00secondOktaToken' }));
      credentials.push('00secondOktaToken');
    });
    okta.faults.add({ on: 'okta.group.users', nth: 3, effect: rotate });
    const { sync } = await deploy(region);
    const { outcome } = await sync.run({});
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result: { status: 'applied' } });
    expect(namesIn(region)).toEqual(names);
    expect([...secrets.requests].sort()).toEqual([OKTA_SECRET, OKTA_SECRET, SECODA_SECRET].sort());
  });
});
