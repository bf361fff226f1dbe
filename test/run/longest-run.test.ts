import { expect, it } from 'vitest';
import { stage } from './stage.ts';

const HOUR = 3_600_000;

it('a run that nears the longest time one may take ends as partial, and the next one goes on', async () => {
  const stand = await stage();
  for (let n = 0; n < 70; n++) stand.okta.state.addGroup({ name: `Group ${n}` });
  stand.suspend(20 * HOUR, () => undefined);
  const first = await stand.report('apply');
  expect(first).toMatchObject({ code: 4, status: 'partial' });
  const left = first.changes.filter(({ outcome }) => outcome === 'not-attempted');
  expect(left).toHaveLength(10);
  expect(left[0]?.error).toBe('the run is as long as one may be; the next one goes on from here');

  const second = await stand.report('apply');
  expect(second).toMatchObject({
    code: 0,
    status: 'applied',
    summary: { groups: { create: 10, unchanged: 60 } },
  });
  expect(stand.secoda.state.groups.size).toBe(70);
});
