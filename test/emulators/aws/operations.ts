import type { Operation, Update } from './wire.ts';

/** Refused with status 400; `message` is for the caller. */
export class InvalidParameterValue extends Error {
  override readonly name = 'InvalidParameterValueException';
}

const refuse = (message: string): never => {
  throw new InvalidParameterValue(message);
};

const START_OF = { STEP: 'READY', WAIT: null, CONTEXT: null } as const;

/** What an operation becomes by an update; throws `InvalidParameterValue` where the service would not allow it. */
export function updated(before: Operation | undefined, update: Update, now: number): Operation {
  const { Type, Action } = update;
  if (Type === 'EXECUTION') return refuse('The execution itself is ended by its handler');
  if (before !== undefined && before.Type !== Type) return refuse(`${update.Id} is a ${before.Type}`);
  if (Action === 'FAIL' && update.Payload !== undefined)
    return refuse('Cannot provide a Payload for FAIL action.');
  const operation: Operation = before ?? {
    Id: update.Id,
    ParentId: update.ParentId,
    Name: update.Name,
    Type,
    SubType: update.SubType,
    StartTimestamp: now,
    Status: 'STARTED',
  };
  if (Action === 'START') {
    if (before !== undefined && before.Status !== START_OF[Type]) {
      return refuse(`Cannot start a ${Type} that is ${before.Status}`);
    }
    if (Type !== 'WAIT') return { ...operation, Status: 'STARTED' };
    const { WaitSeconds } = update.WaitOptions ?? refuse('A WAIT needs WaitSeconds');
    return { ...operation, WaitDetails: { ScheduledEndTimestamp: now + WaitSeconds * 1000 } };
  }
  if (Type === 'WAIT') return refuse('A WAIT ends by itself');
  const open = operation.Status === 'STARTED' || (Type === 'STEP' && operation.Status === 'READY');
  if (!open) return refuse(`Cannot end a ${Type} that is ${operation.Status}`);
  if (Action === 'RETRY') return retried(operation, update, now);
  const Result = update.Payload;
  const ended: Operation = {
    ...operation,
    Status: Action === 'SUCCEED' ? 'SUCCEEDED' : 'FAILED',
    EndTimestamp: now,
  };
  if (Type === 'STEP') {
    const Attempt = (operation.StepDetails?.Attempt ?? 0) + 1;
    return { ...ended, StepDetails: { Attempt, Result, Error: update.Error } };
  }
  const ReplayChildren = update.ContextOptions?.ReplayChildren ?? false;
  return { ...ended, ContextDetails: { Result, Error: update.Error, ReplayChildren } };
}

function retried(operation: Operation, update: Update, now: number): Operation {
  if (operation.Type !== 'STEP') return refuse('Only a STEP is tried again');
  const { NextAttemptDelaySeconds } = update.StepOptions ?? refuse('A retry needs NextAttemptDelaySeconds');
  const StepDetails = {
    Attempt: (operation.StepDetails?.Attempt ?? 0) + 1,
    NextAttemptTimestamp: now + NextAttemptDelaySeconds * 1000,
    Error: update.Error,
  };
  return { ...operation, Status: 'PENDING', StepDetails };
}

/** When something will happen to an operation by itself, in epoch milliseconds; `null`: nothing will. */
export function dueOf({ Type, Status, WaitDetails, StepDetails }: Operation): number | null {
  if (Type === 'WAIT' && Status === 'STARTED') return WaitDetails?.ScheduledEndTimestamp ?? null;
  if (Type === 'STEP' && Status === 'PENDING') return StepDetails?.NextAttemptTimestamp ?? null;
  return null;
}

/** What a due operation becomes: a wait is over, a step may be tried again. */
export function fallenDue(operation: Operation): Operation {
  if (operation.Type === 'STEP') return { ...operation, Status: 'READY' };
  return { ...operation, Status: 'SUCCEEDED', EndTimestamp: dueOf(operation) ?? 0 };
}
