import { fingerprint } from '../../../lambda/core/model/text.ts';
import { describe, expect, it } from 'vitest';
import {
  type Access,
  accessByInvitation,
  accessOf,
  chainProblems,
  entryBehind,
  entryText,
  fateByLook,
  fateIn,
  type LedgerEntry,
  type LedgerEvent,
} from '../../../lambda/core/report/ledger-entry.ts';
import { change, member, removal } from '../../render/plans.ts';
import { REQUESTED } from '../requested.ts';
import { handMade, managed } from '../world.ts';

const GROUP = { secodaId: 's1', name: 'Data', oktaIds: ['00g1'] };
const access = (given: Partial<Access> = {}): Access => ({
  change: 'granted',
  person: { userId: 'u1', email: 'ada@acme.com', oktaId: null, okta: null },
  group: GROUP,
  cause: 'in-group',
  ...given,
});
const INTENTS: LedgerEvent = { kind: 'intents', request: REQUESTED, access: [access()] };
const outcomes = (of: number): LedgerEvent => ({ kind: 'outcomes', of, request: REQUESTED, access: [] });
const END: LedgerEvent = { kind: 'end', status: 'applied', request: REQUESTED, plan: null, report: null };
const BY = { runId: 'r1', now: 0 };

/** The texts of these events as a chain. */
function chainOf(...events: readonly LedgerEvent[]) {
  const chain: (readonly [number, string, LedgerEntry])[] = [];
  for (const event of events) {
    const [, text = '', entry = null] = chain.at(-1) ?? [];
    const entered = entryBehind(entry && { ...entry, hash: fingerprint(text) }, event, BY);
    chain.push([entered.number, entryText(entered), entered]);
  }
  return chain;
}
const chain = chainOf(INTENTS, outcomes(1), END, INTENTS, INTENTS, outcomes(4), END);

describe('an entry', () => {
  it('has the next number, the hash of the one before, and what is open behind it', () => {
    expect(chain.map(([, , { number, open }]) => [number, open])).toEqual([
      [1, [1]],
      [2, []],
      [3, []],
      [4, [4]],
      [5, [4, 5]],
      [6, [5]],
      [7, [5]],
    ]);
    expect(chain[0]?.[2]).toMatchObject({ before: null, at: '1970-01-01T00:00:00.000Z', runId: 'r1' });
    expect(chain[1]?.[2].before).toBe(fingerprint(chain[0]?.[1] ?? ''));
  });

  it('says who gets and who loses access by a change, why, and whether by the rules alone', () => {
    const why = { cause: 'not-in-group', oktaId: '00u2', okta: 'bo@acme.io' } as const;
    const given = change({
      action: 'update',
      name: 'Data',
      add: [member('ada@acme.com', 'u1'), member(null, 'u3')],
      remove: [{ ...removal('bo@acme.com', 'u2'), why }, removal('cy@acme.com', 'u4')],
    });
    const group = { secodaId: 'g-1', name: 'Data', oktaIds: ['00g1'] };
    const nobody = { oktaId: null, okta: null };
    const all = [
      {
        change: 'granted',
        person: { userId: 'u1', email: 'ada@acme.com', ...nobody },
        group,
        cause: 'in-group',
      },
      { change: 'granted', person: { userId: 'u3', email: 'u3', ...nobody }, group, cause: 'in-group' },
      {
        change: 'revoked',
        person: { userId: 'u2', email: 'bo@acme.com', oktaId: '00u2', okta: 'bo@acme.io' },
        group,
        cause: 'not-in-group',
      },
      { change: 'revoked', person: { userId: 'u4', email: 'cy@acme.com', ...nobody }, group, cause: null },
    ];
    expect(accessOf(given)).toEqual(all);
    const byRules = [{}, { byRules: true }, {}, { byRules: true }];
    expect(accessOf({ ...given, approved: ['u1', 'u2'] })).toEqual(
      all.map((each, n) => ({ ...each, ...byRules[n] })),
    );
    expect(accessByInvitation('dy@acme.com', [GROUP])).toEqual([
      access({ change: 'invited', person: { userId: null, email: 'dy@acme.com', ...nobody } }),
    ]);
  });
});

describe('what became of access', () => {
  const withAda = managed('s1', 'Data', ['00g1'], ['u1']);
  const without = managed('s1', 'Data', ['00g1']);
  const revoked = access({ change: 'revoked' });
  const unknown = access({ person: { ...access().person, userId: null } });

  it('shows in the group', () => {
    expect([fateIn(withAda, access(), 'applied'), fateIn(without, access(), 'applied')]).toEqual([
      'applied',
      'not-seen',
    ]);
    expect([fateIn(withAda, revoked, 'seen'), fateIn(without, revoked, 'seen')]).toEqual([
      'not-seen',
      'seen',
    ]);
    expect([fateIn(null, access(), 'seen'), fateIn(null, revoked, 'seen')]).toEqual(['not-seen', 'seen']);
    expect(fateIn(withAda, unknown, 'seen')).toBe('not-seen');
  });

  it('shows by a look, at the group of the id, or at the only one with the marker of one that was to be made', () => {
    const look = (given: Access, ...groups: Parameters<typeof fateByLook>[1]) =>
      fateByLook(given, groups, new Set(['ada@acme.com']), 'okta');
    expect(look(access(), withAda)).toBe('seen');
    expect(look(access(), { ...withAda, id: 's2' })).toBe('not-seen');
    expect(look(revoked)).toBe('seen');
    const made = access({ group: { ...GROUP, secodaId: null } });
    expect(look(made, withAda)).toBe('seen');
    expect(look(made, withAda, { ...withAda, id: 's2' })).toBe('unknown');
    expect(look(made, managed('s1', 'Data', ['00g2'], ['u1']))).toBe('not-seen');
    expect(look(made, managed('s1', 'Data', ['00g1'], ['u1'], 'emea'))).toBe('not-seen');
    expect(look(made, handMade('s1', 'Data', ['u1']))).toBe('not-seen');
    expect(look(access({ change: 'invited' }))).toBe('seen');
    expect(look(access({ change: 'invited', person: { ...access().person, email: 'bo@acme.com' } }))).toBe(
      'unknown',
    );
  });
});

describe('a chain', () => {
  const problems = (texts: Parameters<typeof chainProblems>[0], hash: string | null = null) =>
    chainProblems(texts, hash);
  const [first, second, third, ...rest] = chain;
  if (!first || !second || !third) throw new Error('the chain is too short');

  it('is whole in whatever order it was read, from its first entry or from a later one', () => {
    expect(problems(chain)).toEqual([]);
    expect(problems(chain.toReversed())).toEqual([]);
    expect(problems(chain.slice(2))).toEqual([]);
    expect(problems([])).toEqual([]);
  });

  it('shows what is missing, what was altered, and what is no entry', () => {
    expect(problems([first, third, ...rest])).toEqual(['entries 2 to 2 are missing']);
    expect(problems([first, ...rest])).toEqual(['entries 2 to 3 are missing']);
    const altered = second[1].replace('r1', 'r2');
    expect(problems([first, [2, altered, { ...second[2], runId: 'r2' }], third, ...rest])).toEqual([
      'entry 3 does not follow the one before it: that one, or this, was altered',
    ]);
    expect(problems([[1, first[1], { ...first[2], before: 'x' }]])).toHaveLength(1);
    expect(problems([first, [2, '{', null], third, ...rest])).toEqual([
      'entry 2 is no entry of a ledger, or was moved there',
      'entry 3 does not follow the one before it: that one, or this, was altered',
    ]);
    expect(problems([[2, first[1], first[2]]])).toEqual([
      'entry 2 is no entry of a ledger, or was moved there',
    ]);
  });

  it('has the hash that was kept of it', () => {
    expect(problems(chain, fingerprint(third[1]))).toEqual([]);
    expect(problems(chain, 'other')).toEqual([
      'no entry has the hash other: the chain was cut or written anew since',
    ]);
  });
});
