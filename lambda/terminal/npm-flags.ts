import { nearMiss } from '../core/model/text.ts';
import type { Environment } from '../names.ts';
import { shellWord } from '../render/escape.ts';
import { FLAGS } from './flags.ts';

/**
 * Settings of npm's own that have the name of a flag: an `.npmrc` may hold them too, and unless they are `true` nobody asked for
 * anything. A dry run is no flag of ours, but whoever asks for one wants nothing written.
 */
const OF_NPM = ['json', 'dry-run'];

/** Those that npm answers itself, and the setting that CI gives npm for all its own questions: without it we ask, which harms nobody. */
const OTHERS = ['help', 'version', 'yes'];

const KNOWN = [...FLAGS.map(({ name }) => name).filter((name) => !OTHERS.includes(name)), 'dry-run'];

/** A command line as the script was given it. */
interface GivenLine {
  readonly argv: readonly string[];
  readonly command: string | undefined;
  /** Words that the command does not take: npm leaves them of `--group NAME`. */
  readonly extra: readonly string[];
  readonly has: (flag: string) => boolean;
  readonly valuesOf: (flag: string) => readonly string[];
}

interface Taken {
  /** As the sync knows it, also where it was misspelt. */
  readonly name: string;
  readonly values: readonly string[];
}

/** What npm took from a command line, with the one that hands it over; `null` where nothing is lost. */
export function lostToNpm(line: GivenLine, environment: Environment): string | null {
  const lost = takenByNpm(environment).filter((taken) => isMissing(taken, line));
  if (lost.length === 0) return null;
  const dry = lost.some(({ name }) => name === 'dry-run');
  const what = lost.map(({ name }) => `--${name}`).join(' and ');
  const fix =
    dry && line.command === 'onboard'
      ? 'onboard has no dry run in a terminal'
      : `flags stand behind “--”: npm run sync -- ${handedOver(line, lost, dry)}`;
  const settings = lost.filter(({ name }) => OF_NPM.includes(name)).map(({ name }) => `--no-${name}`);
  const unless = `; if it is a setting of npm's: npm run sync ${settings.join(' ')} -- ${words(line.argv)}`;
  return `npm took ${what} for itself, so nothing was done; ${fix}${settings.length === 0 ? '' : unless}`;
}

/**
 * The flags that npm took from `npm run sync apply --group=X`: without `--` before them the script is run without them, and they
 * show in its environment, as `npm_config_group` (npm 8 to 11, with `--silent` too). One that is given several times has its
 * values with a blank line between; one whose value stands behind a space is `true`.
 */
function takenByNpm(environment: Environment): readonly Taken[] {
  if (environment['npm_lifecycle_event'] === undefined) return [];
  const taken = Object.entries(environment).flatMap(([variable, value]): Taken[] => {
    const [, written] = /^npm_config_(.+)$/.exec(variable) ?? [];
    if (written === undefined || value === undefined) return [];
    const name = nearMiss(written.replaceAll('_', '-'), KNOWN);
    if (name === undefined || (OF_NPM.includes(name) && value !== 'true')) return [];
    return [{ name, values: value.split('\n\n') }];
  });
  return taken.sort((a, b) => KNOWN.indexOf(a.name) - KNOWN.indexOf(b.name));
}

/** Not so where the command line says the same once more, as that of a script which hands its flags on. */
function isMissing({ name, values }: Taken, { command, has, valuesOf }: GivenLine): boolean {
  if (name === 'dry-run') return (command === 'apply' || command === 'onboard') && !has('no-dry-run');
  return takesValue(name) ? values.some((value) => !valuesOf(name).includes(value)) : !has(name);
}

function handedOver({ argv, extra }: GivenLine, lost: readonly Taken[], dry: boolean): string {
  const [word, ...others] = extra;
  const open = lost.filter(({ name, values }) => takesValue(name) && values.join() === 'true');
  const found = open.length === 1 && others.length === 0 ? word : undefined;
  const rest = found === undefined ? argv : argv.toSpliced(argv.lastIndexOf(found), 1);
  const flags = lost.flatMap(({ name, values }) => {
    if (name === 'dry-run') return [];
    if (!takesValue(name)) return [`--${name}`];
    if (open.some((each) => each.name === name))
      return [`--${name}=${found === undefined ? '…' : shellWord(found)}`];
    return values.map((value) => `--${name}=${shellWord(value)}`);
  });
  return [words(rest.map((each) => (dry && each === 'apply' ? 'plan' : each))), ...flags].join(' ').trim();
}

function words(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ');
}

function takesValue(flag: string): boolean {
  return FLAGS.some(({ name, type }) => name === flag && type === 'string');
}
