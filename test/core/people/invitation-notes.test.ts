import { expect, it } from 'vitest';
import { compareNotes, WAITING_MS } from '../../../lambda/core/people/invitations.ts';
import type { WorkspaceUser } from '../../../lambda/core/model/workspace.ts';

const NOW = 1_800_000_000_000;

const sure = (name: string) => ({ email: `${name}@acme.com`, at: NOW, sure: true });
const lost = (name: string) => ({ ...sure(name), sure: false });
const row = (name: string, active: boolean | null): WorkspaceUser => ({
  id: `${name} ${active}`,
  email: `${name[0]?.toUpperCase()}${name.slice(1)}@Acme.com`,
  active,
});

it.each([
  ['that shows somebody signed in ends their note', true, []],
  ['that shows somebody who has not signed in says that they were invited', false, [sure('ada')]],
  ['that does not say whether they signed in says so too', null, [sure('ada')]],
] as const)('a users list %s', (_, active, left) => {
  expect(compareNotes([sure('ada')], [row('ada', active)])).toEqual(left);
  expect(compareNotes([lost('ada')], [row('ada', active)])).toEqual(left);
});

it('a users list that shows several accounts of one address takes the one that signed in', () => {
  expect(compareNotes([sure('ada')], [row('ada', true), row('ada', false)])).toEqual([]);
  expect(compareNotes([sure('ada')], [row('ada', false), row('ada', true)])).toEqual([]);
});

it('a users list says nothing of whom it does not show, however long ago, and whomever else it shows', () => {
  const long = { ...lost('ada'), at: NOW - 100 * WAITING_MS };
  expect(compareNotes([long, sure('bob')], [])).toEqual([long, sure('bob')]);
  expect(compareNotes([lost('ada'), lost('bob')], [row('bob', false)])).toEqual([lost('ada'), sure('bob')]);
});
