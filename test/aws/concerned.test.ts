import { expect, test } from 'vitest';
import { concerned } from '../../lambda/aws/announce.ts';
import { report, reportedChange } from './reports.ts';

const changes = [
  { ...reportedChange(), group: { oktaIds: ['00g1', '00g2'], secodaId: 'g-1', name: 'Finance' } },
  { ...reportedChange(), group: { oktaIds: ['00g3'], secodaId: null, name: 'Sales' } },
];
const invitedInto = (groups: readonly string[], outcome: 'awaited' | null = null) => ({
  email: 'ada@acme.com',
  groups,
  outcome,
  error: null,
});

test('a change concerns all Okta groups behind it', () => {
  expect(concerned(report({ changes }))).toEqual(['00g1', '00g2', '00g3']);
});

test('an invitation concerns the groups it is for, also those that do not change', () => {
  const invited = [invitedInto(['Finance', 'Legal']), invitedInto(['Legal']), invitedInto(['HR'], 'awaited')];
  expect(concerned(report({ changes, invited }))).toEqual(['00g1', '00g2', '00g3', 'Legal']);
  expect(concerned(report({ invited }))).toEqual(['Finance', 'Legal']);
});

test('more than an event may name are all groups', () => {
  const names = Array.from({ length: 101 }, (_, n) => `Group ${n}`);
  expect(concerned(report({ invited: [invitedInto(names)] }))).toEqual([]);
  expect(concerned(report({ invited: [invitedInto(names.slice(1))] }))).toHaveLength(100);
});
