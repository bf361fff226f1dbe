import { UsageError } from '../lambda/errors.ts';
import type { Settings } from '../lambda/settings.ts';
import { loadSettings } from '../lambda/settings/load.ts';
import { systemClock } from '../lambda/services/clock.ts';
import { nextRun } from '../lambda/settings/schedule.ts';
import { nearMiss } from '../lambda/core/model/text.ts';

const DEFAULT_STACK = 'okta-secoda-sync';

/** What CloudFormation takes, and short enough for `NAME-start` to be the name of a function. */
const STACK_NAME = /^[a-z][a-z0-9-]{0,57}$/i;

const KEYS: readonly string[] = ['config', 'stackName'];

/** What is deployed under which name. */
export interface Chosen {
  readonly stackName: string;
  readonly settings: Settings;
}

/**
 * What `-c stackName=NAME` and `-c config=FILE` choose. The configuration counts as it is written: an address exported in the
 * shell of whoever deploys stays there. Throws `UsageError` with every problem.
 */
export async function readContext(context: Readonly<Record<string, unknown>>): Promise<Chosen> {
  const stackName = textOf(context['stackName'], 'stackName') ?? DEFAULT_STACK;
  const file = textOf(context['config'], 'config');
  const problems = slips(Object.keys(context));
  if (!STACK_NAME.test(stackName)) {
    problems.push(
      `stackName: expected up to 58 letters, digits and hyphens, the first a letter, got ${JSON.stringify(stackName)}`,
    );
  }
  try {
    const settings = await loadSettings(file, {});
    problems.push(...secretProblems(settings), ...scheduleProblems(settings));
    if (problems.length === 0) return { stackName, settings };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    problems.push(...error.problems);
  }
  throw new UsageError(problems);
}

/** CDK has keys of its own, so that one which is not known may be right; one that nearly is would deploy something else. */
function slips(keys: readonly string[]): string[] {
  return keys.flatMap((key) => {
    const near = KEYS.includes(key) ? undefined : nearMiss(key, KEYS);
    return near === undefined ? [] : [`-c ${key}=…: did you mean ${near}?`];
  });
}

function textOf(value: unknown, key: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new UsageError([`${key}: expected a text, as in -c ${key}=…`]);
}

/** AWS takes no schedule that is over. Where it was deployed before, its functions go on. */
function scheduleProblems({ schedule }: Settings): string[] {
  const over = schedule.enabled !== false && nextRun(schedule, systemClock.now()) === null;
  return over ? ['schedule.cron: expected a time that is still to come: all of its years are past'] : [];
}

/** A right on an ARN without the ending that Secrets Manager gives would be a right on nothing. */
function secretProblems({ secrets }: Settings): string[] {
  return Object.entries(secrets).flatMap(([side, arn]) =>
    arn === null || /-[A-Za-z0-9]{6}$/.test(arn)
      ? []
      : [
          `secrets.${side}: expected the whole ARN, with the six characters that Secrets Manager puts at its end`,
        ],
  );
}
