import { describe, expect, it } from 'vitest';
import { markerLine } from '../../../lambda/core/groups/marker.ts';
import type { WorkspaceGroup } from '../../../lambda/core/model/workspace.ts';
import { explain } from '../../../lambda/core/report/explain.ts';
import {
  accountOf,
  type ExplainFacts,
  explainGone,
  fateOf,
  type LastRun,
  type PersonFacts,
} from '../../../lambda/core/report/explanation.ts';
import { handMade, identityOf, managed, oktaGroup, person, rulesOf, user, type World } from '../world.ts';

const ADA = person('ada@acme.com');
const DATA = oktaGroup('00g1', 'Data');
const OURS = managed('s1', 'Data', ['00g1']);
const IN: PersonFacts = { email: 'ada@acme.com', records: [{ person: ADA, groups: [DATA] }] };
const RUN: LastRun = {
  runId: 'r1',
  status: 'applied',
  skipped: [],
  refusals: [],
  changes: [],
  unmatched: [],
};
const CHANGE = {
  group: { name: 'Data' },
  add: ['ada@acme.com'],
  remove: [] as string[],
  outcome: null as string | null,
  error: null,
  unsettled: [],
};

interface Given extends Omit<World, 'groups'> {
  readonly who?: PersonFacts | null;
  readonly group?: WorkspaceGroup | null;
  readonly selected?: boolean | null;
  readonly lastRun?: LastRun | null;
  /** Whether memory knows which Secoda group it is. */
  readonly known?: boolean;
}

/** Ada is in Data in Okta and has an account; the group is there and managed, and she is not in it yet. */
function told({
  who = IN,
  group = OURS,
  selected = true,
  lastRun = RUN,
  known = true,
  ...world
}: Given = {}) {
  const users = world.users ?? [user('u1', 'ada@acme.com')];
  const facts: ExplainFacts = {
    rules: rulesOf(world),
    identity: identityOf(world.people ?? {}, users),
    addresses: users.flatMap(({ email }) => email ?? []),
    memory: {
      ...{
        unlistedSince: new Map(),
        doubtedSince: new Map(),
        fights: new Map(),
        copies: new Map(),
        lastRuns: new Map(),
      },
      groups: new Map(
        known
          ? [
              [
                's1',
                {
                  ...{ secodaId: 's1', oktaIds: ['00g1'], asked: '', answered: '' },
                  unsettled: [],
                  triedAt: 0,
                },
              ],
            ]
          : [],
      ),
    },
    selected: new Map([['00g1', selected]]),
    secoda: new Map([['s1', group]]),
    lastRun,
  };
  return explain(who, DATA, facts);
}
/** What decides, whether they are in it and are to be, and what the last step says. */
const brief = (given?: Given) => {
  const { decidedBy, member, wanted, steps, fix } = told(given);
  return [decidedBy, member, wanted, steps.at(-1)?.text, fix];
};
const as = (status: string, groups = [DATA]): PersonFacts => ({
  ...IN,
  records: [{ person: person('ada@acme.com', status), groups }],
});
const HAS_HER = managed('s1', 'Data', ['00g1'], ['u1']);

describe('of somebody who is to be in a group', () => {
  it('each step is told up to what the next run does', () => {
    expect(told()).toEqual({
      group: { name: 'Data', oktaIds: ['00g1'], secodaId: 's1' },
      member: false,
      wanted: true,
      decidedBy: 'nothing',
      steps: [
        { step: 'okta', ok: true, text: `${ADA.id} ACTIVE` },
        { step: 'membership', ok: true, text: 'in "Data" (00g1)' },
        { step: 'scope', ok: true, text: 'okta.groups, include and exclude let "Data" in' },
        { step: 'mapping', ok: true, text: 'goes by its own name' },
        { step: 'account', ok: true, text: 'ada@acme.com (u1)' },
        { step: 'nothing', ok: true, text: 'the next run adds them' },
      ],
      fix: null,
    });
    const mapped = told({ mapping: { map: new Map([['00g1', 'Analytics']]) } });
    expect(mapped.steps[3]?.text).toBe('maps to "Analytics"');
    const makes =
      'Secoda has no group of ours for it that this archive knows: the next full run makes or adopts it';
    expect(brief({ group: null })).toEqual(['nothing', false, true, makes, null]);
    expect(brief({ known: false })).toEqual(['nothing', false, true, makes, null]);
    expect(told({ known: false }).group.secodaId).toBeNull();
    expect(brief({ group: managed('s1', 'Data', ['00g1'], [], 'emea') })).toEqual([
      'nothing',
      false,
      true,
      makes,
      null,
    ]);
    expect(brief({ group: handMade('s1', 'Data') })).toEqual(['nothing', false, true, makes, null]);
    expect(brief({ group: HAS_HER })).toEqual(['nothing', true, true, 'a member, as they should be', null]);
  });

  it.each<[string, Given, unknown[]]>([
    [
      'nobody of that address',
      { who: { ...IN, records: [] } },
      [
        'okta',
        'nobody in Okta has ada@acme.com as e-mail or login',
        expect.stringContaining('written in Okta'),
      ],
    ],
    [
      'a status that gives nothing',
      { who: as('SUSPENDED') },
      ['status', 'the status SUSPENDED gives no access', expect.stringContaining('activate them')],
    ],
    [
      'a status never seen',
      { who: as('NEW') },
      [
        'status',
        'the status NEW was never seen before: memberships stay as they are',
        'add NEW to users.statuses if it is to give access',
      ],
    ],
    [
      'a status, of somebody in no group',
      { who: as('SUSPENDED', []) },
      ['status', 'the status SUSPENDED gives no access', expect.stringContaining('activate them')],
    ],
    [
      'no membership',
      { who: as('ACTIVE', []) },
      ['membership', 'not in "Data" (00g1)', 'add them to "Data" in Okta'],
    ],
    [
      'a selection without it',
      { selected: false },
      ['scope', 'okta.groups does not select "Data"', expect.stringContaining('assign "Data"')],
    ],
    [
      'an exclusion',
      { mapping: { exclude: ['D*'] } },
      ['scope', expect.stringContaining('leave "Data" out'), expect.stringContaining('let it in')],
    ],
    [
      'no address',
      { who: { ...IN, records: [{ person: person(null), groups: [DATA] }] } },
      ['account', 'Okta has no address to match by'],
    ],
    [
      'several accounts',
      { users: [user('u1', 'ada@acme.com'), user('u2', 'ada@acme.com')] },
      ['account', 'several Secoda accounts have ada@acme.com'],
    ],
    ['no account', { users: [] }, ['account', 'nobody in Secoda has ada@acme.com', 'invite them in Secoda']],
    [
      'an account under another address',
      { users: [user('u1', 'ada@acme.io')] },
      [
        'account',
        'nobody in Secoda has ada@acme.com',
        "invite them in Secoda, or add users.aliases: { 'ada@acme.com': 'ada@acme.io' }: an account of that name exists",
      ],
    ],
    [
      'no account for some nights',
      {
        users: [],
        lastRun: { ...RUN, unmatched: [{ email: 'ada@acme.com', since: '2026-01-01T02:00:00Z', runs: 2 }] },
      },
      ['account', 'nobody in Secoda has ada@acme.com; unmatched since 2026-01-01, 2 runs'],
    ],
    [
      'no account for a night',
      {
        users: [],
        lastRun: { ...RUN, unmatched: [{ email: 'ada@acme.com', since: '2026-01-01T02:00:00Z', runs: 1 }] },
      },
      ['account', 'nobody in Secoda has ada@acme.com; unmatched since 2026-01-01, 1 run'],
    ],
    [
      'that it is frozen by its name',
      { mapping: { frozen: ['Data'] } },
      ['frozen', 'groups.frozen leaves this group as it is'],
    ],
    [
      'that it is frozen by the id in Okta',
      { mapping: { frozen: ['00g1'] } },
      ['frozen', 'groups.frozen leaves this group as it is'],
    ],
    [
      'that it is frozen by the id in Secoda',
      { mapping: { frozen: ['s1'] } },
      ['frozen', 'groups.frozen leaves this group as it is'],
    ],
    [
      'that it was skipped',
      { lastRun: { ...RUN, skipped: [{ group: 'Data', reason: 'two of a name' }] } },
      ['skipped', 'the last run left it alone: two of a name (r1)', 'two of a name'],
    ],
  ])('what stands in the way is told: %s', (_, given, expected) => {
    const { decidedBy, member, wanted, steps, fix } = told(given);
    expect([decidedBy, steps.at(-1)?.text, fix].slice(0, expected.length)).toEqual(expected);
    expect([member, wanted]).toEqual([false, ['frozen', 'skipped'].includes(decidedBy)]);
  });

  it('of several people of one address, the one in the group counts, and of those one who is eligible', () => {
    const other = { ...person('ada@acme.com', 'DEPROVISIONED'), id: '00uOld' };
    const both = (first: PersonFacts['records'][number]) => ({
      ...IN,
      records: [first, { person: ADA, groups: [DATA] }],
    });
    expect(brief({ who: both({ person: other, groups: [DATA] }) })[0]).toBe('nothing');
    expect(told({ who: both({ person: other, groups: [DATA] }) }).steps[0]?.text).toBe(`${ADA.id} ACTIVE`);
    expect(brief({ who: both({ person: { ...ADA, id: '00uOther' }, groups: [] }) })[0]).toBe('nothing');
    const outside = { person: ADA, groups: [] };
    const out = { ...IN, records: [{ person: other, groups: [DATA] }, outside] };
    expect(brief({ who: out }).slice(0, 4)).toEqual([
      'status',
      false,
      false,
      'the status DEPROVISIONED gives no access',
    ]);
    expect(told({ who: out }).steps[0]?.text).toBe('00uOld DEPROVISIONED');
  });

  it.each<[string, Partial<LastRun>, unknown[]]>([
    [
      'refused',
      { status: 'refused', refusals: [{ message: 'too many' }], changes: [CHANGE] },
      ['guard', 'the guard kept the last run from it (r1): too many'],
    ],
    [
      'held',
      { status: 'held', changes: [{ ...CHANGE, outcome: 'held' }] },
      ['guard', 'the guard kept the last run from it (r1): held'],
    ],
    [
      'held for others alone',
      { status: 'held', changes: [CHANGE, { ...CHANGE, add: [], outcome: 'held' }] },
      ['nothing', 'the next run adds them'],
    ],
    [
      'failed',
      { changes: [{ ...CHANGE, outcome: 'failed', error: 'PATCH: 500' }] },
      ['secoda', 'Secoda did not do it in the last run (r1): PATCH: 500'],
    ],
    [
      'not settled',
      { changes: [{ ...CHANGE, outcome: 'unsettled' }] },
      ['secoda', 'Secoda did not do it in the last run (r1): it accepted the write and does not show it'],
    ],
    ['applied', { changes: [{ ...CHANGE, outcome: 'applied' }] }, ['nothing', 'the next run adds them']],
    [
      'about another group',
      { status: 'refused', changes: [{ ...CHANGE, group: { name: 'Ops' } }] },
      ['nothing', 'the next run adds them'],
    ],
  ])('the last run may tell why: it was %s', (_, given, [decidedBy, text]) => {
    const { steps, decidedBy: by } = told({ lastRun: { ...RUN, ...given } });
    expect([by, steps.at(-1)?.text]).toEqual([decidedBy, text]);
  });
});

describe('of a member who is not to be one', () => {
  const out: Given = { group: HAS_HER, who: as('SUSPENDED') };

  it.each<[string, Given, string, string]>([
    ['status', {}, 'the next full run takes them out', 'activate'],
    ['protect', { people: { protect: ['ada@acme.com'] } }, 'users.protect keeps them in it', 'activate'],
    ['frozen', { mapping: { frozen: ['Data'] } }, 'groups.frozen leaves this group as it is', 'activate'],
    ['skipped', { lastRun: { ...RUN, skipped: [{ group: 'Data', reason: 'why' }] } }, 'why (r1)', 'activate'],
    ['status', { who: as('NEW') }, 'memberships stay as they are', 'add NEW'],
    ['scope', { who: IN, mapping: { exclude: ['*'] }, whenGone: 'keep' }, 'keeps it, since', 'let it in'],
  ])('it is told whether they go, and what decides: %s %j', (decidedBy, given, text, fix) => {
    const [words, advice] = [text, fix].map((each) => expect.stringContaining(each) as unknown);
    expect(brief({ ...out, ...given })).toEqual([decidedBy, true, false, words, advice]);
  });

  it.each<[string, Partial<LastRun>, boolean]>([
    ['it is held', { changes: [{ ...CHANGE, remove: ['ada@acme.com'], outcome: 'held' }] }, true],
    ['the run was refused', { status: 'refused', changes: [{ ...CHANGE, remove: ['ada@acme.com'] }] }, true],
    ['nobody is to leave it', { status: 'refused', changes: [CHANGE] }, false],
    [
      'another group',
      { status: 'refused', changes: [{ ...CHANGE, group: { name: 'Ops' }, remove: ['x'] }] },
      false,
    ],
    ['it was applied', { changes: [{ ...CHANGE, remove: ['ada@acme.com'], outcome: 'applied' }] }, false],
  ])('the guard may keep them in it: %s', (_, given, waits) => {
    expect(brief({ ...out, lastRun: { ...RUN, ...given } })[3]).toBe(
      waits ? 'the guard holds who is to leave it' : 'the next full run takes them out',
    );
  });
});

describe('of a group', () => {
  it('it is told how it stands, or what becomes of it', () => {
    expect(brief({ who: null, group: HAS_HER })).toEqual([
      'nothing',
      false,
      true,
      'mirrored by "Data" (s1), 1 members',
      null,
    ]);
    expect(brief({ who: null, mapping: { exclude: ['*'] } })).toEqual([
      'scope',
      false,
      false,
      `Secoda group "Data" (s1): the next full run deletes it, or where it holds protected people reduces it to them, since groups.whenGone is 'delete'`,
      expect.any(String),
    ]);
    expect(brief({ who: null, mapping: { exclude: ['*'] }, group: null })[3]).toContain('leave "Data" out');
    const held = { ...RUN, changes: [{ ...CHANGE, add: [], outcome: 'held' }] };
    expect(brief({ who: null, lastRun: held })[0]).toBe('guard');
  });

  it('a Secoda group that goes by another name is told by its own', () => {
    expect(told({ group: { ...OURS, name: 'Data (old)' } }).group.name).toBe('Data (old)');
    expect(told({ group: handMade('s1', 'Other') }).group.name).toBe('Data');
  });

  it('whose Okta groups are gone is told with what becomes of it', () => {
    const rules = rulesOf({ whenGone: 'keep' });
    const identity = identityOf({}, [user('u1', 'ada@acme.com')]);
    const gone = { ...HAS_HER, description: markerLine({ oktaIds: ['00g1', '00g2'], via: 'okta' }) };
    expect(explainGone(IN, gone, { rules, identity })).toMatchObject({
      group: { name: 'Data', oktaIds: ['00g1', '00g2'], secodaId: 's1' },
      member: true,
      wanted: false,
      decidedBy: 'scope',
      steps: [
        { step: 'scope', ok: false, text: '00g1, 00g2: Okta has no such group any more' },
        {
          step: 'nothing',
          ok: true,
          text: expect.stringContaining(
            "the next full run keeps it, since groups.whenGone is 'keep'",
          ) as unknown,
        },
      ],
    });
    expect(explainGone(null, gone, { rules, identity }).member).toBe(false);
    expect(explainGone(IN, { ...gone, userIds: [] }, { rules, identity }).member).toBe(false);
    for (const frozen of ['s1', 'Data'])
      expect(fateOf(gone, rulesOf({ mapping: { frozen: [frozen] } }))).toContain(
        'groups.frozen leaves it as it is',
      );
    expect(fateOf(gone, rulesOf({ mapping: { frozen: ['00g1'] }, whenGone: 'empty' }))).toContain(
      'empties it',
    );
  });

  it('an account is found by any address of the person, and by the one that was asked for', () => {
    const identity = identityOf({}, [user('u1', 'ada@acme.com')]);
    expect(accountOf(IN, identity)).toBe('u1');
    expect(accountOf({ email: 'ADA@acme.com', records: [] }, identity)).toBe('u1');
    expect(
      accountOf({ email: 'x@acme.com', records: [{ person: person(null), groups: [] }] }, identity),
    ).toBeNull();
  });
});
