import type { Timeouts } from '../services/http/send.ts';
import type { Clock } from '../ports.ts';
import { type Environment, variable } from '../names.ts';
import { type Output, styleFor } from '../render/style.ts';
import { hostname, userInfo } from 'node:os';
import type { Origin } from '../core/model/request.ts';
import { printable } from '../render/escape.ts';
import type { Progress } from './progress.ts';

/** Everything the terminal's surroundings lend to a command. */
export interface Terminal {
  readonly environment: Environment;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Where answers come from, if anywhere. `line`: the next one, `null` at its end. */
  readonly stdin?: { readonly isTTY?: boolean; readonly line: () => Promise<string | null> };
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** Sets what is done, at once, before an interruption ends the process; `itself`: the command ends soon without that. The latest counts. */
  readonly whenInterrupted?: (say: () => void, ends?: 'itself') => void;
  /** The usual ones unless given. */
  readonly timeouts?: Timeouts;
}

/** Where the usual CI systems name the person who started a job. */
const ACTORS = [
  'GITHUB_ACTOR',
  'GITLAB_USER_LOGIN',
  'BUILDKITE_BUILD_CREATOR',
  'CIRCLE_USERNAME',
  'BUILD_REQUESTEDFOR',
  'BITBUCKET_STEP_TRIGGERER_UUID',
] as const;

/** A run from a terminal: asked for by the CI's actor, else by the user at this host. */
export function terminalOrigin(
  reason: string | null,
  environment: Environment,
): Omit<Origin, 'version' | 'config'> {
  const actor = ACTORS.map((name) => variable(environment, name)).find((each) => each !== undefined);
  const requestedBy = actor ?? `${userName() ?? 'unknown'}@${hostname()}`;
  return { trigger: 'terminal', requestedBy, reason, awsRequestId: null, functionArn: null };
}

function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no name.
    return null;
  }
}

/** What is said of a command that was interrupted before it could have written anything. */
export const NOTHING_WRITTEN = 'Interrupted: nothing was written.\n';

/** Has a run that is interrupted leave a clean line and say how it goes on. */
export function tellInterruptedRun(
  terminal: Terminal,
  {
    record,
    writes,
    progress,
  }: { readonly record: string; readonly writes: boolean; readonly progress: Progress },
): void {
  const { stderr, environment } = terminal;
  const style = styleFor(stderr, environment);
  terminal.whenInterrupted?.(() => {
    progress.clear();
    const words = writes
      ? 'Interrupted: what was written before stays, and the next run goes on from there.'
      : NOTHING_WRITTEN.trimEnd();
    const place = style.dim(`record, as far as there is one: ${printable(record)}`);
    stderr.write(`${style.warn(style.bold(words))}\n${place}\n`);
  });
}

/** Has a `doctor --probe` that is interrupted name what it may leave behind. */
export function tellInterruptedProbe({ stderr, whenInterrupted }: Terminal, group: string): void {
  const words = `Interrupted. Look in Secoda for a group "${printable(group)}": if it is there, delete it.\n`;
  whenInterrupted?.(() => stderr.write(words));
}
