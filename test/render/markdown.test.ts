import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReportLayout } from '../../lambda/render/html.ts';
import { markdownReport } from '../../lambda/render/markdown.ts';
import { change, member, people, plan } from './plans.ts';
import {
  HOSTILE,
  HOSTILE_REPORT,
  IN_SYNC,
  manyChanges,
  PARTIAL,
  PLANNED,
  REFUSED,
  reportOf,
} from './reports.ts';

const LAYOUT: ReportLayout = {
  people: true,
  apply: 'npm run sync -- apply',
  record: 'runs/20261124T044251Z-009949c6/',
};
const comment = (report = PARTIAL, layout = LAYOUT) => markdownReport(report, layout);

/** A text without its code, read as CommonMark does: a run of backticks goes up to the next run of the same length. */
function outsideCode(text: string): string {
  return text
    .replaceAll(/^````sh\n[\s\S]*?\n````$/gm, '')
    .replaceAll(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
}

describe('the comment on a report', () => {
  it('begins with the verdict, its reasons, the command that approves it, and the numbers', () => {
    expect(comment(REFUSED).split('\n').slice(0, 14)).toEqual([
      '### ❌ Refused: nothing was written.',
      '',
      '- **memberRemovals**: remove 45 of 389 memberships (12 %); the limit is 38 (the larger of 20 and 10 %)',
      '',
      'If every change below is intended, approve exactly this plan:',
      '',
      '````sh',
      'npm run sync -- apply --approve 7f3a9c0b12d4e5f6',
      '````',
      '',
      '| groups: create | update | delete | unchanged | skipped | members: add | remove | unmatched |',
      '| --: | --: | --: | --: | --: | --: | --: | --: |',
      '| 1 | 3 | 1 | 8 | 1 | 15 | 3 | 4 |',
      '',
    ]);
    expect(comment(IN_SYNC)).toMatch(/^### ✅ In sync: nothing to do\.\n\n\| groups/);
  });

  it('has each change with its people and what became of it', () => {
    const text = comment();
    expect(text).toContain(
      '- **update** `Finance` +12 −2, _failed_: its members differ; PATCH `/api/v1/auth/group/g-1:` 500 after 4 attempts\n  - join: `person01@acme.com`, ',
    );
    expect(text).toContain('- **update** `Business Intelligence` (was `BI`), _applied_: its name differs\n');
    expect(text).toContain('`ada@acme.com` (not honoured by Secoda)');
    expect(text).toContain(
      '- `gus@acme.com` without a Secoda account since 2026-11-01: `Analytics`, `Finance`, ',
    );
  });

  it('begins with what is wrong, and ends with whose run it was', () => {
    const failed = comment({ ...PARTIAL, error: 'the lease was lost' }).split('\n');
    expect(failed.slice(0, 3)).toEqual([
      '### ⚠️ Partial: not everything could be done; the next run tries the rest.',
      '',
      'the lease was lost',
    ]);
    const end = (report: typeof PARTIAL) => comment(report).trimEnd().split('\n').at(-1);
    expect(end(PARTIAL)).toBe(
      'apply 20261124T044251Z-009949c6 · digest `7f3a9c0b12d4e5f6` · terminal: `ada@laptop` · record `runs/20261124T044251Z-009949c6/`',
    );
    expect(end({ ...PARTIAL, digest: null })).toBe(
      'apply 20261124T044251Z-009949c6 · terminal: `ada@laptop` · record `runs/20261124T044251Z-009949c6/`',
    );
    expect(comment({ ...PARTIAL, summary: { groups: {}, members: {}, unmatched: 0 } })).toContain(
      '\n| 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |\n',
    );
  });

  it('has what is skipped and worth knowing, of which group if of any, and each kind only where there is some', () => {
    const warnings = [
      { group: null, message: 'look at it' },
      { group: 'Ops', message: 'and at that' },
    ];
    const text = comment({ ...PARTIAL, warnings });
    expect(text).toContain(
      '\n#### 2 warnings\n\n- look at it\n- `Ops`: and at that\n\n#### 4 unmatched people\n',
    );
    expect(text).toContain('\n#### 1 skipped groups\n\n- `Sales`: ');
    const legacy = text.split('\n').findIndex((line) => line.includes('`Legacy`'));
    expect(text.split('\n').slice(legacy - 2, legacy + 2)).toEqual([
      expect.stringContaining('`Data Platform` +1, _applied_: adopts'),
      '  - join: `eve@acme.com`',
      '- **delete** `Legacy` −1, _applied_: 00g6 no longer exists in Okta',
      '  - leave: `finn@acme.com`',
    ]);
    expect(comment(IN_SYNC)).not.toContain('####');
    const unmatched = [
      { email: 'ada@acme.com', groups: ['Ops'], reason: 'no-account', since: null, runs: 0 },
    ];
    expect(comment({ ...IN_SYNC, unmatched })).toContain(
      '\n#### 1 unmatched people\n\n- `ada@acme.com` without a Secoda account: `Ops`\n',
    );
  });

  it('shows a plan beside the one of its run as it is, as far as a third of the comment goes', () => {
    const line = 'y'.repeat(1_091);
    const compared = (count: number) =>
      comment(PLANNED, { ...LAYOUT, compared: Array.from({ length: count }, () => line) });
    expect(compared(2)).toContain(`\n\n\`\`\`\`text\n${line}\n${line}\n\`\`\`\`\n`);
    expect(compared(20)).toContain(`${line}\n\`\`\`\`\n`);
    expect(compared(21)).toContain(`${line}\n… and 1 more line\n\`\`\`\`\n`);
    expect(comment(PLANNED, { ...LAYOUT, compared: ['z'.repeat(21_844)] })).toContain('zzz');
    expect(comment(PLANNED, { ...LAYOUT, compared: ['z'.repeat(21_845)] })).not.toContain('zzz');
    expect(comment()).not.toContain('````text');
  });

  it('names twenty reasons and fifty people of a group, and how many more there are', () => {
    const [change] = PARTIAL.changes;
    if (change === undefined) throw new Error('nothing changes');
    const given = (count: number, reasons: number) =>
      comment({
        ...PARTIAL,
        changes: [{ ...change, add: people(count).map(({ email }) => email ?? '') }],
        refusals: Array.from({ length: reasons }, (_, n) => ({ rule: 'r', message: `m${n}` })),
      });
    expect(given(50, 20)).not.toContain(' more');
    expect(given(51, 20)).toContain('`person50@acme.com` and 1 more\n');
    expect(given(50, 21)).toContain('- **r**: m19\n- … and 1 more reason\n');
  });

  it('leaves nothing out that there is room for', () => {
    const report = manyChanges(2_000);
    const text = comment(report);
    const end = text.indexOf('\n**Left out here');
    const shown = text.slice(0, end).split('\n- **update**').length - 1;
    const whole = comment({ ...report, changes: report.changes.slice(shown, shown + 1) });
    const [next = ''] = /- \*\*update\*\*.*(?:\n {2}.*)*\n/.exec(whole) ?? [];
    const room = 65_536 - 2_000 - end;
    expect(room).toBeGreaterThanOrEqual(0);
    expect(room).toBeLessThan(next.length);
  });

  it('cuts a command, and where the record is, and keeps words that mean something in one span', () => {
    const text = comment(REFUSED, {
      ...LAYOUT,
      apply: 'a'.repeat(5_000),
      record: `${'r'.repeat(500)}_ ${'w '.repeat(500)}`,
    });
    expect(text).toMatch(/\na{3999}…\n/);
    expect(text).toContain(`record \`${'r'.repeat(199)}…\` ${'w '.repeat(245)}…\n`);
    const refusals = [{ rule: 'r', message: 'ask @acme/security @everyone now' }];
    expect(comment({ ...REFUSED, refusals })).toContain('- **r**: ask `@acme/security @everyone` now\n');
  });

  it('counts the people of a group in --summary, and names none', () => {
    const text = comment(PLANNED, { ...LAYOUT, people: false });
    expect(text).toContain('- **update** `Finance` +12 −2: its members differ\n');
    expect(text).not.toMatch(/@acme\.com/);
  });

  it('shows hostile names as text: no mention, link, markup, HTML or reference', () => {
    const own = /^(?:### ❌ |#### \d+ )(?:Failed|changes|skipped groups|unmatched people).*$/gm;
    const plain = outsideCode(comment(HOSTILE_REPORT)).replaceAll(own, '');
    expect(plain).not.toMatch(/[@#<>[\]\\]|https?:|www\.|javascript:|GH-|[\da-f]{20}|\u202e|~~/u);
    // The numbers of the report are the only table.
    expect(plain.split('\n').filter((line) => line.includes('|'))).toHaveLength(3);
  });

  it('leaves any name in one span of code that ends where it should', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('`', '|', '\\', ' ', '<', 'a', '@'), minLength: 1 }),
        (name) => {
          const report = reportOf({ plan: plan({ changes: [change({ action: 'create', name })] }) });
          const [line = ''] = comment(report).match(/^- \*\*create.*$/m) ?? [];
          expect(outsideCode(line)).toBe('- **create** : its members differ');
        },
      ),
    );
  });

  it('shows lines as they are up to a third of a comment', () => {
    const shown = (length: number) =>
      comment(PLANNED, { ...LAYOUT, compared: ['a', 'b'.repeat(length)] }).match(
        /````text\n([^`]*)\n````/,
      )?.[1];
    expect(shown(21_842)).toBe(`a\n${'b'.repeat(21_842)}`);
    expect(shown(21_843)).toBe('a\n… and 1 more line');
  });

  it('says of a comment that would be too long what was left out, and stays a comment', () => {
    for (const [report, left] of [
      [manyChanges(2_000), /Left out here, since a comment holds no more: 1\d{3} of 2000 changes\.\*\*/],
      [HOSTILE_REPORT, /record/],
      [
        reportOf({
          plan: plan({ changes: [change({ action: 'create', name: 'All', add: people(9_000) })] }),
        }),
        /and 8950 more/,
      ],
      [
        reportOf({
          plan: plan({
            changes: [
              change({ action: 'create', name: 'n'.repeat(90_000), add: [member('e'.repeat(90_000))] }),
            ],
          }),
          failure: new Error('x'.repeat(90_000)),
          refusals: Array.from({ length: 500 }, () => ({
            rule: 'r',
            message: 'm'.repeat(5_000),
            count: 1,
            limit: 0,
          })),
        }),
        /and 480 more reasons/,
      ],
    ] as const) {
      const text = comment(report, { ...LAYOUT, apply: 'a'.repeat(90_000) });
      expect(text.length).toBeLessThanOrEqual(65_536);
      expect(text).toMatch(left);
    }
    expect(HOSTILE.length).toBeGreaterThan(20);
  });
});
