import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../lambda/aws/events/targets.ts';
import { eventOf, readRequest } from '../../../lambda/aws/events/invocation.ts';
import { UsageError } from '../../../lambda/errors.ts';
import type { RunRequest } from '../../../lambda/core/model/request.ts';

const RUN = { kind: 'run', dryRun: null, groups: [], full: false };
const SYNC = 'arn:aws:lambda:eu-west-1:123456789012:function:sync:live';
const APPROVE = 'arn:aws:lambda:eu-west-1:123456789012:function:sync:approve';
const DIGEST = '7f3a9c0011223344';

function problemsOf(event: unknown, functionArn = SYNC): readonly string[] {
  try {
    readRequest(event, functionArn);
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  return [];
}

describe('an event', () => {
  const known: readonly [unknown, unknown][] = [
    [{}, RUN],
    [{ dryRun: true }, { ...RUN, dryRun: true }],
    [{ dryRun: false }, { ...RUN, dryRun: false }],
    [{ full: true }, { ...RUN, full: true }],
    [{ groups: ['Data', '00g1', 'Data'] }, { ...RUN, groups: ['00g1', 'Data'] }],
    [
      { groups: [' BI '], dryRun: true, full: true },
      { ...RUN, groups: ['BI'], dryRun: true, full: true },
    ],
    [
      { onboard: [' Grace@Acme.example', 'ada@acme.example', 'ADA@acme.example'] },
      { kind: 'onboard', emails: ['ada@acme.example', 'grace@acme.example'] },
    ],
    [
      { explain: { person: 'Ada@acme.example', group: 'BI' } },
      { kind: 'explain', question: { person: 'ada@acme.example', group: 'BI' } },
    ],
    [{ explain: { group: '00g1' } }, { kind: 'explain', question: { person: null, group: '00g1' } }],
    [
      { hints: { groups: ['00g1'], users: ['00u1'], emails: ['ada@acme.example'] } },
      {
        kind: 'follow',
        hints: {
          oktaGroupIds: ['00g1'],
          oktaUserIds: ['00u1'],
          emails: ['ada@acme.example'],
          leaverIds: [],
          deletedGroupIds: [],
        },
      },
    ],
    [
      { hints: { groups: ['00g1', '00g2'], leavers: ['00u1'], deleted: ['00g2'] } },
      {
        kind: 'follow',
        hints: {
          oktaGroupIds: ['00g1', '00g2'],
          oktaUserIds: [],
          emails: [],
          leaverIds: ['00u1'],
          deletedGroupIds: ['00g2'],
        },
      },
    ],
  ];
  it.each(known)('%j is understood', (event, request) => {
    expect(readRequest(event, SYNC)).toEqual(request);
  });

  const refused: readonly [unknown, string][] = [
    [undefined, 'the event: expected an object, got nothing'],
    [null, 'the event: expected an object, got null'],
    [[], 'the event: expected an object, got a list of 0'],
    ['{}', 'the event: expected an object, got "{}"'],
    [{ key1: 'value1' }, 'key1: unknown key; expected one of dryRun, groups, full, onboard'],
    [{ dryrun: true }, 'dryrun: unknown key; did you mean dryRun?'],
    [{ group: ['BI'] }, 'group: unknown key; did you mean groups?'],
    [{ dryRun: 'true' }, 'dryRun: expected true or false, got "true"'],
    [{ groups: [] }, 'groups: expected a list of 1 to 100 names or ids, got a list of 0'],
    [{ groups: 'BI' }, 'groups: expected a list of 1 to 100 names or ids, got "BI"'],
    [{ groups: [' '] }, 'groups[0]: expected a name or an id of up to 400 characters, got " "'],
    [{ onboard: [] }, 'onboard: expected a list of 1 to 200 e-mail addresses, got a list of 0'],
    [{ onboard: ['ada'] }, 'onboard[0]: expected an e-mail address, got "ada"'],
    [{ onboard: ['a@b.c'], dryRun: true }, 'onboard: stands alone, with requestedBy and reason at most'],
    [{ approve: DIGEST }, 'approve: not through this door; who may approve sends it alone to sync:approve'],
    [{ approve: DIGEST, dryRun: true }, 'approve: not through this door'],
    [{ hints: {} }, 'hints: name nothing'],
    [{ hints: { groups: ['00g1'] }, full: true }, 'full: unknown key'],
    [{ hints: { groups: ['../state'] } }, 'hints.groups[0]: expected an Okta id'],
    [JSON.parse('{"__proto__": {"full": true}}'), 'unknown key'],
    [{ Records: [] }, 'Records: unknown key'],
    [{ source: 'hr.onboarding', detail: { emails: ['a@b.c'] } }, 'source: unknown key'],
  ];
  it.each(refused)('%j is refused and says what is accepted', (event, problem) => {
    const problems = problemsOf(event);
    expect(problems[0]).toContain(problem);
    expect(problems.at(-1)).toMatch(/^accepted are \{\} .+"onboard"/);
  });

  it('through the alias for approvals is an approval or nothing', () => {
    const approved = { approve: ` ${DIGEST}`, requestedBy: 'bo@acme.example', reason: 'CHG-7' };
    expect(readRequest(approved, APPROVE)).toEqual({ kind: 'approve', digest: DIGEST });
    const others = [
      ...known.map(([event]) => event),
      { approve: DIGEST, full: true },
      { approve: 'yes' },
      null,
    ];
    for (const event of others)
      expect(problemsOf(event, APPROVE).at(-1)).toMatch(/^through the alias approve accepted is/);
    for (const digest of ['yes', `${DIGEST}0`, `0${DIGEST}`, `${DIGEST} or any`])
      expect(problemsOf({ approve: digest }, APPROVE)[0]).toBe(
        `approve: expected the digest of a refused plan: 16 characters of 0-9 and a-f, got "${digest}"`,
      );
  });

  it('tells all its problems at once', () => {
    expect(problemsOf({ dryRun: 1, groups: [], ful: true })).toHaveLength(4);
  });

  it('names no more than a run can take', () => {
    const groups = (count: number) => Array.from({ length: count }, (_, at) => `g${at}`);
    const people = (count: number) => groups(count).map((name) => `${name}@acme.example`);
    expect(problemsOf({ groups: groups(LIMITS.groups) })).toEqual([]);
    expect(problemsOf({ groups: groups(LIMITS.groups + 1) })[0]).toContain('got a list of 101');
    expect(problemsOf({ onboard: people(LIMITS.people) })).toEqual([]);
    expect(problemsOf({ onboard: people(LIMITS.people + 1) })[0]).toContain('got a list of 201');
    const named = (name: string) => [{ groups: [name] }, { explain: { group: name } }];
    for (const event of named('x'.repeat(400))) expect(problemsOf(event)).toEqual([]);
    for (const event of named('x'.repeat(401))) expect(problemsOf(event)).toHaveLength(2);
    expect(problemsOf({ onboard: [`${'x'.repeat(250)}@b.c`] })).toEqual([]);
    expect(problemsOf({ onboard: [`${'x'.repeat(251)}@b.c`] })).toHaveLength(2);
    const hinted = (length: number) => ({ hints: { groups: ['0'.repeat(length)] } });
    expect(problemsOf(hinted(100))).toEqual([]);
    expect(problemsOf(hinted(101))[0]).toContain('hints.groups[0]: expected an Okta id');
  });

  it('is stated in up to 200 and 1,000 characters by whom and why it is asked for', () => {
    const stated = (who: number, why: number) => ({ requestedBy: 'x'.repeat(who), reason: 'x'.repeat(why) });
    expect(problemsOf(stated(200, 1_000))).toEqual([]);
    expect(problemsOf(stated(201, 1_001)).slice(0, 2)).toEqual([
      expect.stringContaining('requestedBy: expected a text of up to 200 characters'),
      expect.stringContaining('reason: expected a text of up to 1,000 characters'),
    ]);
  });

  it('is never taken for a run over everything when it is not understood', () => {
    const keys = fc.constantFrom(
      'dryRun',
      'approve',
      'groups',
      'full',
      'onboard',
      'hints',
      'Records',
      '__proto__',
      'x',
    );
    const values = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.boolean(), fc.constant(DIGEST));
    const events = fc.oneof(fc.jsonValue(), fc.dictionary(keys, values));
    const understood = new Set(['dryRun', 'full']);
    fc.assert(
      fc.property(events, (event) => {
        let request: RunRequest;
        try {
          request = readRequest(event, SYNC);
        } catch (error) {
          return error instanceof UsageError;
        }
        const all = request.kind === 'run' && request.groups.length === 0;
        return (
          !all ||
          (typeof event === 'object' &&
            event !== null &&
            !Array.isArray(event) &&
            Object.keys(event).every((key) => understood.has(key)))
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('asks for the same when it is written anew', () => {
    const texts = (item: fc.Arbitrary<string>) => fc.array(item, { minLength: 1, maxLength: 5 });
    const emails = texts(fc.nat(9).map((at) => `p${at}@acme.example`));
    const ids = texts(fc.nat(9).map((at) => `00x${at}`));
    const optional = { requiredKeys: [] };
    const events: fc.Arbitrary<object> = fc.oneof(
      fc.record({ dryRun: fc.boolean(), groups: ids, full: fc.boolean() }, optional),
      fc.record({ onboard: emails }),
      fc
        .record({ groups: ids, users: ids, emails, leavers: ids, deleted: ids }, { requiredKeys: ['users'] })
        .map((hints) => ({ hints })),
      fc.constantFrom({ person: 'ada@acme.example' }, { group: 'BI' }).map((explain) => ({ explain })),
    );
    fc.assert(
      fc.property(events, (event) => {
        const request = readRequest(event, SYNC);
        expect(readRequest(JSON.parse(JSON.stringify(eventOf(request))), SYNC)).toEqual(request);
      }),
    );
  });
});
