import { type StoredReport, storedReport } from '../../lambda/archive/runs.ts';
import type { Plan } from '../../lambda/core/plan/change.ts';
import { buildReport, type Report, type ReportInput } from '../../lambda/core/report/report.ts';
import { REQUESTED } from '../core/requested.ts';
import { change, member, people, plan, removal, RICH } from './plans.ts';

type Given = Partial<ReportInput> & { readonly plan: Plan };

/** A report as a run makes it. */
export function madeReport(given: Given): Report {
  return buildReport({
    runId: '20261124T044251Z-009949c6',
    mode: 'apply',
    request: REQUESTED,
    refusals: [],
    outcomes: new Map(),
    requests: {
      okta: { reads: 14, throttled: 1, retries: 2 },
      secoda: { reads: 5, writes: 3, throttled: 0, retries: 0 },
    },
    startedAt: Date.UTC(2026, 10, 24, 4, 42, 51),
    endedAt: Date.UTC(2026, 10, 24, 4, 43, 2),
    failure: null,
    ...given,
  });
}

/** Reports as records hold them, for the tests of what pages and comments show. */
export function reportOf(given: Given): StoredReport {
  const report = storedReport(madeReport(given));
  if (report === null) throw new Error('a report cannot be read back');
  return report;
}

const WORKLIST: ReportInput['worklist'] = {
  runId: '20261124T044251Z-009949c6',
  waiting: [{ email: 'gus@acme.com', since: '2026-11-01T02:00:00.000Z', runs: 24 }],
  resolved: [{ email: 'jo@acme.com', since: '2026-10-30T02:00:00.000Z' }],
};

const ended = (outcome: 'applied' | 'failed' | 'unsettled', error: string | null = null) => ({
  outcome,
  written: null,
  unsettled: outcome === 'unsettled' ? ['ada@acme.com'] : [],
  news: true,
  error,
});

export const IN_SYNC = reportOf({ plan: plan() });
export const PLANNED = reportOf({ plan: RICH, mode: 'plan', worklist: WORKLIST });
export const APPLIED = reportOf({
  plan: { ...RICH, skipped: [] },
  outcomes: new Map(RICH.changes.map((each) => [each, ended('applied')])),
  worklist: WORKLIST,
});
export const PARTIAL = reportOf({
  plan: RICH,
  outcomes: new Map(
    RICH.changes.map((each, index) => [
      each,
      index === 1
        ? ended('failed', 'PATCH /api/v1/auth/group/g-1: 500 after 4 attempts')
        : ended(index === 0 ? 'unsettled' : 'applied'),
    ]),
  ),
  worklist: WORKLIST,
});
export const REFUSALS: ReportInput['refusals'] = [
  {
    rule: 'memberRemovals',
    message: 'remove 45 of 389 memberships (12 %); the limit is 38 (the larger of 20 and 10 %)',
    count: 45,
    limit: 38,
  },
];
export const REFUSED = reportOf({
  plan: RICH,
  refusals: REFUSALS,
  worklist: WORKLIST,
});

/** The removals wait, and all else was done. */
const LOSING = RICH.changes.map((each) => (each.remove.length > 0 ? { ...each, held: true as const } : each));
export const HELD = reportOf({
  plan: { ...RICH, changes: LOSING },
  refusals: REFUSALS,
  outcomes: new Map(LOSING.flatMap((each) => (each.held ? [] : [[each, ended('applied')]]))),
  worklist: WORKLIST,
});

/** Names that somebody may give a group, or themselves, to get more than a name shown. */
export const HOSTILE = [
  '<script>document.title="taken"</script>',
  '<img src="https://evil.example/x.png" onerror="document.title=1">',
  '"><svg onload=document.title=1>',
  "' onmouseover='document.title=1",
  'javascript:document.title=1',
  '[click](javascript:alert(1))',
  '![x](https://evil.example/x.png)',
  'https://evil.example/x www.evil.example',
  '@acme/security @everyone',
  '#1 GH-2 org/repo#3 0123456789abcdef0123',
  'a | b \\| c',
  '`code` ``more`` `',
  '``',
  '</td></tr></table>',
  '<!-- hidden -->',
  'ends here\n\n# A heading\n- [ ] task',
  '\u202egnp.exe',
  'zero\u200bwidth',
  '&lt;b&gt; &amp;',
  '**bold** _it_ ~~gone~~ ---',
  'constructor',
  '__proto__',
];

/** Every hostile name as a group, a person, a reason and an error. */
export const HOSTILE_REPORT = reportOf({
  plan: plan({
    changes: HOSTILE.map((name) =>
      change({
        action: 'update',
        name,
        renamedFrom: name,
        oktaIds: [name],
        reason: `its name was ${name} before`,
        add: [{ ...member(name), why: { cause: 'restored', oktaId: null, okta: null } }],
        remove: [removal(name)],
      }),
    ),
    skipped: HOSTILE.map((name) => ({ group: name, oktaIds: ['00g1'], reason: `as ${name} is` })),
    unmatched: HOSTILE.map((name) => ({ email: name, groups: [name], reason: 'no-account' })),
    frozen: HOSTILE.map((name) => ({ group: name, oktaIds: ['00g1'], wouldRemove: [name] })),
    unsettled: HOSTILE.map((name) => ({ email: name, groups: [name] })),
  }),
  refusals: HOSTILE.map((name) => ({
    rule: 'removalsPerGroup',
    message: `empty ${name}`,
    count: 1,
    limit: 0,
  })),
  failure: new Error(HOSTILE.join(' and ')),
});

/** So many changes, each of a group with one to five people. */
export function manyChanges(count: number, mode: 'plan' | 'apply' = 'plan'): StoredReport {
  const changes = Array.from({ length: count }, (_, index) =>
    change({
      action: 'update',
      name: `Group ${String(index + 1).padStart(4, '0')}`,
      oktaIds: [`00g${index}`],
      add: people((index % 5) + 1),
      remove: [removal(`leaver${index}@acme.com`)],
    }),
  );
  return reportOf({ plan: plan({ changes }), mode });
}
