import { appId } from './company-directory.ts';
import { domain } from './company-people.ts';

/** What the company would write into `sync.config.ts`, as a plain object. */
export function companyConfig(oktaUrl: string, secodaUrl: string) {
  return {
    name: 'okta',
    okta: { orgUrl: oktaUrl, groups: { app: appId } },
    secoda: { url: secodaUrl },
    groups: {
      include: ['Data *', 'BI *', 'Analytics *', 'secoda-*'],
      exclude: ['* (test)'],
      rename: [{ match: '^secoda-(.+)$', to: '$1' }],
      map: { 'Analytics EMEA': 'Analytics', 'Analytics Americas': 'Analytics' },
    },
    users: { protect: [`breakglass@${domain}`] },
  };
}
