import { describe, expect, it } from 'vitest';
import { after } from '../emulators/index.ts';
import { LOST } from '../emulators/moments.ts';
import { aRegion, deploy } from './deployed.ts';
import { countsOf } from './printed.ts';
import { effective, namesIn, newGroups } from './worlds.ts';

describe('the log of a run over many processes', () => {
  it('has each line once, but for what a killed process had told and not yet kept', async () => {
    const region = await aRegion();
    const { secoda, lambda } = region;
    const names = newGroups(region, 33);
    const { sync } = await deploy(region);
    const kill = () => sync.kill();
    const killBefore = async () => ((await sync.kill()) > 0 ? LOST : null);
    lambda.moments.at('before', /SUCCEED plan/, 1, killBefore);
    // Two groups of the slice are told of, and the third is there without anybody knowing it.
    secoda.faults.add({ on: 'secoda.group.create', nth: 3, effect: after(kill) });
    lambda.moments.at('before', /SUCCEED report/, 1, killBefore);
    const ran = await sync.run({});

    expect(ran.invocations.filter(({ by }) => by === 'killed')).toHaveLength(3);
    expect(lambda.moments.pending + secoda.faults.pending).toBe(0);
    const repeated = ['plan', 'step plan', 'change Group 001', 'change Group 002'];
    const atTheEnd = ['run', 'metrics', 'step report'];
    const counts = countsOf(ran.printed);
    const twice = [...counts].filter(([, count]) => count !== 1);
    expect(twice).toEqual([...repeated, ...atTheEnd].map((line) => [line, 2]));
    // The first step, which gives the run its name, has none to log yet.
    const [, ...steps] = ran.execution.operations.filter(({ Type }) => Type === 'STEP');
    expect([...counts.keys()].filter((line) => line.startsWith('step '))).toEqual(
      steps.map(({ Name = '' }) => `step ${Name}`),
    );
    expect([...counts.keys()].filter((line) => line.startsWith('change '))).toEqual(
      names.map((name) => `change ${name}`),
    );
    expect(namesIn(region)).toEqual(names);
    expect(effective(region, 'POST')).toBe(33);
  });
});

describe('an invocation that the service takes for dead and that works on', () => {
  it('ends at its next checkpoint, and the run goes on in the newer one', { timeout: 60_000 }, async () => {
    const region = await aRegion();
    const names = newGroups(region, 5);
    const { sync } = await deploy(region);
    region.lambda.moments.at('before', /SUCCEED plan$/, 1, () =>
      region.lambda.executions[0]?.begin({ again: true }),
    );
    const ran = await sync.run({});
    expect(ran.outcome).toMatchObject({ status: 'SUCCEEDED', result: { status: 'applied' } });
    expect(ran.execution.used.stale).toBe(1);
    expect(ran.invocations.map(({ by }) => by)).toContain('threw');
    expect(namesIn(region)).toEqual(names);
    expect(effective(region, 'POST')).toBe(5);
  });
});
