import { shellWord } from '../render/escape.ts';

export const COMMANDS = ['init', 'doctor', 'plan', 'apply', 'onboard', 'explain', 'history', 'show'] as const;

export type CommandName = (typeof COMMANDS)[number];

/** How an answer is given. */
export const FORMATS = ['text', 'markdown', 'html', 'json'] as const;

export type Format = (typeof FORMATS)[number];

type Row = readonly [written: string, does: string];

/** Every flag as it is written and explained, and the commands it goes with where it is not all of them. */
const EXPLAINED_FLAGS: readonly (readonly [...Row, only?: readonly CommandName[]])[] = [
  ['--org-url URL', 'the Okta org, as https://acme.okta.com (or OKTA_ORG_URL)', ['init']],
  ['--app APP', 'the Okta app whose groups are synced, by its id or label', ['init']],
  ['--region us|eu|apac', 'where the Secoda workspace is (or SECODA_API_URL)', ['init']],
  ['--config FILE', 'the configuration (default sync.config.ts; .json works too)'],
  [
    '--group NAME_OR_ID',
    'only this group; may be given several times',
    ['plan', 'apply', 'explain', 'history', 'show'],
  ],
  ['--full', "no short cuts from the last run's record", ['plan', 'apply']],
  ['--summary', 'how many people a group gains and loses, without their names', ['plan', 'apply', 'show']],
  ['--from RUN', 'plans a run again, offline', ['plan']],
  ['--expect-no-changes', 'exit code 7 where anything, or with --from the plan, would change', ['plan']],
  ['--approve DIGEST', 'applies what was refused or held under this digest', ['apply']],
  ['--yes', 'writes without asking, as it does anyway where nobody sits in front of it', ['apply']],
  ['--no-dry-run', 'writes although the configuration says dryRun: true', ['apply', 'onboard']],
  ['--invite-again', 'invites people anew who did not follow, or perhaps were not reached', ['onboard']],
  ['--reason TEXT', 'why the run is made; kept in its record', ['plan', 'apply', 'onboard']],
  ['--since 2026-11-01|7d', 'runs and changes from then on', ['history']],
  ['--status STATUS', 'runs that ended so, for example refused', ['history']],
  ['--unmatched', 'who has no Secoda account since when, and who has one by now', ['history']],
  ['--verify', 'whether the ledger is whole, and plans and reports are what they were', ['history']],
  ['--hash HASH', 'with --verify: of an entry, from a report or a notice, that has to be in it', ['history']],
  ['--csv', 'for a spreadsheet', ['history']],
  ['--members', 'with --group: who was in the group then', ['show']],
  ['--probe', 'also tries the writes, on one scratch group in Secoda that is deleted again', ['doctor']],
  [`--format ${FORMATS.join('|')}`, 'the answer alone on stdout; html and markdown of plan, apply and show'],
  ['--json', 'the same as --format json; errors are JSON too'],
  ['--runs DIR', 'where records, memory and lease live: a folder (default runs/) or s3://bucket/prefix'],
  ['--help, -h', 'explains a command, or all of them; so does the word help'],
  ['--version, -v', 'the version'],
];

/** What each takes and is called, as `parseArgs` asks for it, by how it is written. */
export const FLAGS = EXPLAINED_FLAGS.map(([written, , only]) => {
  const [, name = '', value, short] = /^--([a-z-]+)( [^,]+)?(?:, -(\w))?$/.exec(written) ?? [];
  const type = value === undefined ? ('boolean' as const) : ('string' as const);
  return { name, type, multiple: name === 'group', ...(short === undefined ? {} : { short }), only };
});

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
  const own = EXPLAINED_FLAGS.filter(
    ([, , only]) => command === undefined || only === undefined || only.includes(command),
  );
  const rows = (some: readonly (readonly [...Row, ...unknown[]])[]) =>
    some.map(([written, does]) => {
      const head = `  ${written}`.padEnd(WIDTH);
      return head.endsWith(' ') ? `${head}${does}\n` : `${head}\n${' '.repeat(WIDTH)}${does}\n`;
    });
  const commands = rows(command === undefined ? Object.values(EXPLAINED).flat() : EXPLAINED[command]);
  const line = command === undefined ? 'COMMAND [FLAGS]' : `${command} [FLAGS]`;
  return `${title}Usage: npm run sync -- ${line}\n\n${commands.join('')}\n${rows(own).join('')}${
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
