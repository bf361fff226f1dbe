import { expect, it } from 'vitest';
import { after, status } from '../../emulators/index.ts';
import { smallWorld } from '../small-world.ts';
import { scenario } from '../scenario.ts';

it('ten refusals in a row, and more, stop no run: each group has its own', async () => {
  const stand = await scenario();
  const { pairs } = smallWorld(stand, { groups: 13, people: 1 });
  stand.secoda.state.addUser({ email: 'hire@acme.com' });
  const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
  for (const { okta } of pairs) stand.okta.state.join(hire, okta);
  const last = pairs.at(-1)?.secoda.id ?? '';
  const isRefused = ({ path }: { readonly path: string }) => !path.includes(last);
  const effect = status(400, { detail: 'No.' });
  stand.secoda.faults.add({ on: 'secoda.group.update', times: Infinity, when: isRefused, effect });
  const done = await stand.report('apply');
  expect(done).toMatchObject({ code: 4, status: 'partial', error: null });
  const ends = Map.groupBy(done.changes, ({ outcome }) => outcome);
  expect([ends.get('failed')?.length, ends.get('applied')?.length]).toEqual([12, 1]);
  const history = await stand.sync('history', 'hire@acme.com', '--json');
  expect(JSON.parse(history.stdout)).toMatchObject({ changes: [{ outcome: 'applied' }] });
});

it('somebody whom Secoda does not take is told with each of their groups, tonight and tomorrow', async () => {
  const stand = await scenario({ secoda: { invited: 'dropped' } });
  const { pairs } = smallWorld(stand);
  stand.secoda.state.addUser({ email: 'new@acme.com', pending: true });
  const fresh = stand.okta.state.addUser({ email: 'new@acme.com' });
  for (const { okta } of pairs) stand.okta.state.join(fresh, okta);
  const unsettled = [{ email: 'new@acme.com', groups: ['Group A', 'Group B', 'Group C'] }];
  expect(await stand.report('apply')).toMatchObject({ code: 4, unsettled });
  expect(await stand.report('apply')).toMatchObject({ code: 0, unsettled });
});

it('what Secoda answered and does not list is told, remembered, and not written again', async () => {
  const stand = await scenario();
  const { pairs } = smallWorld(stand);
  const [pair] = pairs;
  if (!pair) throw new Error('empty world');
  const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
  const account = stand.secoda.state.addUser({ email: 'hire@acme.com' });
  stand.okta.state.join(hire, pair.okta);
  const drop = after(() => void pair.secoda.users.delete(account));
  stand.secoda.faults.add({ on: 'secoda.group.update', effect: drop });
  const unsettled = [{ email: 'hire@acme.com', groups: ['Group A'] }];
  expect(await stand.report('apply')).toMatchObject({ code: 4, unsettled });
  const again = await stand.report('apply');
  expect(again).toMatchObject({ code: 0, status: 'in-sync', unsettled, requests: { secoda: { writes: 0 } } });
});
