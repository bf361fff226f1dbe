import { shellWord } from '../render/escape.ts';

export const COMMANDS = ['init', 'doctor', 'plan', 'apply', 'onboard', 'explain', 'history', 'show'] as const;

export type CommandName = (typeof COMMANDS)[number];

/** How an answer is given. */
export const FORMATS = ['text', 'markdown', 'html', 'json'] as const;

export type Format = (typeof FORMATS)[number];

type Row = readonly [written: string, does: string];

/** A flag with what it takes, how it is explained, and the commands it goes with where it is not all of them. */
interface Flag {
  readonly name: string;
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  readonly only?: readonly CommandName[];
  readonly help: Row;
}

export const FLAGS: readonly Flag[] = [
  {
    name: 'org-url',
    type: 'string',
    only: ['init'],
    help: ['--org-url URL', 'the Okta org, as https://acme.okta.com (or OKTA_ORG_URL)'],
  },
  {
    name: 'app',
    type: 'string',
    only: ['init'],
    help: ['--app APP', 'the Okta app whose groups are synced, by its id or label'],
  },
  {
    name: 'region',
    type: 'string',
    only: ['init'],
    help: ['--region us|eu|apac', 'where the Secoda workspace is (or SECODA_API_URL)'],
  },
  {
    name: 'config',
    type: 'string',
    help: ['--config FILE', 'the configuration (default sync.config.ts; .json works too)'],
  },
  {
    name: 'group',
    type: 'string',
    multiple: true,
    only: ['plan', 'apply', 'explain', 'history', 'show'],
    help: ['--group NAME_OR_ID', 'only this group; may be given several times'],
  },
  {
    name: 'full',
    type: 'boolean',
    only: ['plan', 'apply'],
    help: ['--full', "no short cuts from the last run's record"],
  },
  {
    name: 'summary',
    type: 'boolean',
    only: ['plan', 'apply', 'show'],
    help: ['--summary', 'how many people a group gains and loses, without their names'],
  },
  { name: 'from', type: 'string', only: ['plan'], help: ['--from RUN', 'plans a run again, offline'] },
  {
    name: 'expect-no-changes',
    type: 'boolean',
    only: ['plan'],
    help: ['--expect-no-changes', 'exit code 7 where anything, or with --from the plan, would change'],
  },
  {
    name: 'approve',
    type: 'string',
    only: ['apply'],
    help: ['--approve DIGEST', 'applies what was refused or held under this digest'],
  },
  {
    name: 'yes',
    type: 'boolean',
    only: ['apply'],
    help: ['--yes', 'writes without asking, as it does anyway where nobody sits in front of it'],
  },
  {
    name: 'no-dry-run',
    type: 'boolean',
    only: ['apply', 'onboard'],
    help: ['--no-dry-run', 'writes although the configuration says dryRun: true'],
  },
  {
    name: 'invite-again',
    type: 'boolean',
    only: ['onboard'],
    help: ['--invite-again', 'invites people anew who did not follow, or perhaps were not reached'],
  },
  {
    name: 'reason',
    type: 'string',
    only: ['plan', 'apply', 'onboard'],
    help: ['--reason TEXT', 'why the run is made; kept in its record'],
  },
  {
    name: 'since',
    type: 'string',
    only: ['history'],
    help: ['--since 2026-11-01|7d', 'runs and changes from then on'],
  },
  {
    name: 'status',
    type: 'string',
    only: ['history'],
    help: ['--status STATUS', 'runs that ended so, for example refused'],
  },
  {
    name: 'unmatched',
    type: 'boolean',
    only: ['history'],
    help: ['--unmatched', 'who has no Secoda account since when, and who has one by now'],
  },
  {
    name: 'verify',
    type: 'boolean',
    only: ['history'],
    help: ['--verify', 'whether the ledger is whole, and plans and reports are what they were'],
  },
  {
    name: 'hash',
    type: 'string',
    only: ['history'],
    help: ['--hash HASH', 'with --verify: of an entry, from a report or a notice, that has to be in it'],
  },
  { name: 'csv', type: 'boolean', only: ['history'], help: ['--csv', 'for a spreadsheet'] },
  {
    name: 'members',
    type: 'boolean',
    only: ['show'],
    help: ['--members', 'with --group: who was in the group then'],
  },
  {
    name: 'probe',
    type: 'boolean',
    only: ['doctor'],
    help: ['--probe', 'also tries the writes, on one scratch group in Secoda that is deleted again'],
  },
  {
    name: 'format',
    type: 'string',
    help: [
      `--format ${FORMATS.join('|')}`,
      'the answer alone on stdout; html and markdown of plan, apply and show',
    ],
  },
  { name: 'json', type: 'boolean', help: ['--json', 'the same as --format json; errors are JSON too'] },
  {
    name: 'runs',
    type: 'string',
    help: [
      '--runs DIR',
      'where records, memory and lease live: a folder (default runs/) or s3://bucket/prefix',
    ],
  },
  {
    name: 'help',
    type: 'boolean',
    short: 'h',
    help: ['--help, -h', 'explains a command, or all of them; so does the word help'],
  },
  { name: 'version', type: 'boolean', short: 'v', help: ['--version, -v', 'the version'] },
];

const EXPLAINED: Readonly<Record<CommandName, readonly [Row, ...Row[]]>> = {
  init: [['init', 'writes sync.config.ts, from its flags and from what Okta lists']],
  doctor: [['doctor', 'checks configuration, addresses, credentials and rights, each with the fix']],
  plan: [['plan', 'reads both sides, prints plan and verdict, writes nothing']],
  apply: [['apply', 'the whole run: read, plan, guard, write, report']],
  onboard: [['onboard EMAIL…', 'adds these people to the groups they are in in Okta; can only add']],
  explain: [
    ['explain EMAIL', 'why somebody is in their groups or not, and the fix; read-only'],
    ['explain --group G', 'the same of a group; with EMAIL of the person in this group'],
  ],
  history: [
    ['history', 'the last runs'],
    ['history EMAIL', "every change of this person's access; with --group of a group's"],
  ],
  show: [['show [RUN]', 'a run as its record has it: the last that could write, unless named by id']],
};

const WIDTH = 28;

/** What `--help` prints: of one command, or of all. */
export function usage(command?: CommandName): string {
  const title =
    command === undefined
      ? 'okta-secoda-sync: keeps the groups of a Secoda workspace equal to groups in Okta\n\n'
      : '';
  const own = FLAGS.filter(
    ({ only }) => command === undefined || only === undefined || only.includes(command),
  );
  const rows = (some: readonly Row[]) =>
    some.map(([written, does]) =>
      written.length > WIDTH - 3
        ? `  ${written}\n${' '.repeat(WIDTH)}${does}\n`
        : `  ${written}`.padEnd(WIDTH) + `${does}\n`,
    );
  const commands = rows(command === undefined ? Object.values(EXPLAINED).flat() : EXPLAINED[command]);
  const line = command === undefined ? 'COMMAND [FLAGS]' : `${command} [FLAGS]`;
  return `${title}Usage: npm run sync -- ${line}\n\n${commands.join('')}\n${rows(own.map(({ help }) => help)).join('')}${
    command === undefined ? REST : ''
  }`;
}

const REST = `
Environment:
  OKTA_API_TOKEN            or OKTA_CLIENT_ID and OKTA_PRIVATE_KEY (a JWK or PEM; OKTA_KEY_ID with PEM)
  SECODA_API_KEY            the key of a Secoda Admin
  OKTA_ORG_URL, SECODA_API_URL
                            override the configured addresses
  NO_COLOR, DEBUG           no colour; the stack of an unforeseen error

Exit codes: 0 done or nothing to do, 1 unforeseen, 2 usage or configuration, 3 refused,
4 partial, 5 a source could not be read completely, 6 no access, 7 changes that were not expected,
130 and 143 interrupted.
`;

/** What a command was given that an apply of the same plan must be given too. */
interface GivenAgain {
  readonly config: string | undefined;
  readonly groups: readonly string[];
  readonly runs: string;
  /** Of an onboarding. */
  readonly emails?: readonly string[];
  /** Of the configuration. */
  readonly dryRun: boolean;
}

/** Where runs are kept unless told. */
export const DEFAULT_RUNS = 'runs/';

/** The command line that applies what these arguments plan, or onboards these people, ready to be copied into a shell. */
export function applyCommand({ config, groups, runs, emails, dryRun }: GivenAgain): string {
  const words = emails ? ['npm run sync -- onboard', ...emails.map(shellWord)] : ['npm run sync -- apply'];
  if (config !== undefined) words.push('--config', shellWord(config));
  for (const group of groups) words.push('--group', shellWord(group));
  if (runs !== DEFAULT_RUNS) words.push('--runs', shellWord(runs));
  if (dryRun) words.push('--no-dry-run');
  return words.join(' ');
}
