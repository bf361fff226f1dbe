/** What the durable execution API of Lambda is sent and answers, as JSON (API version 2025-12-01). */
import * as z from 'zod';

const errorObject = z.strictObject({
  ErrorMessage: z.string().optional(),
  ErrorType: z.string().optional(),
  ErrorData: z.string().optional(),
  StackTrace: z.array(z.string()).optional(),
});

/** One change of one operation. Callbacks and chained invocations are not served here. */
const updateShape = z.strictObject({
  Id: z.string().min(1),
  ParentId: z.string().optional(),
  Name: z.string().max(256).optional(),
  Type: z.enum(['STEP', 'WAIT', 'CONTEXT', 'EXECUTION']),
  SubType: z.string().optional(),
  Action: z.enum(['START', 'SUCCEED', 'FAIL', 'RETRY']),
  Payload: z.string().optional(),
  Error: errorObject.optional(),
  ContextOptions: z.strictObject({ ReplayChildren: z.boolean().optional() }).optional(),
  StepOptions: z.strictObject({ NextAttemptDelaySeconds: z.int().min(1).max(31_622_400) }).optional(),
  WaitOptions: z.strictObject({ WaitSeconds: z.int().min(1).max(31_622_400) }).optional(),
});
export type Update = z.infer<typeof updateShape>;
export type ErrorObject = z.infer<typeof errorObject>;

export const checkpointShape = z.strictObject({
  CheckpointToken: z.string(),
  ClientToken: z.string().optional(),
  Updates: z.array(updateShape).optional(),
});

export type Status = 'STARTED' | 'PENDING' | 'READY' | 'SUCCEEDED' | 'FAILED';

/** An operation as it is kept; times in epoch milliseconds. */
export interface Operation {
  readonly Id: string;
  readonly ParentId?: string | undefined;
  readonly Name?: string | undefined;
  readonly Type: Update['Type'];
  readonly SubType?: string | undefined;
  readonly StartTimestamp: number;
  readonly EndTimestamp?: number;
  readonly Status: Status;
  readonly ExecutionDetails?: { readonly InputPayload: string };
  readonly ContextDetails?: {
    Result?: string | undefined;
    Error?: ErrorObject | undefined;
    ReplayChildren?: boolean;
  };
  readonly StepDetails?: {
    readonly Attempt?: number;
    readonly NextAttemptTimestamp?: number;
    readonly Result?: string | undefined;
    readonly Error?: ErrorObject | undefined;
  };
  readonly WaitDetails?: { readonly ScheduledEndTimestamp: number };
}

/** What an invocation is given, and what it answers. */
export interface InvocationInput {
  readonly DurableExecutionArn: string;
  readonly CheckpointToken: string;
  readonly InitialExecutionState: { readonly Operations: readonly object[]; readonly NextMarker?: string };
  readonly UpdatedOperationIds: readonly string[];
}
export const outputShape = z.discriminatedUnion('Status', [
  z.strictObject({ Status: z.literal('SUCCEEDED'), Result: z.string().optional() }),
  z.strictObject({ Status: z.literal('FAILED'), Error: errorObject.optional() }),
  z.strictObject({ Status: z.literal('PENDING') }),
]);

/** Times in answers of the API are epoch seconds; in an invocation's input they are ISO 8601. */
export function onWire(operation: Operation, time: (ms: number) => number | string): object {
  const { StartTimestamp, EndTimestamp, StepDetails, WaitDetails } = operation;
  const next = StepDetails?.NextAttemptTimestamp;
  return {
    ...operation,
    StartTimestamp: time(StartTimestamp),
    ...(EndTimestamp === undefined ? {} : { EndTimestamp: time(EndTimestamp) }),
    ...(StepDetails === undefined
      ? {}
      : {
          StepDetails: {
            ...StepDetails,
            ...(next === undefined ? {} : { NextAttemptTimestamp: time(next) }),
          },
        }),
    ...(WaitDetails === undefined
      ? {}
      : { WaitDetails: { ScheduledEndTimestamp: time(WaitDetails.ScheduledEndTimestamp) } }),
  };
}
export const seconds = (ms: number): number => ms / 1000;
export const iso = (ms: number): string => new Date(ms).toISOString();
