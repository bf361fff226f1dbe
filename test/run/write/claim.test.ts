import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { NO_BASELINE } from '../../../lambda/core/plan/change.ts';
import type { Change } from '../../../lambda/core/plan/change.ts';
import type { GuardRules } from '../../../lambda/core/model/rules.ts';
import type { Sources } from '../../../lambda/run/context.ts';
import { claimAll, type ClaimBounds, openClaim } from '../../../lambda/run/write/claim.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { change, member, removal } from '../../render/plans.ts';
import { at, GUARD, NOW, rulesOf } from '../../core/world.ts';

const FILE = 'recent/okta.json';
/** Of ten memberships in a group each. */
const before = (name: string) => ({
  ...{ name, description: '' },
  members: Array.from({ length: 10 }, (_, n) => member(at(`m${n}`), `m${n}`)),
});
const of = (secodaId: string, more: Partial<Change>) =>
  change({
    action: 'update',
    name: secodaId,
    secodaId,
    oktaIds: [`g-${secodaId}`],
    before: before(secodaId),
    ...more,
  });
const loses = (secodaId: string, ...ids: string[]) =>
  of(secodaId, { remove: ids.map((id) => removal(at(id), id)) });
const gains = (secodaId: string, ...ids: string[]) =>
  of(secodaId, { add: ids.map((id) => member(at(id), id)) });
const refusedMembers = (secodaId: string, ...ids: string[]) =>
  of(secodaId, {
    remove: ids.map((id) => ({
      ...removal(at(id), id),
      why: { cause: 'refused-by-secoda', oktaId: null, okta: null },
    })),
  });

const MANY = { max: 99, percent: 100 };
const NO_LIMIT: GuardRules = {
  ...GUARD,
  ...{ groupDeletions: MANY, memberRemovals: MANY, removalsPerGroup: MANY, additionsPerGroup: MANY },
  ...{ adoptions: { max: 9 }, invitations: { max: 9 } },
};

/** A claim over an archive of its own, and what it noted there. */
function opened(guard: Partial<GuardRules> = {}, bounds: Partial<ClaimBounds> = {}) {
  const archive = memoryArchive();
  const sources = z.custom<Sources>(() => true).parse({ clock: { now: () => NOW } });
  const claim = openClaim({
    ...{ archive, sources, rules: rulesOf({}), guard: { ...NO_LIMIT, ...guard }, runId: 'r1' },
    ...{ baseline: { ...NO_BASELINE, managedGroups: 9, memberships: 90 }, mayLeave: null, byOperator: false },
    ...bounds,
  });
  const noted = () => {
    const text = archive.texts.get(FILE);
    if (text === undefined) return null;
    const { entries } = z
      .object({
        entries: z.array(z.looseObject({ approved: z.boolean() })),
      })
      .parse(JSON.parse(text));
    return entries.map(({ approved, ...effects }) => {
      const some = Object.entries(effects).filter(([, list]) => Array.isArray(list) && list.length > 0);
      return { approved, ...Object.fromEntries(some) };
    });
  };
  return { claim, archive, noted };
}
const said = (text: string) =>
  expect.stringMatching(new RegExp(`^the guard refuses it by now: .*${text}`)) as unknown;

describe('what is about to be written', () => {
  it('is noted, and taken back as far as it was not written', async () => {
    const { claim, noted } = opened();
    const [one, two] = [loses('s1', 'm1'), gains('s2', 'u2')];
    expect(await claimAll([one, two], ['new@acme.com'], claim)).toEqual(new Map());
    const granted = [['s2', ['u2']]];
    expect(noted()).toEqual([
      { approved: false, removed: [['s1', ['m1']]], granted, invited: ['new@acme.com'] },
    ]);
    await claim.settle([two]);
    expect(noted()).toEqual([{ approved: false, granted }]);
    await claim.settle([]);
    expect(noted()).toEqual([]);
  });

  it('is noted as approved where an operator approved it, invitations too, and no limit is against it', async () => {
    const { claim, noted } = opened({ memberRemovals: { max: 0, percent: 0 } }, { byOperator: true });
    expect(await claimAll([loses('s1', 'm1')], ['new@acme.com'], claim)).toEqual(new Map());
    expect(noted()).toEqual([{ approved: true, removed: [['s1', ['m1']]], invited: ['new@acme.com'] }]);
    expect(claim.judged(loses('s1', 'm1')).remove).toEqual([]);
  });

  it('is not noted twice, however often it is claimed', async () => {
    const { claim, archive } = opened();
    await claim.add([loses('s1', 'm1')]);
    const text = archive.texts.get(FILE);
    archive.texts.set(FILE, `${text ?? ''} `);
    await claim.add([loses('s1', 'm1')]);
    expect(archive.texts.get(FILE)).toBe(`${text ?? ''} `);
  });
});

describe('over a limit by now', () => {
  const removals = { memberRemovals: { max: 1, percent: 0 } };

  it('what takes is not written, deletions and adoptions neither, and what gives is', async () => {
    const { claim, noted } = opened(removals);
    const changes = [
      loses('s1', 'm1', 'm2'),
      of('s2', { action: 'delete' }),
      of('s3', { adopted: true }),
      gains('s4', 'u4'),
      of('s5', { renamedFrom: 's0' }),
    ];
    const refused = await claimAll(changes, [], claim);
    const why = said('remove 2 of 90 memberships');
    expect([...refused]).toEqual([
      ['s1', why],
      ['s2', why],
      ['s3', why],
    ]);
    expect(noted()).toEqual([{ approved: false, granted: [['s4', ['u4']]] }]);
  });

  it('groups that grow too much are not written, and all else is', async () => {
    const { claim, noted } = opened({ additionsPerGroup: { max: 1, percent: 0 } });
    const changes = [gains('s1', 'u1', 'u2'), loses('s2', 'm1'), gains('s3', 'u3')];
    expect([...(await claimAll(changes, [], claim))]).toEqual([['s1', said('add 2 people to s1')]]);
    expect(noted()).toEqual([{ approved: false, removed: [['s2', ['m1']]], granted: [['s3', ['u3']]] }]);
  });

  it('groups that grow too much and what takes are told apart', async () => {
    const { claim, noted } = opened({ ...removals, additionsPerGroup: { max: 1, percent: 0 } });
    const changes = [gains('s1', 'u1', 'u2'), loses('s2', 'm1', 'm2'), gains('s3', 'u3')];
    expect([...(await claimAll(changes, [], claim))]).toEqual([
      ['s1', said('remove 2 of 90 memberships .*; add 2 people to s1')],
      ['s2', said('remove 2 of 90 memberships')],
    ]);
    expect(noted()).toEqual([{ approved: false, granted: [['s3', ['u3']]] }]);
  });

  it('nobody is invited', async () => {
    const { claim, noted } = opened({ invitations: { max: 1 } });
    const emails = ['a@acme.com', 'b@acme.com'];
    const why = said('invite 2 people');
    expect([...(await claimAll([], emails, claim))]).toEqual(emails.map((email) => [email, why]));
    expect(noted()).toBeNull();
  });

  it('nothing is written that takes or gives while nobody knows what was done lately', async () => {
    const { claim, archive } = opened();
    archive.texts.set(FILE, '{');
    const renamed = of('s5', { renamedFrom: 's0' });
    const changes = [loses('s1', 'm1'), gains('s2', 'u2'), renamed];
    const why = said('is not known');
    expect([...(await claimAll(changes, [], claim))]).toEqual([
      ['s1', why],
      ['s2', why],
    ]);
    expect(archive.texts.get(FILE)).toBe('{');
    expect([...(await claimAll([renamed], [], claim))]).toEqual([]);
  });
});

describe('members whom Secoda refuses', () => {
  it('are noted in place of their group’s change, beside the others, whoever approved those', async () => {
    const { claim, noted } = opened();
    await claimAll([gains('s1', 'u1'), loses('s2', 'm2')], ['new@acme.com'], claim);
    expect(await claim.lose(refusedMembers('s1', 'm1'))).toEqual([]);
    expect(noted()).toEqual([
      {
        approved: false,
        removed: [
          ['s2', ['m2']],
          ['s1', ['m1']],
        ],
        invited: ['new@acme.com'],
      },
    ]);
    const approved = opened({}, { byOperator: true });
    await claimAll([gains('s1', 'u1')], [], approved.claim);
    await approved.claim.lose(refusedMembers('s1', 'm1'));
    expect(approved.noted()).toEqual([
      { approved: true, granted: [['s1', ['u1']]] },
      { approved: false, removed: [['s1', ['m1']]] },
    ]);
  });

  it('stay where a limit is against it', async () => {
    const { claim, noted } = opened({ memberRemovals: { max: 0, percent: 0 } });
    const refusals = await claim.lose(refusedMembers('s1', 'm1'));
    expect(refusals.map(({ rule }) => rule)).toEqual(['memberRemovals']);
    expect(noted()).toBeNull();
  });

  it.each([
    [
      'while others are held',
      'nobody',
      2,
      'take out 2 more, while others are held; that waits for their approval',
    ],
    ['whom no event names', ['m1'], 1, 'take out 1 whom no event names; that waits for the next full run'],
  ] as const)('stay %s', async (_, mayLeave, count, message) => {
    const { claim, noted } = opened({}, { mayLeave });
    const lost = refusedMembers('s1', 'm1', 'm2');
    expect(await claim.lose(lost)).toEqual([{ rule: 'memberRemovals', message, count, limit: 0 }]);
    expect(noted()).toBeNull();
    expect(await claim.lose(loses('s1', 'm3'))).toEqual([]);
    expect(noted()).toEqual([{ approved: false, removed: [['s1', ['m3']]] }]);
  });

  it('may be lost where an event names them', async () => {
    const { claim } = opened({}, { mayLeave: ['m1'] });
    expect(await claim.lose(refusedMembers('s1', 'm1'))).toEqual([]);
  });
});
