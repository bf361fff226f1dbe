import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AccessError, UsageError } from '../errors.ts';
import type { Launcher, Traffic } from '../ports.ts';
import type { Edges } from '../compose.ts';

/** In milliseconds. Three attempts stay below the time in which a person is answered. */
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/**
 * Starts the durable function `functionArn` (qualified by its alias) by asynchronous invocations. The execution's name makes
 * repeating one harmless: the same name and payload stand for the execution that is there already
 * (docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html). Throws `AccessError` when it may not, and
 * `UsageError` when there is no such function.
 */
export function syncFunction(functionArn: string): Launcher {
  const lambda = new LambdaClient({ requestHandler: TIMEOUTS, maxAttempts: 3 });
  return {
    async launch(name, event) {
      const command = new InvokeCommand({
        FunctionName: functionArn,
        InvocationType: 'Event',
        DurableExecutionName: name,
        Payload: JSON.stringify(event),
      });
      try {
        const { DurableExecutionArn } = await lambda.send(command);
        return { executionArn: DurableExecutionArn ?? null, started: true };
      } catch (error) {
        if (error instanceof Error && error.name === 'DurableExecutionAlreadyStartedException') {
          return { executionArn: null, started: false };
        }
        throw launchError(functionArn, error);
      }
    },
  };
}

function launchError(functionArn: string, error: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const where = `Invoke ${functionArn}`;
  if (name === 'AccessDeniedException') {
    return new AccessError(`${where}: Lambda refused. Needed is lambda:InvokeFunction on this very alias`, {
      cause: error,
    });
  }
  if (name === 'ResourceNotFoundException') {
    return new UsageError([`${where}: there is no such function or alias; deploy the stack again`]);
  }
  return new Error(`${where}: ${name}: ${message}. Asking again does no harm`, { cause: error });
}

const NONE: Traffic = { reads: 0, writes: 0, throttled: 0, retries: 0 };

/** Edges that are opened with the first request, since credentials are fetched within a step only; again where that failed. */
export function lazyEdges(open: () => Promise<Edges>): Edges {
  let opened: Edges | null = null;
  let opening: Promise<Edges> | null = null;
  const edges = (): Promise<Edges> => {
    opening ??= open().then(
      (found) => (opened = found),
      (error: unknown) => {
        opening = null;
        throw error;
      },
    );
    return opening;
  };
  return {
    directory: {
      groups: async () => (await edges()).directory.groups(),
      group: async (id) => (await edges()).directory.group(id),
      selects: async (id) => (await edges()).directory.selects(id),
      chosen: async (...all) => (await edges()).directory.chosen(...all),
      members: async (id) => (await edges()).directory.members(id),
      listed: async (ids) => (await edges()).directory.listed(ids),
      changedSince: async (...all) => (await edges()).directory.changedSince(...all),
      blindTo: async (known) => (await edges()).directory.blindTo(known),
      skewMs: () => opened?.directory.skewMs() ?? null,
      traffic: () => opened?.directory.traffic() ?? NONE,
    },
    workspace: {
      users: async () => (await edges()).workspace.users(),
      groups: async () => (await edges()).workspace.groups(),
      group: async (id) => (await edges()).workspace.group(id),
      traffic: () => opened?.workspace.traffic() ?? NONE,
    },
    people: {
      person: async (id) => (await edges()).people.person(id),
      byEmail: async (email) => (await edges()).people.byEmail(email),
      groupsOf: async (id) => (await edges()).people.groupsOf(id),
      traffic: () => opened?.people.traffic() ?? NONE,
    },
    lookup: {
      named: async (text) => (await edges()).lookup.named(text),
      like: async (text) => (await edges()).lookup.like(text),
    },
    adder: {
      add: async (...all) => (await edges()).adder.add(...all),
    },
    inviter: {
      invite: async (...all) => (await edges()).inviter.invite(...all),
    },
    writer: {
      create: async (...all) => (await edges()).writer.create(...all),
      update: async (...all) => (await edges()).writer.update(...all),
      remove: async (...all) => (await edges()).writer.remove(...all),
    },
  };
}
