import { parseArgs } from 'node:util';
import { didYouMean } from '../core/model/text.ts';
import { CommandLineError, UsageError } from '../errors.ts';
import { ENVIRONMENT, type Environment, variable } from '../names.ts';
import { COMMANDS, DEFAULT_RUNS, FLAGS, FORMATS } from './flags.ts';
import { LONGEST, printable } from '../render/escape.ts';
import { lostToNpm } from './npm-flags.ts';
import { ADDRESS } from '../settings/values.ts';

/** What the command line asks for. */
export type Command = ReturnType<typeof parseArguments>;

/**
 * Reads the command line. Throws `CommandLineError` with every problem at once, and `UsageError` where npm took flags from it:
 * nothing else that is found then is what was meant.
 */
export function parseArguments(argv: readonly string[], environment: Environment) {
  // Not strict: parseArgs would stop at the first mistake, and does not suggest what was meant.
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(FLAGS.map(({ name, ...option }) => [name, option])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const given = tokens.filter((token) => token.kind === 'option');
  const has = (flag: string) => given.some(({ name }) => name === flag);
  const valuesOf = (flag: string) =>
    given.flatMap(({ name, value }) => (name === flag && value ? [value] : []));
  const [word] = positionals;
  const rest: readonly string[] = positionals.slice(1);
  const named = (text: string | undefined) => COMMANDS.find((each) => each === text);
  const name = named(word);
  if (word === 'help' || has('help')) return { name: 'help' as const, about: name ?? named(rest[0]) };
  if (has('version')) return { name: 'version' as const };

  const takesAddresses = name === 'onboard' || name === 'history' || name === 'explain';
  const extra = takesAddresses ? rest.filter((each) => !ADDRESS.test(each)) : rest;
  const lost = lostToNpm({ argv, command: name, extra, has, valuesOf }, environment);
  if (lost !== null) throw new UsageError([lost]);
  const [written] = valuesOf('format');
  const format = has('json') ? 'json' : (FORMATS.find((each) => each === written) ?? 'text');
  const problems = [
    ...commandProblems(word),
    ...given.flatMap((token) => flagProblems(token, name)),
    ...FLAGS.filter((flag) => !flag.multiple && valuesOf(flag.name).length > 1).map(
      (flag) => `--${flag.name} is given more than once`,
    ),
    ...wordProblems(name, rest),
    ...togetherProblems(name, rest, has),
    ...((name === 'explain' || (name === 'show' && has('members'))) && valuesOf('group').length > 1
      ? [`${name} is about one group here: give --group once`]
      : []),
    ...formatProblems(name, written, has),
  ];
  if (name === undefined || problems.length > 0) throw new CommandLineError(problems);

  const one = (flag: string) => valuesOf(flag)[0] ?? null;
  const common = {
    config: valuesOf('config')[0],
    /** Empty for all. */
    groups: valuesOf('group'),
    format,
    runs: one('runs') ?? variable(environment, ENVIRONMENT.runs) ?? DEFAULT_RUNS,
    /** Why the run is made, for its record. */
    reason: one('reason'),
  };
  const full = has('full');
  /** Counts without people. */
  const summary = has('summary');
  /** Writes although the configuration says `dryRun: true`. */
  const noDryRun = has('no-dry-run');
  const [first = null] = rest;
  if (name === 'plan')
    return { ...common, name, full, summary, from: one('from'), expectNoChanges: has('expect-no-changes') };
  if (name === 'apply')
    return { ...common, name, full, summary, noDryRun, approve: one('approve'), yes: has('yes') };
  if (name === 'onboard')
    return { ...common, name, noDryRun, emails: rest, inviteAgain: has('invite-again') };
  if (name === 'history') {
    const told = { unmatched: has('unmatched'), csv: has('csv'), verify: has('verify') };
    const sought = { since: one('since'), status: one('status'), hash: one('hash') };
    return { ...common, ...told, ...sought, name, email: first };
  }
  if (name === 'show') return { ...common, name, run: first, members: has('members'), summary };
  if (name === 'init')
    return { ...common, name, orgUrl: one('org-url'), app: one('app'), region: one('region') };
  if (name === 'explain') return { ...common, name, email: first };
  return { ...common, name, probe: has('probe') };
}

function commandProblems(word: string | undefined): string[] {
  if (word === undefined) return [`no command; expected ${COMMANDS.join(', ')}`];
  if (COMMANDS.some((each) => each === word)) return [];
  return [
    `unknown command ${quoted(word)}${didYouMean(word, COMMANDS) || `; expected ${COMMANDS.join(', ')}`}`,
  ];
}

function unexpected(extra: string): string {
  return `unexpected argument ${quoted(extra)}; a group is named with --group`;
}

function wordProblems(name: string | undefined, rest: readonly string[]): string[] {
  if (name === 'onboard') return addressProblems(rest);
  const [first, ...others] = rest;
  if (name === 'show') return others.map(unexpected);
  if (name !== 'history' && name !== 'explain') return rest.map(unexpected);
  return [...(first === undefined ? [] : addressProblems([first])), ...others.map(unexpected)];
}

function togetherProblems(
  name: string | undefined,
  words: readonly string[],
  has: (flag: string) => boolean,
): string[] {
  return [
    ...(name === 'show' && has('members') && !has('group') ? ['--members needs --group NAME_OR_ID'] : []),
    ...(has('members') && has('summary')
      ? ['--members names people, and --summary names none: give one']
      : []),
    ...(has('from') ? ['group', 'full', 'reason'].filter(has) : []).map(
      (flag) => `--from plans the whole of a run again, and leaves no record: leave out --${flag}`,
    ),
    ...(has('hash') && !has('verify') ? ['--hash goes with --verify'] : []),
    ...(name === 'explain' && words.length === 0 && !has('group')
      ? ['explain needs an e-mail address, or --group NAME_OR_ID']
      : []),
  ];
}

function formatProblems(
  name: string | undefined,
  format: string | undefined,
  has: (flag: string) => boolean,
): string[] {
  const forms = ['--csv', '--json', '--format'].filter((flag) => has(flag.slice(2)));
  if (forms.length > 1) return [`${forms.join(' and ')} are forms of one answer: give one of them`];
  if (format === undefined || format === 'json' || format === 'text') return [];
  if (!FORMATS.some((each) => each === format))
    return [`--format takes ${FORMATS.join(', ')}, not ${quoted(format)}${didYouMean(format, FORMATS)}`];
  const fits = name === 'plan' || name === 'apply' || (name === 'show' && !has('members'));
  return fits ? [] : [`--format ${format} goes with plan, apply and show, and not with --members`];
}

function addressProblems(words: readonly string[]): string[] {
  if (words.length === 0) return ['onboard needs the e-mail address of somebody in Okta, or several'];
  return words.flatMap((word) => (ADDRESS.test(word) ? [] : [`${quoted(word)} is not an e-mail address`]));
}

interface GivenFlag {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  /** Written `--flag=value`. */
  readonly inlineValue?: boolean | undefined;
}

function flagProblems({ name, rawName, value, inlineValue }: GivenFlag, command: string | undefined) {
  const flag = FLAGS.find((each) => each.name === name);
  if (flag === undefined && name === 'dry-run')
    return [`${rawName} is what plan is for: it shows what apply would do, and writes nothing`];
  if (flag === undefined) {
    const known = FLAGS.map((each) => `--${each.name}`);
    return [`unknown flag ${quoted(rawName)}${didYouMean(rawName, known)}`];
  }
  if (flag.only !== undefined && command !== undefined && !flag.only.some((each) => each === command)) {
    return [`${rawName} goes with ${flag.only.join(' and ')}, not with ${command}`];
  }
  if (flag.type === 'boolean') return value === undefined ? [] : [`${rawName} takes no value`];
  // "--config --json" forgot the value; one that begins with a hyphen is written --group=-x.
  const missing =
    value === undefined || value.trim() === '' || (inlineValue !== true && value.startsWith('-'));
  return missing ? [`${rawName} needs a value`] : [];
}

function quoted(text: string): string {
  return `"${printable(text, LONGEST.name)}"`;
}
