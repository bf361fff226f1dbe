import { begunBy, type Invocation } from '../events/origin.ts';
import { eventOf, readRequest } from '../events/request.ts';
import type { Archive, Clock, Launcher } from '../../ports.ts';
import { runIdAt } from '../../archive/run-id.ts';
import { finished, type Finished, type Running, watchFor } from './answer.ts';
import type { Log } from './log.ts';

/** Milliseconds in which a person has an answer; the function itself has a minute. */
const ANSWER_WITHIN = 50_000;

export interface FrontDoor {
  readonly launcher: Launcher;
  /** Where `Sync` leaves its records. */
  readonly archive: Archive;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Begins the run that a person asks for and answers with the head of its report, or with where it will be. Throws
 * `UsageError` for an event that is not understood; nothing is begun then.
 */
export async function takeRequest(
  event: unknown,
  invocation: Invocation,
  door: FrontDoor,
): Promise<Finished | Running> {
  const { launcher, archive, clock, random, log } = door;
  const until = clock.now() + ANSWER_WITHIN;
  const request = readRequest(event);
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
  return text === null ? { status: 'running', ...run } : finished(text, run);
}
