import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { htmlReport } from '../../lambda/render/html.ts';
import { HELD, HOSTILE, HOSTILE_REPORT, IN_SYNC, PARTIAL, PLANNED, REFUSED } from './reports.ts';

const LAYOUT = { people: true, apply: 'npm run sync -- apply', record: 'runs/20261124T044251Z-009949c6/' };
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
