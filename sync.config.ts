import { defineSync } from './lambda/settings.ts';

/**
 * What acme syncs. Only `okta.orgUrl`, `okta.groups` and `secoda` must be given; every other line shows its default, or
 * in a comment what else it may be. Each key explains itself in an editor. OKTA_ORG_URL and SECODA_API_URL override the two addresses.
 */
export default defineSync({
  name: 'okta', // stands in the marker; a second deployment to one workspace needs another
  okta: {
    orgUrl: 'https://acme.okta.com',
    groups: { all: true }, // one of { app: '0oa1…' }: the groups assigned to an Okta app; { search: '…' }, { filter: '…' }, { all: true }
    requestsPerMinute: 'auto', // a share of what Okta says that the org may ask, less while others are busy
    shortCutsFrom: 200, // groups in scope from which those that did not change are not read again
    fullReadDays: 7, // days after which a group is read again anyway
  },
  secoda: { region: 'us' }, // 'us' | 'eu' | 'apac', or { url: 'https://acme.secoda.co' }
  groups: {
    include: ['*'], // patterns on the Okta name, for example 'Data *'
    exclude: [], // for example ['* (test)']
    rename: [], // for example [{ match: '^secoda-(.+)$', to: '$1' }]; in order, the first that fits wins
    map: {}, // for example { '00g1…': 'Analytics', 'BI team': 'Analytics' }: both feed one Secoda group
    whenGone: 'delete', // or 'empty' or 'keep', for managed groups whose Okta groups left the scope
  },
  users: {
    match: 'email', // or 'login'
    aliases: {}, // Okta → Secoda, for example { 'ada@acme.com': 'ada.l@acme.io', '*@acme.com': '*@acme.io' }
    protect: [], // never removed, for example ['breakglass@acme.com', '*@vendor.io']
    invite: false, // or { role: 'viewer' }: people without an account are invited; seats cost money
  },
  // What one run may do without being asked; a plan beyond it is refused whole and can be approved by its digest.
  guard: {
    groupDeletions: { max: 3, percent: 10 }, // the larger of 3 and 10 % of the managed groups
    memberRemovals: { max: 20, percent: 10 }, // over the whole plan
    removalsPerGroup: { max: 5, percent: 50 }, // in any one group
    emptiedGroups: { atLeast: 3 }, // no group of 3 or more may end with nobody
    additionsPerGroup: { max: 50, percent: 100 }, // people added to any one group that stands already
    adoptions: { max: 3 }, // hand-made groups taken over at once
    invitations: { max: 25 }, // people invited at once
    minimumGroups: 1, // fewer Okta groups in scope look like a mistake
  },
  // The rest is for the functions in AWS. (In a terminal the schedule dates deferred deletions.)
  schedule: { cron: '0 2 * * ? *', timeZone: 'UTC' }, // or { every: '10 minutes' }
  dryRun: false, // true: only plan, until you have seen a plan you like
  notify: { emails: [] }, // who hears of alarms and refused plans
  events: { hr: false }, // hr: true for events of an HR system; okta: { eventSource: 'aws.partner/okta.com/…' } for Okta's
  secrets: {}, // for example { okta: 'arn:…', secoda: 'arn:…' }; without them the stack makes empty ones
  // How long records are kept; of which full runs the whole input ('changed', 'all' or 'none'), and how long; and the ledger.
  archive: { days: 400, snapshots: 'changed', snapshotDays: 30, ledgerDays: 1100 },
});
