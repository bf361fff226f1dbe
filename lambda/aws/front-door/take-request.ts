import { UsageError } from '../../errors.ts';
import { isObject } from '../../settings/values.ts';
import { printable } from '../../render/escape.ts';
import { begunBy, type Invocation, isForApprovals } from '../events/origin.ts';
import { eventOf, readRequest } from '../events/invocation.ts';
import type { Archive, Clock, Launcher } from '../../ports.ts';
import { runIdAt } from '../../archive/run-index.ts';
import { finished, type Log, watchFor } from './answer.ts';

/** Milliseconds in which a person has an answer; the function itself has a minute. */
const ANSWER_WITHIN = 50_000;

/** What is accepted stands at its end. */
const LONGEST_ERROR = 4_000;

interface FrontDoor {
  readonly launcher: Launcher;
  /** Where `Sync` leaves its records. */
  readonly archive: Archive;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly log: Log;
}

/** Begins a run and answers with the head of its report, or where it will be. A slip is an answer, too: a failure would be an alarm. */
export async function takeRequest(event: unknown, invocation: Invocation, door: FrontDoor) {
  const { launcher, archive, clock, random, log } = door;
  const until = clock.now() + ANSWER_WITHIN;
  const request = understood(event, invocation.invokedFunctionArn);
  if ('error' in request) {
    // What it says may hold an address, and many can read a log.
    log('warn', 'event not understood', {});
    return request;
  }
  const runId = runIdAt(clock.now(), random);
  const { executionArn, started } = await launcher.launch(runId, {
    ...eventOf(request),
    ...begunBy(event, invocation),
  });
  if (!started) throw new Error(`A run ${runId} exists already, begun with another event. Ask again`);
  log('info', 'run started', { runId, kind: request.kind, executionArn });
  const key = `${runId}/report.json`;
  const run = { runId, executionArn, report: `${archive.address}${key}` };
  const text = await watchFor(key, until, door);
  return text === null ? { status: 'running' as const, ...run } : finished(text, run);
}

/** What is asked for; or every problem of an event that is not understood, and what is accepted: then nothing is begun. */
function understood(event: unknown, functionArn: string) {
  try {
    return readRequest(event, functionArn);
  } catch (error) {
    // A batch that SQS would take for dealt with is no slip of a person's. (SQS knows no alias.)
    const batch = isObject(event) && 'Records' in event && !isForApprovals(functionArn);
    if (!(error instanceof UsageError) || batch) throw error;
    return {
      status: 'failed' as const,
      runId: null,
      error: printable(error.problems.join('; '), LONGEST_ERROR),
    };
  }
}
