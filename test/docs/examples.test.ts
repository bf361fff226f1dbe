import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import type { Report } from '../../lambda/core/report/report.ts';
import { companyConfig, foundCompany } from '../emulators/index.ts';
import { scenario } from '../run/scenario.ts';
import { read, ROOT } from './pages.ts';

/** The configurations of the page by what stands in bold before them. */
function examples(): ReadonlyMap<string, string> {
  const [, section = ''] = read('docs/configuration.md').split('\n## Examples\n');
  const found = section
    .split('\n## ')[0]
    ?.matchAll(/\*\*([^*]+)\.\*\*[^`]*?(?:`[^`\n]+`[^`]*?)*```ts\n([\s\S]*?)```/g);
  return new Map([...(found ?? [])].map(([, title = '', code = '']) => [title, code]));
}

const names = ({ changes }: Report) => changes.map(({ group }) => group.name);
const removed = ({ changes }: Report) => changes.flatMap(({ remove }) => remove);

/** What each plans for the company of the emulators, whose workspace has drifted. */
const PLANNED: Readonly<Record<string, (report: Report & { readonly code: number }) => void>> = {
  'One app': (report) => {
    // Without the mapping that the company has, everything of it would be made anew: that is refused, and told.
    expect(names(report)).toContain('Contractors');
    expect(names(report)).not.toContain('VPN Users');
  },
  'A prefix': (report) => {
    expect(names(report)).toContain('Finance');
    expect(names(report).filter((name) => name.startsWith('secoda-'))).toEqual([]);
  },
  'Many to one': ({ changes }) => {
    const united = changes.find(({ group }) => group.name === 'Analytics');
    expect(united).toMatchObject({
      action: 'update',
      group: { oktaIds: [expect.any(String), expect.any(String)] },
    });
  },
  'Two workspaces': (report) => {
    // What the other deployment manages is left alone.
    expect(report.changes).toMatchObject([{ action: 'create', group: { name: 'Data Analysts EMEA' } }]);
  },
  'Protected people': (report) => {
    expect(names(report)).toContain('Finance');
    expect(removed(report)).not.toContain('breakglass@acme.example');
  },
  Invitations: (report) => {
    expect(report.summary.invited).toBeGreaterThan(0);
  },
  Hold: (report) => {
    expect(report).toMatchObject({ code: 3, status: 'held' });
    expect(report.refusals.map(({ rule }) => rule)).toContain('memberRemovals');
  },
};

it('plans each example of the configuration for the company of the emulators', async () => {
  const found = examples();
  expect([...found.keys()]).toEqual(Object.keys(PLANNED));
  const stand = await scenario({
    environment: (okta, secoda) => ({
      OKTA_API_TOKEN: okta.credentials.apiToken,
      SECODA_API_KEY: secoda.credentials.apiKey,
      OKTA_ORG_URL: okta.url,
      SECODA_API_URL: secoda.url,
    }),
  });
  foundCompany(stand.okta, stand.secoda);
  const { app } = companyConfig('', '').okta.groups;
  const settings = pathToFileURL(join(ROOT, 'lambda/settings.ts')).href;
  for (const [title, code] of found) {
    const file = join(stand.folder, `${title.replaceAll(' ', '-')}.config.ts`);
    const here = code.replaceAll('0oa1…', app).replaceAll('@acme.com', '@acme.example');
    await writeFile(file, `import { defineSync } from '${settings}';\n${here}`);
    const report = await stand.report('plan', '--config', file);
    expect(report.error, title).toBeNull();
    PLANNED[title]?.(report);
  }
});
