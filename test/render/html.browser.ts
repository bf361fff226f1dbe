import type { Page, SerializedAXNode } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import type { StoredReport } from '../../lambda/archive/runs.ts';
import { htmlReport } from '../../lambda/render/html.ts';
import { type Chromium, startChromium } from './chromium.ts';
import { APPLIED, HELD, HOSTILE_REPORT, IN_SYNC, manyChanges, PARTIAL, PLANNED, REFUSED } from './reports.ts';

const LAYOUT = { people: true, apply: 'npm run sync -- apply', record: 'runs/20261124T044251Z-009949c6/' };
const REPORTS = { IN_SYNC, PLANNED, APPLIED, PARTIAL, HELD, REFUSED, HOSTILE_REPORT };
const texts = z.array(z.string());

let chromium: Chromium;
beforeAll(async () => void (chromium = await startChromium()));
afterAll(() => chromium.close());

async function newPage(): Promise<Page> {
  const page = await chromium.browser.newPage();
  page.setDefaultTimeout(0);
  onTestFinished(() => page.close());
  return page;
}

async function open(html: string): Promise<Page> {
  const page = await newPage();
  await page.goto(await chromium.place(html));
  return page;
}

const show = (report: StoredReport): Promise<Page> => open(htmlReport(report, LAYOUT));

/** What an expression of JavaScript comes to in a page. */
async function ask<T>(page: Page, shape: z.ZodType<T>, expression: string): Promise<T> {
  return shape.parse(await page.evaluate(expression));
}

/** The names of the rows that can be seen, of all tables that are searched. */
const rowsOf = (page: Page) =>
  ask(
    page,
    texts,
    `[...document.querySelectorAll('.listed tbody tr')].filter((row) => row.getClientRects().length > 0)
      .map((row) => row.querySelector('bdi').textContent)`,
  );

const visible = (page: Page, selector: string) =>
  ask(
    page,
    z.number(),
    `[...document.querySelectorAll('${selector}')].filter((each) => each.getClientRects().length > 0).length`,
  );

const found = (page: Page) => ask(page, z.string(), `document.querySelector('output').textContent`);

async function search(page: Page, words: string): Promise<readonly string[]> {
  await page.evaluate(`{ const field = document.querySelector('#search');
    field.value = ${JSON.stringify(words)}; field.dispatchEvent(new Event('input')); }`);
  return rowsOf(page);
}

it.each(Object.entries(REPORTS))('the page of %s asks nobody for anything', async (_, report) => {
  const page = await newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(await chromium.place(htmlReport(report, LAYOUT)));
  await page.keyboard.press('Tab');
  expect(asked).toEqual([page.url()]);
});

describe('whatever gets into a page', () => {
  const injected = `<script>document.title = 'taken'</script><img src="x.png" onerror="document.title = 'taken'">
    <svg onload="document.title = 'taken'"></svg><style>h1 { display: none }</style><h1 style="display: none">x</h1>`;

  it.each([
    ['does not run', true],
    ['would run without the policy', false],
  ])('%s', async (_, guarded) => {
    const html = htmlReport(PARTIAL, LAYOUT).replace('<main>', () => `<main>${injected}`);
    const page = await open(guarded ? html : html.replace(/<meta http-equiv[^>]+>/, ''));
    expect((await page.title()) === 'taken').toBe(!guarded);
    expect(await visible(page, 'h1')).toBe(guarded ? 2 : 0);
    // The page's own script is the one that may.
    expect(await search(page, 'finance')).toContain('Finance');
  });

  it('as a name is text', async () => {
    const page = await show(HOSTILE_REPORT);
    expect(await page.title()).toMatch(/^Failed: /);
    expect(await visible(page, 'main script, main img, main svg, main a')).toBe(0);
    expect(await rowsOf(page)).toContain('<script>document.title="taken"</script>');
  });
});

describe('the search', () => {
  it('narrows 2,000 changes and everybody in them, by all words, in any case, and tells how many are left', async () => {
    const page = await show(manyChanges(2_000));
    const all = await rowsOf(page);
    expect(all).toHaveLength(2_000 + 2_005);
    await page.type('#search', 'UP 0042');
    expect(await rowsOf(page)).toEqual([
      'Group 0042',
      'leaver41@acme.com',
      'person01@acme.com',
      'person02@acme.com',
    ]);
    expect(await found(page)).toBe('4 of 4005 rows');
    expect(await search(page, 'group leaver1999@acme.com')).toEqual(['Group 2000', 'leaver1999@acme.com']);
    expect(await search(page, 'nobody')).toEqual([]);
    expect(await search(page, '  ')).toEqual(all);
    expect(await found(page)).toBe('');
  });

  it('is not there where scripts do not run, and all else is', async () => {
    const page = await newPage();
    await page.setJavaScriptEnabled(false);
    await page.goto(await chromium.place(htmlReport(PARTIAL, LAYOUT)));
    expect(await visible(page, '[role=search]')).toBe(0);
    expect(await rowsOf(page)).toContain('Finance');
  });
});

it('the keyboard reaches everything that can be used, and shows where it is', async () => {
  const page = await show(PARTIAL);
  const name = (each: string) => `(${each}.getAttribute('href') ?? ${each}.id)`;
  const usable = await ask(
    page,
    texts,
    `[...document.querySelectorAll('a, input, button, summary')].map((each) => ${name('each')})`,
  );
  const reached: string[] = [];
  while (reached.length < usable.length) {
    await page.keyboard.press('Tab');
    const at = 'document.activeElement';
    const [where = '', outline] = await ask(
      page,
      texts,
      `[${name(at)}, getComputedStyle(${at}).outlineStyle]`,
    );
    expect(outline, where).not.toBe('none');
    reached.push(where);
  }
  expect(usable.length).toBeGreaterThan(6);
  expect(reached).toEqual(usable);
  await page.focus('.skip');
  await page.keyboard.press('Enter');
  expect(new URL(page.url()).hash).toBe('#changes');
});

it('a screen reader is told landmarks, headings, what a field is for, and the heads of each table', async () => {
  const page = await show(PARTIAL);
  const told = (node: SerializedAXNode): string[] => [
    `${node.role}: ${node.name?.trim() ?? ''}`,
    ...(node.children ?? []).flatMap(told),
  ];
  const tree = await page.accessibility.snapshot({ interestingOnly: false });
  const names = tree === null ? [] : told(tree);
  expect(names).toEqual(
    expect.arrayContaining([
      'banner: ',
      'main: ',
      'navigation: On this page',
      'search: ',
      'searchbox: Search groups and people',
      'heading: Partial: not everything could be done; the next run tries the rest.',
      'heading: Changes by group',
      'table: 5 groups: what happens to it and why, who joins (+) and who leaves (−)',
      'columnheader: Group',
    ]),
  );
  expect(names.filter((each) => each.startsWith('rowheader: ')).length).toBeGreaterThan(10);
});

/** The least contrast of a letter with what is behind it (WCAG 2.2, “relative luminance”), and how light the page is. */
const CONTRAST = `(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((each) => {
      const part = Number(each) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (at) => {
    const { backgroundColor } = getComputedStyle(at);
    return backgroundColor === 'rgba(0, 0, 0, 0)' ? ground(at.parentElement) : light(backgroundColor);
  };
  const ratios = [...document.querySelectorAll('body *')]
    .filter((each) => each.getClientRects().length > 0)
    .map((each) => [light(getComputedStyle(each).color), ground(each)].sort((a, b) => a - b))
    .map(([less, more]) => (more + 0.05) / (less + 0.05));
  return { least: Math.min(...ratios), ground: ground(document.body) };
})()`;

describe.each(['light', 'dark'])('in %s', (scheme) => {
  it.each(Object.entries(REPORTS))('the page of %s can be read', async (_, report) => {
    const page = await show(report);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    const shape = z.object({ least: z.number(), ground: z.number() });
    const { least, ground } = await ask(page, shape, CONTRAST);
    expect(least).toBeGreaterThan(4.5);
    expect(ground > 0.5).toBe(scheme === 'light');
  });
});

it.each(Object.entries(REPORTS))(
  'the page of %s needs no sideways scrolling at 360 pixels',
  async (_, report) => {
    const page = await show(report);
    await page.setViewport({ width: 360, height: 740 });
    expect(await ask(page, z.number(), 'document.documentElement.scrollWidth')).toBe(360);
  },
);

it('paper has everything, whatever was searched for, and nothing to click', async () => {
  const page = await show(manyChanges(50));
  const all = await rowsOf(page);
  expect(await search(page, 'Group 0042')).toHaveLength(4);
  await page.emulateMediaType('print');
  expect(await rowsOf(page)).toEqual(all);
  expect(await visible(page, 'a, input')).toBe(0);
  expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000);
});
