import { expect, it } from 'vitest';
import type { Scope } from '../../lambda/core/model/request.ts';
import type { GroupMemory } from '../../lambda/core/model/memory.ts';
import { repeating } from '../../lambda/run/context.ts';
import { held, outcomeOf } from '../../lambda/run/write/slice.ts';
import { NOTHING } from '../../lambda/aws/events/targets.ts';
import { identityOf, NOW, users } from '../core/world.ts';
import { change } from '../render/plans.ts';

it('an approval repeats what was refused, unless other groups are named, which events are no answer to', () => {
  const hints = { ...NOTHING, oktaGroupIds: ['g1'] };
  const of = (groups: readonly string[], asked: Scope['hints'] = null) => ({ groups, hints: asked });
  const refused = (groups: readonly string[], asked: Scope['hints'] = null) => ({ scope: of(groups, asked) });
  expect(repeating(of([]), null)).toEqual(of([]));
  expect(repeating(of(['A']), null)).toEqual(of(['A']));
  expect(repeating(of([]), refused(['B']))).toEqual(of(['B']));
  expect(repeating(of(['A']), refused(['B']))).toEqual(of(['A']));
  expect(repeating(of(['A']), refused([], hints))).toEqual(of([], hints));
  expect(repeating({ ...of([]), full: true }, refused(['B'], hints))).toEqual({
    ...of(['B'], hints),
    full: true,
  });
});

it('what Secoda did not honour is news only where it was not remembered so', () => {
  const written = change({ action: 'update', name: 'A' });
  const memory = {
    secodaId: 's1',
    oktaIds: [],
    asked: 'a',
    answered: 'x',
    unsettled: [],
    shortfall: 'short',
    triedAt: NOW,
  } satisfies GroupMemory;
  const of = (unsettled: readonly string[], shortfall: string | null, before?: Partial<GroupMemory>) => {
    const verified = { unsettled: [...unsettled], shortfall, memory };
    const {
      outcome,
      news,
      unsettled: who,
      error,
    } = outcomeOf(written, verified, before && { ...memory, ...before }, identityOf({}, users('u1')));
    return [outcome, news, who, error];
  };
  expect(of([], null)).toEqual(['applied', false, [], null]);
  expect(of(['u1', 'u9'], null)).toEqual(['unsettled', true, ['u1@acme.com', 'u9'], null]);
  const row = { row: '' };
  const both = {
    unsettled: [
      { userId: 'u1', ...row },
      { userId: 'u9', ...row },
    ],
  };
  expect(of(['u1', 'u9'], null, both)).toEqual(['unsettled', false, ['u1@acme.com', 'u9'], null]);
  expect(of(['u1', 'u8'], null, both)).toEqual(['unsettled', true, ['u1@acme.com', 'u8'], null]);
  expect(of([], 'short')).toEqual(['unsettled', true, [], 'short']);
  expect(of([], 'short', { answered: 'x', shortfall: null })).toEqual(['unsettled', false, [], 'short']);
  expect(of([], 'short', { answered: 'y', shortfall: 'short' })).toEqual(['unsettled', false, [], 'short']);
  expect(of([], 'short', { answered: 'y', shortfall: null })).toEqual(['unsettled', true, [], 'short']);
});

it('what has to wait is left over, with why, behind what else is to be said', () => {
  const applied = { outcome: 'applied', written: null, unsettled: [], news: false, error: null } as const;
  const waiting = [{ to: { oktaIds: ['g1'], secodaId: null, name: 'A' }, oktaIds: ['g1'], userIds: ['u1'] }];
  expect(held(applied, { waiting: [], reason: null })).toBe(applied);
  const left = { ...applied, outcome: 'unsettled', news: true };
  expect(held(applied, { waiting, reason: 'it waits' })).toEqual({ ...left, error: 'it waits' });
  expect(held({ ...applied, error: 'short' }, { waiting, reason: 'it waits' })).toEqual({
    ...left,
    error: 'short; it waits',
  });
});
