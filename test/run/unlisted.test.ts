import { describe, expect, it } from 'vitest';
import type { Edges } from '../../lambda/compose.ts';
import { applyInSteps } from './killed-steps.ts';
import { smallWorld } from './small-world.ts';
import { type Stage, stage } from './stage.ts';

/** An Okta that answers for one group after the other, each of which takes so many minutes. */
function slowly(stand: Stage, edges: Edges, minutes: number): Edges {
  let last: Promise<unknown> = Promise.resolve();
  const group: Edges['directory']['group'] = (id) => {
    const answer = last.then(() => {
      stand.jump(minutes * 60_000);
      return edges.directory.group(id);
    });
    last = answer;
    return answer;
  };
  return { ...edges, directory: { ...edges.directory, group } };
}

describe('groups that only a marker names', () => {
  it('are asked for over as many steps as it takes, and none is given up', async () => {
    const stand = await stage();
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
      { status: 'partial', summary: { groups: { unchanged: 1, skipped: 19 } } },
    ]);
    expect(reports[0]?.skipped.every(({ reason }) => reason.startsWith('Okta still knows'))).toBe(true);
  });
});
