import { describe, expect, it } from 'vitest';
import { aRegion, deploy } from './deployed.ts';
import { newGroups } from './worlds.ts';

/** So that 8 minutes, the most that a step reads, do not suffice for 400 lists. */
const LISTS_PER_MINUTE = 45;

describe('reading that takes longer than one step may', () => {
  it('goes on in another step and another process', async () => {
    const region = await aRegion(LISTS_PER_MINUTE);
    const { okta } = region;
    newGroups(region, 400);
    const { sync } = await deploy(region);
    const ran = await sync.run({ dryRun: true });
    expect(ran.outcome).toMatchObject({ status: 'SUCCEEDED', result: { status: 'planned' } });
    const names = ran.execution.operations.map(({ Name }) => Name);
    expect(names.slice(2)).toEqual([
      ...['begin', 'list', 'members-1', 'before-members-2', 'members-2', 'before-plan', 'plan', 'report'],
    ]);
    expect(ran.invocations.map(({ by }) => by)).toEqual(['returned', 'returned', 'returned']);
    const lists = okta.requests.filter(({ route }) => route === 'okta.group.users').map(({ path }) => path);
    expect(new Set(lists).size).toBe(400);
    expect(lists).toHaveLength(400);
    const [, ...operations] = ran.execution.operations;
    for (const { StartTimestamp, EndTimestamp = Infinity } of operations) {
      expect(EndTimestamp - StartTimestamp).toBeLessThan(9 * 60_000);
    }
  });
});
