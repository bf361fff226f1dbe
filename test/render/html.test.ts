import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { htmlReport, type ReportLayout } from '../../lambda/render/html.ts';
import { HELD, HOSTILE, HOSTILE_REPORT, IN_SYNC, PARTIAL, PLANNED, REFUSED } from './reports.ts';

const LAYOUT: ReportLayout = {
  people: true,
  apply: 'npm run sync -- apply',
  record: 'runs/20261124T044251Z-009949c6/',
};
const page = (report = PARTIAL, layout = LAYOUT) => htmlReport(report, layout);
const within = (text: string, tag: string) =>
  [...text.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))].map(([, inside = '']) => inside);
const words = (text: string) => text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

describe('the page of a report', () => {
  it('begins with the verdict, its reasons, and the command that approves it', () => {
    const refused = words(within(page(REFUSED), 'header')[0] ?? '');
    expect(refused).toContain('✗ Refused: nothing was written.');
    expect(refused).toContain('memberRemovals : remove 45 of 389 memberships');
    expect(refused).toContain('approve exactly this plan: npm run sync -- apply --approve 7f3a9c0b12d4e5f6');
    const held = words(page(HELD));
    expect(held).toContain('approve exactly these: npm run sync -- apply --approve 7f3a9c0b12d4e5f6');
    expect(held).toContain('− delete Legacy ! held');
    expect(held).toContain('+ create Analytics ✓ applied');
    expect(words(page(PLANNED))).toContain('This makes the changes below: npm run sync -- apply ');
    expect(page(IN_SYNC)).not.toContain('npm run sync');
    expect(page({ ...IN_SYNC, status: 'failed', requests: null })).toContain('what was written before stays');
    const unknown = [{ rule: 'recent', message: 'what was removed is not known' }];
    expect(page({ ...REFUSED, refusals: unknown })).not.toContain('--approve');
  });

  it('lets nothing in but its own style and script', () => {
    const text = page();
    const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(text) ?? [];
    const hash = (inside: string | undefined) =>
      `'sha256-${createHash('sha256')
        .update(inside ?? '')
        .digest('base64')}'`;
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${hash(within(text, 'style')[0])}`,
      `script-src ${hash(within(text, 'script')[0])}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(text).not.toMatch(/<(?:link|img|iframe|object|base|form)\b|\s(?:src|on\w+|style)=|https?:/);
  });

  it('shows every hostile name as text', () => {
    const text = page(HOSTILE_REPORT);
    const tagsOf = (...pages: readonly string[]) => new Set(pages.join('').match(/<[^>]*>/g));
    expect([...tagsOf(text).difference(tagsOf(page(PARTIAL), page(REFUSED)))]).toEqual([
      '<a href="#frozen">',
      '<section aria-labelledby="frozen">',
      '<h2 id="frozen">',
    ]);
    expect(within(text, 'script')).toHaveLength(1);
    expect(text).not.toMatch(/href="(?!#)/);
    expect(text).not.toMatch(/[\u200b\u202e]/u);
    for (const part of [
      '&lt;script&gt;document.title=&quot;taken&quot;',
      String.raw`\u202egnp.exe`,
      'javascript:document',
    ])
      expect(text).toContain(part);
    const rows = within(text, 'tbody')[0]?.match(/<tr>/g);
    expect(rows).toHaveLength(HOSTILE.length);
  });

  it('has each change by group and by person, with why and what became of it', () => {
    const [groups = '', persons = ''] = within(page(), 'tbody').map(words);
    expect(groups).toContain('~ update Finance ✗ failed');
    expect(groups).toContain('✗ PATCH /api/v1/auth/group/g-1: 500 after 4 attempts');
    expect(groups).toContain('~ update Business Intelligence was BI ✓ applied');
    expect(groups).toContain('ada@acme.com not honoured by Secoda');
    expect(persons).toMatch(/finn@acme.com − leaves Legacy/);
  });

  it('tells who is unmatched since when, who is no more, and what was asked of both sides', () => {
    const text = words(page());
    expect(text).toContain('gus@acme.com without a Secoda account; since 2026-11-01, 24 runs');
    expect(text).toContain('jo@acme.com , unmatched since 2026-10-30');
    expect(text).toContain('Side Reads Writes Throttled Retries Okta 14 0 1 2 Secoda 5 3 0 0');
    expect(text).toContain('Record runs/20261124T044251Z-009949c6/');
  });

  it('tells what is left alone, worth knowing, and of whom', () => {
    const text = words(
      page({
        ...PARTIAL,
        frozen: [
          { group: 'Ops', wouldRemove: ['ada@acme.com', 'bo@acme.com'] },
          { group: 'BI', wouldRemove: [] },
        ],
        warnings: [
          { group: null, message: 'look at it' },
          { group: 'Legal', message: 'and at that' },
        ],
        invited: [
          { email: 'cy@acme.com', groups: ['Ops', 'BI'], outcome: null },
          { email: 'di@acme.com', groups: ['Ops'], outcome: 'applied' },
        ],
        unmatched: [
          { email: 'ed@acme.com', groups: ['Ops'], reason: 'ambiguous', since: null, runs: 0 },
          {
            email: 'fi@acme.com',
            groups: ['Ops'],
            reason: 'no-email',
            since: '2026-11-01T02:00:00Z',
            runs: 1,
          },
        ],
      }),
    );
    expect(text).toContain(
      'Ops : would lose access: ada@acme.com , bo@acme.com BI : nobody would lose access',
    );
    expect(text).toContain('Worth knowing (2) look at it Legal : and at that');
    expect(text).toContain('cy@acme.com : to be invited, for Ops , BI di@acme.com : applied, for Ops');
    expect(text).toContain('with several Secoda accounts of one address; not recorded since when Ops');
    expect(text).toContain('without an address in Okta; since 2026-11-01, 1 run Ops');
  });

  it('shows a plan beside the one of its run, where it was made again', () => {
    const compared = ['Compared with run r1', '  <nothing> differs'];
    expect(page(PLANNED, { ...LAYOUT, compared })).toContain(
      '<pre>Compared with run r1\n  &lt;nothing&gt; differs</pre>',
    );
    for (const layout of [LAYOUT, { ...LAYOUT, compared: [] }])
      expect(page(PLANNED, layout)).not.toContain('Beside the run');
  });

  it('has the numbers and the facts of a run, as far as its record has them', () => {
    const known = words(page());
    expect(known).toContain(
      'groups: create 1 groups: update 3 groups: delete 1 groups: unchanged 8 groups: skipped 1 members: add 15 members: remove 3 unmatched 4',
    );
    expect(known).toContain('Took 11.0 s Asked for by terminal: ada@laptop Digest 7f3a9c0b12d4e5f6 Record');
    const summary = { groups: {}, members: {}, unmatched: 0 };
    const unknown = words(page({ ...PARTIAL, summary, durationMs: null, digest: null, requests: null }));
    expect(unknown).toContain(
      'groups: create 0 groups: update 0 groups: delete 0 groups: unchanged 0 groups: skipped 0 members: add 0 members: remove 0 unmatched 0',
    );
    expect(unknown).toContain('Took not recorded');
    expect(unknown).toContain('Digest none');
    expect(unknown).not.toContain('Throttled');
  });

  it('colours who joins and who leaves, and names of a person all groups', () => {
    const [change] = PARTIAL.changes;
    if (change === undefined) throw new Error('nothing changes');
    const of = (name: string, add: string[], remove: string[]) => ({
      ...change,
      group: { ...change.group, name, oktaIds: [] },
      add,
      remove,
    });
    const text = page({
      ...PARTIAL,
      changes: [of('A', ['z@acme.com', 'a@acme.com'], []), of('B', [], ['a@acme.com'])],
    });
    const [groups = '', persons = ''] = within(text, 'tbody');
    expect(groups.match(/<p class="\w+">[+−]\d [^<]*/g)).toEqual([
      '<p class="good">+2 join',
      '<p class="bad">−1 leave',
    ]);
    expect(groups).not.toContain('()');
    expect(words(persons)).toBe(' a@acme.com + joins A − leaves B z@acme.com + joins A ');
    expect(words(page({ ...PARTIAL, changes: [] }))).toContain('No change.');
  });

  it('names no people of a plan in --summary', () => {
    const text = page(PLANNED, { ...LAYOUT, people: false });
    expect(words(text)).toContain('~ update Finance its members differ (00g3) +12 −2');
    expect(within(text, 'h2')).not.toContain('Changes by person (17)');
    expect(text).not.toContain('dora@acme.com');
  });

  it('gives every part a heading, every table a caption and scopes, and every field a label', () => {
    const text = page();
    for (const table of within(text, 'table')) {
      expect(table).toMatch(/^<caption>[^<]+<\/caption><thead><tr>(?:<th scope="col">\w[^<]*<\/th>)+<\/tr>/);
      expect(table).toContain('<th scope="row">');
    }
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of text.matchAll(/(?:href="#|for="|aria-labelledby=")([^"]+)"/g))
      expect(ids).toContain(id);
    expect(text).toMatch(/<html lang="en">[\s\S]+<title>[^<]+<\/title>[\s\S]+<h1[\s\S]+<main>/);
  });
});
