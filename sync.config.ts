import { defineSync } from './lambda/settings.ts';

/**
 * What this company syncs. Only `okta.orgUrl`, `okta.groups` and `secoda` must be given; every other line shows its
 * default or an example. OKTA_ORG_URL and SECODA_API_URL override the two addresses.
 */
export default defineSync({
  okta: {
    orgUrl: 'https://acme.okta.com',
    groups: { all: true }, // or { app: '0oa1…' }, { search: '…' }, { filter: '…' }
    requestsPerMinute: 200,
  },
  secoda: { region: 'us' }, // 'us' | 'eu' | 'apac', or { url: 'https://acme.secoda.co' }
  groups: {
    include: ['*'],
    exclude: [], // for example ['* (test)']
    rename: [], // for example [{ match: '^secoda-(.+)$', to: '$1' }]
    map: {}, // for example { '00g1…': 'Analytics', 'BI team': 'Analytics' }
    whenGone: 'delete', // 'delete' | 'empty' | 'keep'
  },
});
