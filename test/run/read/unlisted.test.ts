import { describe, expect, it } from 'vitest';
import type { Edges } from '../../../lambda/compose.ts';
import { rewrite, status } from '../../emulators/index.ts';
import { applyInSteps } from '../killed-steps.ts';
import { smallWorld } from '../small-world.ts';
import { type Scenario, scenario } from '../scenario.ts';

/** An Okta that answers for one group after the other, each of which takes so many minutes. */
function slowly(stand: Scenario, edges: Edges, minutes: number): Edges {
  let last: Promise<unknown> = Promise.resolve();
  const group: Edges['directory']['group'] = (id) => {
    const answer = last.then(async () => {
      await stand.clock.sleep(minutes * 60_000);
      return edges.directory.group(id);
    });
    last = answer;
    return answer;
  };
  return { ...edges, directory: { ...edges.directory, group } };
}

describe('groups that only a marker names', () => {
  it('are asked for over as many steps as it takes, and none is given up', async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand, { groups: 20, people: 1 });
    const [listed] = pairs;
    if (listed === undefined) throw new Error('empty world');
    stand.okta.state.assignApp('0oa1', listed.okta);
    const { begun, reports } = await applyInSteps(
      stand,
      (_killing, _archive, edges) => ({ edges: slowly(stand, edges, 2) }),
      { okta: { orgUrl: stand.okta.url, groups: { app: '0oa1' } } },
    );
    expect(begun).toEqual(['begin', 'list', 'list-2', 'list-3', 'members-1', 'plan', 'report']);
    expect(reports).toMatchObject([
      { status: 'in-sync', summary: { groups: { unchanged: 1, skipped: 19 } } },
    ]);
    expect(reports[0]?.skipped.every(({ reason }) => reason.startsWith('Okta still knows'))).toBe(true);
  });
});

/** Takes away what leads to the next page, as some proxies do. */
const withoutLinks = rewrite((reply) => ({
  ...reply,
  headers: reply.headers.filter(([name]) => name.toLowerCase() !== 'link'),
}));

const SELECTIONS: readonly [string, object][] = [
  ['all', { all: true }],
  ['filter', { filter: 'type eq "APP_GROUP" or type eq "OKTA_GROUP"' }],
  ['search', { search: 'profile.name sw "nobody" or profile.name sw "group"' }],
  ['app', { app: '0oa1' }],
];

describe.each(SELECTIONS)('a list of groups by %s', (_, groups) => {
  const scene = async () => {
    const stand = await scenario({ okta: { pageCap: 2 } });
    const { pairs } = smallWorld(stand);
    for (const { okta } of pairs) stand.okta.state.assignApp('0oa1', okta);
    await stand.configure({ okta: { orgUrl: stand.okta.url, groups } });
    return { stand, pairs };
  };

  it('that is cut off in the same way each time ends each run, and deletes nothing', async () => {
    const { stand, pairs } = await scene();
    stand.okta.faults.add({ on: /^okta\.(group\.list|app\.groups)$/, effect: withoutLinks, times: Infinity });
    for (const command of ['apply', 'apply', 'plan']) {
      const done = await stand.report(command);
      expect(done).toMatchObject({ code: 5, status: 'failed', changes: [] });
      expect(done.error).toContain(`does not name ${pairs[2]?.okta.id}, which`);
    }
    expect(stand.secoda.state.writes).toEqual([]);
    stand.okta.faults.clear();
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });
});

describe('a group that is out of the selection indeed', () => {
  const scene = async () => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand);
    const [left] = pairs;
    if (!left) throw new Error('empty world');
    return { stand, left, kept: pairs.slice(1) };
  };

  it.each([
    ['a filter', (ids: string[]) => ({ filter: ids.map((id) => `id eq "${id}"`).join(' or ') })],
    ['a search', () => ({ search: 'profile.name eq "Group B" or profile.name eq "Group C"' })],
    ['an app', () => ({ app: '0oa1' })],
  ])('by %s is deferred by one run and deleted by the next complete one', async (__, groups) => {
    const { stand, kept } = await scene();
    for (const { okta } of kept) stand.okta.state.assignApp('0oa1', okta);
    await stand.configure({
      okta: { orgUrl: stand.okta.url, groups: groups(kept.map(({ okta }) => okta.id)) },
    });
    const deferred = { code: 0, changes: [], skipped: [{ group: 'Group A' }] };
    expect(await stand.report('apply')).toMatchObject(deferred);
    expect(await stand.report('apply', '--group', 'Group A')).toMatchObject(deferred);
    expect(await stand.report('apply')).toMatchObject({
      code: 0,
      changes: [{ action: 'delete', outcome: 'applied' }],
    });
  });

  it('is not asked about when our own rules leave it out, nor when it is deleted', async () => {
    const { stand, left, kept } = await scene();
    for (const { okta } of kept.slice(0, 1)) stand.okta.state.assignApp('0oa1', okta);
    for (const { okta } of kept.slice(1)) stand.okta.state.removeGroup(okta);
    await stand.configure({
      okta: { orgUrl: stand.okta.url, groups: { app: '0oa1' } },
      groups: { exclude: [left.okta.name] },
    });
    expect(await stand.report('plan')).toMatchObject({ code: 0, summary: { groups: { delete: 2 } } });
    expect(stand.okta.requests.map(({ route }) => route)).not.toContain('okta.app.group');
  });

  it('is gone as before where Okta does not understand the question', async () => {
    const { stand } = await scene();
    const search = 'profile.name eq "Group B" or profile.name eq "Group C"';
    await stand.configure({ okta: { orgUrl: stand.okta.url, groups: { search } } });
    stand.okta.faults.add({
      on: 'okta.group.list',
      effect: status(400, { errorCode: 'E0000031', errorSummary: 'Invalid search criteria.' }),
      when: ({ query }) => query['search']?.startsWith('(') === true,
      times: Infinity,
    });
    expect(await stand.report('apply')).toMatchObject({ code: 0, skipped: [{ group: 'Group A' }] });
    expect(await stand.report('apply')).toMatchObject({ code: 0, changes: [{ outcome: 'applied' }] });
  });
});
