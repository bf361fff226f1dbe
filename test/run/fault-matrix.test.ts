import { describe, expect, it } from 'vitest';
import {
  dropField,
  type Effect,
  emptyPageWithNext,
  errorBodyWith200,
  hangAfterEffect,
  hangBeforeHeaders,
  hangMidBody,
  html,
  oktaTooMany,
  oktaTooManyAtOnce,
  type Reply,
  resetAfter,
  resetBefore,
  rewrite,
  secodaTooMany,
  slow,
  status,
  wrongCount,
} from '../emulators/index.ts';
import { drift, membersOf, smallWorld } from './small-world.ts';
import { type Scenario, type ScenarioOptions, scenario } from './scenario.ts';

const OKTA_READS = ['okta.group.list', 'okta.group.users', 'okta.group.get'];
const SECODA_READS = ['secoda.group.list', 'secoda.user.list'];
const WRITES = ['secoda.group.create', 'secoda.group.update', 'secoda.group.delete'];
/** Each call at each moment of a run that makes it. */
const MOMENTS = [
  ...[...OKTA_READS, ...SECODA_READS].map((on) => ({ on, nth: 1, moment: 'before planning' })),
  { on: 'okta.group.users', nth: 3, moment: 'half-way through the members' },
  { on: 'okta.group.get', nth: 2, moment: 'before a deletion' },
  { on: 'secoda.group.list', nth: 2, moment: 'at the start of the slice' },
  { on: 'secoda.group.list', nth: 3, moment: 'in the last look' },
  ...WRITES.map((on) => ({ on, nth: 1, moment: 'as the first write of its kind' })),
  { on: 'secoda.group.update', nth: 2, moment: 'as the second write of its kind' },
];
const END = {
  'Group A': ['p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
  'Group B': ['hire@acme.com', 'p0@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
  New: ['p0@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
};

async function drifted(options: ScenarioOptions = {}): Promise<Scenario> {
  const stand = await scenario(options);
  drift(stand, smallWorld(stand));
  return stand;
}

function strike({ okta, secoda }: Scenario, on: string, effect: Effect, nth: number, times: number): void {
  (on.startsWith('okta') ? okta : secoda).faults.add({ on, effect, nth, times });
}

const passing: [string, () => Effect][] = [
  ['a 500', () => status(500)],
  ['a 503 in HTML', () => status(503, '<h1>Service Unavailable</h1>')],
  ['a reset before it took effect', resetBefore],
  ['a reset after it took effect', resetAfter],
  ['no answer', hangBeforeHeaders],
  ['no answer after it took effect', hangAfterEffect],
  ['half an answer', hangMidBody],
  ['a slow answer', () => slow(50)],
];

describe('a fault that passes changes nothing about the end', () => {
  const cells = MOMENTS.flatMap((moment) => passing.map(([name, effect]) => ({ ...moment, name, effect })));
  it.each(cells)('$name on $on, $moment', async ({ on, nth, effect }) => {
    const stand = await drifted();
    strike(stand, on, effect(), nth, 1);
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 0, status: 'applied' });
    expect(membersOf(stand)).toEqual(END);
    expect(stand.secoda.state.groups.size).toBe(3);
    const effective = stand.secoda.state.writes.filter((write) => write.effective);
    expect(effective).toHaveLength(4);
  });

  it.each([
    ['okta.group.list', () => oktaTooMany(3)],
    ['okta.group.users', () => oktaTooMany(3)],
    ['okta.group.users', () => oktaTooManyAtOnce(3)],
    ['secoda.group.list', () => secodaTooMany(3)],
    ['secoda.group.create', () => secodaTooMany(3)],
    ['secoda.group.update', () => secodaTooMany(3)],
  ])('a 429 on %s', async (on, effect) => {
    const stand = await drifted();
    strike(stand, on, effect(), 1, 1);
    const { code, requests } = await stand.report('apply');
    expect(code).toBe(0);
    expect(requests.okta.throttled + requests.secoda.throttled).toBe(1);
    expect(membersOf(stand)).toEqual(END);
  });
});

const lasting: [string, () => Effect, number][] = [
  ['a 500', () => status(500), 5],
  ['resets', resetBefore, 5],
  ['HTML with 200', html, 5],
  ['an error body with 200', errorBodyWith200, 5],
  ['a redirect', () => status(302, '', { location: 'http://127.0.0.1:9/elsewhere' }), 5],
  ['401', () => status(401, { errorCode: 'E0000011', detail: 'Invalid token' }), 6],
  ['403', () => status(403, { errorCode: 'E0000006', detail: 'Not allowed' }), 6],
];

describe('a source that cannot be read ends the run before the first write', () => {
  const cells = [...OKTA_READS, ...SECODA_READS].flatMap((on) =>
    lasting.map(([name, effect, code]) => ({ on, name, effect, code })),
  );
  it.each(cells)('$name on $on: exit $code', async ({ on, effect, code }) => {
    const stand = await drifted();
    const before = membersOf(stand);
    strike(stand, on, effect(), 1, Infinity);
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code, status: 'failed' });
    expect(done.error).toMatch(/GET /);
    expect(stand.secoda.state.writes).toEqual([]);
    expect(membersOf(stand)).toEqual(before);
  });

  const later = [
    { on: 'okta.group.users', nth: 3, moment: 'half-way through the members' },
    { on: 'secoda.group.list', nth: 2, moment: 'at the start of the slice' },
    { on: 'okta.group.get', nth: 2, moment: 'before a deletion' },
    { on: 'okta.group.list', nth: 2, moment: 'before somebody is removed' },
  ].flatMap((moment) => lasting.map(([name, effect, code]) => ({ ...moment, name, effect, code })));
  it.each(later)('$name on $on, $moment: exit $code', async ({ on, nth, effect, code }) => {
    const stand = await drifted();
    const before = membersOf(stand);
    strike(stand, on, effect(), nth, Infinity);
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code, status: 'failed' });
    expect(done.changes.filter(({ outcome }) => outcome !== 'not-attempted')).toEqual([]);
    expect(stand.secoda.state.writes).toEqual([]);
    expect(membersOf(stand)).toEqual(before);
    stand.okta.faults.clear();
    stand.secoda.faults.clear();
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
    expect(membersOf(stand)).toEqual(END);
  });

  it.each([
    ['a wrong count', 'secoda.group.list', () => wrongCount(99)],
    ['a wrong count', 'secoda.user.list', () => wrongCount(2)],
    ['a user without the email key', 'secoda.user.list', () => dropField('results.1.email')],
    ['a group without users', 'secoda.group.list', () => dropField('results.0.users')],
    ['a member without status', 'okta.group.users', () => dropField('0.status')],
    ['a group without id', 'okta.group.list', () => dropField('0.id')],
    ['an empty page that always has a next', 'secoda.user.list', emptyPageWithNext],
  ] as const)('%s on %s', async (_name, on, effect) => {
    const stand = await drifted();
    strike(stand, on, effect(), 1, Infinity);
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 5, status: 'failed' });
    expect(stand.secoda.state.writes).toEqual([]);
  });

  // A list of members that is shorter than Okta's count proves no absence: who is missing in it stays for that night.
  const doubted = { code: 0, warnings: [{ kind: 'doubted', group: 'Group A' }] };
  const repeated: [on: string, then: object, end: object][] = [
    ['okta.group.list', { code: 0 }, { 'Group A': END['Group A'], 'Group B': END['Group B'] }],
    ['okta.group.users', doubted, { ...END, 'Group A': ['p0@acme.com', ...END['Group A']] }],
    ['secoda.group.list', { code: 0 }, END],
    ['secoda.user.list', { code: 0 }, END],
  ];
  it.each(repeated)(
    'the second page of %s, when it repeats the first, is harmless',
    async (on, then, end) => {
      const stand = await drifted({ okta: { pageCap: 2 }, secoda: { pageSize: 2, ignorePageSize: true } });
      // Several lists of members are read at once: it is one and the same that repeats itself.
      const [{ id } = { id: '' }] = stand.okta.state.groups.values();
      const when = ({ path }: { readonly path: string }) => on !== 'okta.group.users' || path.includes(id);
      let first: Reply | null = null;
      const twice = rewrite((page) => ({ ...page, body: (first ??= page).body }));
      const { faults } = on.startsWith('okta') ? stand.okta : stand.secoda;
      faults.add({ on, when, effect: twice, times: 2 });
      const done = await stand.report('apply');
      expect(done).toMatchObject({ ...then, skipped: [] });
      expect(membersOf(stand)).toMatchObject(end);
      await stand.report('apply');
      expect(membersOf(stand)).toEqual(END);
    },
  );
});
