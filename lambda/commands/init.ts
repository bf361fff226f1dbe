import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, extname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AccessError, messageOf, UsageError } from '../errors.ts';
import { LONGEST, printable } from '../render/escape.ts';
import { oktaApps } from '../services/okta/directory.ts';
import type { ConnectionOptions } from '../services/okta/connection.ts';
import { originProblem } from '../services/http/checked.ts';
import { type OktaSelection, orgUrlProblem, type SecodaPlace } from '../settings/services.ts';

/** What the shipped configuration names, which nobody has edited yet. */
const PLACEHOLDER = 'https://acme.okta.com';

const REGIONS = ['us', 'eu', 'apac'] as const;
const SETTINGS = fileURLToPath(new URL('../settings.ts', import.meta.url));

interface InitInput {
  /** The file that is written. */
  readonly file: string;
  readonly orgUrl: string | undefined;
  readonly region: string | undefined;
  /** Instead of a region: where the workspace is. */
  readonly secodaUrl: string | undefined;
  /** Id or label. */
  readonly app: string | undefined;
  /** How Okta is asked for its apps; `null` without credentials. */
  readonly okta: ((orgUrl: string) => ConnectionOptions) | null;
}

/**
 * Writes a configuration with a comment for each key, and returns what it says. `assumed`: what nobody said, with what to change
 * where it is wrong, or `null`; `replaced`: the shipped sample stood there. Throws `UsageError` where something is missing, and
 * where the file was edited: that one is never written over.
 */
export async function init(input: InitInput) {
  const { file, orgUrl, secodaUrl } = input;
  const region = REGIONS.find((each) => each === input.region);
  const problems = [
    ...(extname(file) === '.ts' ? [] : [`${printable(file)}: init writes a file that ends in .ts`]),
    ...(orgUrl === undefined ? [`--org-url is needed: the address of the Okta org, as ${PLACEHOLDER}`] : []),
    ...wrong('--org-url', orgUrl, orgUrlProblem),
    ...(region === undefined && (secodaUrl === undefined || input.region !== undefined)
      ? [
          `--region ${input.region === undefined ? 'is needed' : JSON.stringify(printable(input.region))}: one of ${REGIONS.join(', ')}, as the Secoda workspace's address says`,
        ]
      : []),
    ...wrong('SECODA_API_URL', secodaUrl, originProblem),
    ...((await wasEdited(file))
      ? [
          `${printable(file)} is there already, and init never writes over it; move it away, or name another file with --config`,
        ]
      : []),
  ];
  if (problems.length > 0 || orgUrl === undefined) throw new UsageError(problems);
  const secoda: SecodaPlace = region === undefined ? { url: secodaUrl ?? '' } : { region };
  const { groups, why, assumed } = await selection(input, orgUrl);
  const replaced = existsSync(file);
  const settings = relative(dirname(resolve(file)), SETTINGS);
  const from = settings.startsWith('.') ? settings : `./${settings}`;
  await writeFile(file, configText({ settings: from, orgUrl, groups, secoda })).catch((error: unknown) => {
    throw new UsageError([`${printable(file)} cannot be written (${messageOf(error)})`]);
  });
  return { file, groups: why, secoda: 'region' in secoda ? secoda.region : secoda.url, assumed, replaced };
}

async function wasEdited(file: string): Promise<boolean> {
  if (!existsSync(file)) return false;
  return !(await readFile(file, 'utf8').catch(() => '')).includes(`orgUrl: ${quoted(PLACEHOLDER)}`);
}

function wrong(name: string, text: string | undefined, check: (text: string) => string | null): string[] {
  const expected = text === undefined ? null : check(text);
  return expected === null
    ? []
    : [`${name}: expected ${expected}, not ${JSON.stringify(printable(text ?? '', LONGEST.name))}`];
}

interface Selected {
  readonly groups: OktaSelection;
  readonly why: string;
  readonly assumed: string | null;
}

/** The groups to sync: those of the app that was named, or of the only one that is called Secoda. */
async function selection({ app, okta }: InitInput, orgUrl: string): Promise<Selected> {
  const all = (why: string): Selected => ({
    groups: { all: true },
    why: 'all groups of Okta',
    assumed: `okta.groups is { all: true }, since ${why}: for the groups of one app put its id there, { app: '0oa1…' }`,
  });
  const ofApp = (id: string, shown: string): Selected => {
    return { groups: { app: id }, why: `groups assigned to the app ${shown}`, assumed: null };
  };
  // An id says all: nobody has to be asked.
  if (okta === null || /^0oa\w+$/.test(app ?? ''))
    return app === undefined
      ? all('there are no credentials for Okta to list its apps with')
      : ofApp(app, app);
  const found = await oktaApps(okta(orgUrl), app ?? 'Secoda').catch((error: unknown) => {
    if (error instanceof AccessError) return null;
    throw error;
  });
  if (found === null) return app === undefined ? all('the credentials may not list apps') : ofApp(app, app);
  const [one, ...others] = found;
  if (one !== undefined && others.length === 0) return ofApp(one.id, `${one.label} (${one.id})`);
  if (one === undefined && app === undefined) return all('no app of Okta is called Secoda');
  const listed = found.map(({ id, label }) => `${printable(label)} (${id})`).join(', ');
  throw new UsageError([
    one === undefined
      ? `--app ${JSON.stringify(printable(app ?? '', LONGEST.name))}: Okta lists no app whose label begins so`
      : `Okta lists ${found.length} apps: ${listed}; name one by its id with --app`,
  ]);
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}

interface ConfigParts {
  /** The module that it imports. */
  readonly settings: string;
  readonly orgUrl: string;
  readonly groups: OktaSelection;
  readonly secoda: SecodaPlace;
}

/** The shipped configuration is this text too, with placeholders. */
export function configText({ settings, orgUrl, groups, secoda }: ConfigParts): string {
  const selected = 'app' in groups ? `{ app: ${quoted(groups.app)} }` : '{ all: true }';
  const place = 'url' in secoda ? `{ url: ${quoted(secoda.url)} }` : `{ region: ${quoted(secoda.region)} }`;
  return `import { defineSync } from '${settings}';

/**
 * What acme syncs. Only \`okta.orgUrl\`, \`okta.groups\` and \`secoda\` must be given; every other line shows its default, or
 * in a comment what else it may be. Each key explains itself in an editor. OKTA_ORG_URL and SECODA_API_URL override the two addresses.
 */
export default defineSync({
  name: 'okta', // stands in the marker; a second deployment to one workspace needs another
  okta: {
    orgUrl: ${quoted(orgUrl)},
    groups: ${selected}, // one of { app: '0oa1…' }: the groups assigned to an Okta app; { search: '…' }, { filter: '…' }, { all: true }
    requestsPerMinute: 'auto', // a share of what Okta says that the org may ask, less while others are busy
    shortCutsFrom: 200, // groups in scope from which those that did not change are not read again
    fullReadDays: 7, // days after which a group is read again anyway
  },
  secoda: ${place}, // 'us' | 'eu' | 'apac', or { url: 'https://acme.secoda.co' }
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
`;
}
