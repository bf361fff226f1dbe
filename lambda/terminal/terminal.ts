import type { Timeouts } from '../services/http/send.ts';
import type { Clock } from '../ports.ts';
import { type Environment, variable } from '../names.ts';
import type { Output } from '../render/style.ts';
import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import type { Origin } from '../core/model/request.ts';

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
  /** Aborted, for the reason of an `Interrupted`, by Ctrl-C or SIGTERM; never unless given. */
  readonly interruption?: AbortSignal;
  /** The usual ones unless given. */
  readonly timeouts?: Timeouts;
}

/** The next line of what is typed, `null` at its end. Without an output, so that Ctrl-C stays a signal to the process. */
export async function typedLine(input: NodeJS.ReadableStream): Promise<string | null> {
  const lines = createInterface({ input });
  const typed = new Promise<string | null>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(null));
  });
  return typed.finally(() => lines.close());
}

/** npm hands a Ctrl-C on that the terminal has sent to everybody: what comes so soon (milliseconds) is no second one. */
const SAME_MS = 1_000;

/** Asked at each signal whether it is one more, and not the first once more. */
export function aSecondSignal(clock: Pick<Clock, 'now'>): () => boolean {
  let first: number | null = null;
  return () => clock.now() - (first ??= clock.now()) >= SAME_MS;
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

/** Has whoever interrupts a run that writes know at once why it does not end at once. */
export function tellInterruption({ stderr, interruption }: Terminal): void {
  const words = 'Interrupted: ending with the write in flight. Again, and it ends at once.\n';
  interruption?.addEventListener('abort', () => stderr.write(words));
}
