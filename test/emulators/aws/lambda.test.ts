import {
  CheckpointDurableExecutionCommand,
  GetDurableExecutionStateCommand,
  InvokeCommand,
  LambdaClient,
  type OperationUpdate,
} from '@aws-sdk/client-lambda';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HeldClock } from '../../time/clock.ts';
import type { DurableExecution, Limits } from './execution.ts';
import { startLambda } from './lambda.ts';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:Sync:live';

async function scenario(limits: Partial<Limits> = {}) {
  const clock = new HeldClock();
  const lambda = await startLambda({ clock, limits });
  const client = new LambdaClient({
    endpoint: lambda.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  onTestFinished(async () => {
    client.destroy();
    await lambda.close();
  });
  const started: DurableExecution[] = [];
  lambda.define(ARN, (execution) => void started.push(execution));
  const invoke = (payload: object, name?: string, more: object = {}) =>
    client.send(
      new InvokeCommand({
        FunctionName: ARN,
        InvocationType: 'Event',
        Payload: JSON.stringify(payload),
        ...(name === undefined ? {} : { DurableExecutionName: name }),
        ...more,
      }),
    );
  const execution = () => lambda.start(ARN, '{}', 'run');
  const checkpoint = (token: string, Updates: OperationUpdate[], ClientToken?: string) =>
    client.send(
      new CheckpointDurableExecutionCommand({
        DurableExecutionArn: execution().arn,
        CheckpointToken: token,
        Updates,
        ...(ClientToken === undefined ? {} : { ClientToken }),
      }),
    );
  return { clock, lambda, client, started, invoke, execution, checkpoint };
}

const step = (Action: 'START' | 'SUCCEED' | 'FAIL' | 'RETRY', more: Partial<OperationUpdate> = {}) => ({
  Id: 's',
  Type: 'STEP' as const,
  Action,
  Name: 'plan',
  ...more,
});
const wait = { Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 60 } } as const;
const invalid = { name: 'InvalidParameterValueException' };

describe('invoking a durable function', () => {
  it('starts one execution a name, however often it is asked for', async () => {
    const { started, invoke } = await scenario();
    const first = await invoke({ a: 1 }, 'run-1');
    const again = await invoke({ a: 1 }, 'run-1');
    expect(first.StatusCode).toBe(202);
    expect(first.DurableExecutionArn).toContain(`${ARN}/durable-execution/run-1/`);
    expect(again.DurableExecutionArn).toBe(first.DurableExecutionArn);
    expect(started.map(({ payload }) => payload)).toEqual(['{"a":1}']);
    const refusal = { name: 'DurableExecutionAlreadyStartedException' };
    await expect(invoke({ a: 2 }, 'run-1')).rejects.toMatchObject(refusal);
    await invoke({ a: 1 });
    expect(started).toHaveLength(2);
  });

  it('takes no other way', async () => {
    const { invoke } = await scenario();
    await expect(invoke({}, 'run', { InvocationType: 'RequestResponse' })).rejects.toMatchObject(invalid);
    await expect(invoke({}, 'run', { FunctionName: 'Sync' })).rejects.toMatchObject(invalid);
    await expect(invoke({}, 'a run')).rejects.toMatchObject(invalid);
    const elsewhere = { FunctionName: `${ARN}2` };
    await expect(invoke({}, 'run', elsewhere)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('a checkpoint', () => {
  it('keeps what a step returned, and gives the next token', async () => {
    const { client, execution, checkpoint } = await scenario();
    const { CheckpointToken: first } = execution().begin({ again: false });
    const { CheckpointToken: second = '' } = await checkpoint(first, [step('START')]);
    const answer = await checkpoint(second, [step('SUCCEED', { Payload: '"x"' })]);
    expect(answer.NewExecutionState?.Operations?.[0]).toMatchObject({
      Id: 's',
      Status: 'SUCCEEDED',
      StepDetails: { Attempt: 1, Result: '"x"' },
      EndTimestamp: new Date(Date.UTC(2026, 0, 1)),
    });
    const state = await client.send(
      new GetDurableExecutionStateCommand({
        DurableExecutionArn: execution().arn,
        CheckpointToken: answer.CheckpointToken,
        Marker: '1',
      }),
    );
    expect(state.Operations?.map(({ Id }) => Id)).toEqual(['s']);
  });

  it('is refused with a token that was used or belongs to an earlier invocation', async () => {
    const { execution, checkpoint } = await scenario();
    const { CheckpointToken: first } = execution().begin({ again: false });
    const { CheckpointToken: second = '' } = await checkpoint(first, [step('START')]);
    const stale = { ...invalid, message: 'Invalid checkpoint token' };
    await expect(checkpoint(first, [step('SUCCEED')])).rejects.toMatchObject(stale);
    execution().begin({ again: true });
    await expect(checkpoint(second, [step('SUCCEED')])).rejects.toMatchObject(stale);
    expect(execution().used).toMatchObject({ stale: 2, operations: 3 });
  });

  it('gets the same answer when it is repeated, as by an SDK whose answer was lost', async () => {
    const { lambda, execution, checkpoint } = await scenario();
    const { CheckpointToken: token } = execution().begin({ again: false });
    const first = await checkpoint(token, [step('START')], 'client-token');
    const again = await checkpoint(token, [step('START')], 'client-token');
    expect(again.CheckpointToken).toBe(first.CheckpointToken);
    expect(execution().used.checkpoints).toBe(1);
    expect(lambda.requests).toHaveLength(2);
  });

  it('ends waits and begins attempts when their time has come, and not before', async () => {
    const { clock, execution, checkpoint } = await scenario();
    const { CheckpointToken: token } = execution().begin({ again: false });
    const retry = step('RETRY', {
      StepOptions: { NextAttemptDelaySeconds: 30 },
      Error: { ErrorMessage: 'no' },
    });
    await checkpoint(token, [wait, step('START'), retry]);
    expect(execution().end({ Status: 'PENDING' })).toBe(clock.now() + 30_000);
    const statuses = () =>
      execution()
        .operations.slice(1)
        .map(({ Status }) => Status);
    clock.advance(30_000);
    execution().begin({ again: false });
    expect(statuses()).toEqual(['STARTED', 'READY']);
    expect(execution().end({ Status: 'PENDING' })).toBe(clock.now() + 30_000);
    clock.advance(30_000);
    expect(execution().begin({ again: false }).UpdatedOperationIds).toEqual(['w']);
    expect(statuses()).toEqual(['SUCCEEDED', 'READY']);
  });

  it('is refused whole when one of its updates cannot be', async () => {
    const { execution, checkpoint } = await scenario();
    const { CheckpointToken: token } = execution().begin({ again: false });
    const done = [step('START'), step('SUCCEED')];
    const wrong: OperationUpdate[][] = [
      [...done, step('SUCCEED')],
      [...done, step('START')],
      [wait, wait],
      [{ ...wait, WaitOptions: undefined }],
      [step('RETRY')],
      [step('FAIL', { Payload: 'x' })],
      [{ Id: 'c', Type: 'CALLBACK', Action: 'START' }],
    ];
    for (const updates of wrong) await expect(checkpoint(token, updates)).rejects.toMatchObject(invalid);
    expect(execution().operations).toHaveLength(1);
    await checkpoint(token, done);
  });

  it('is refused beyond the limits', async () => {
    const { execution, checkpoint } = await scenario({ operations: 2, payload: 10, written: 15 });
    const { CheckpointToken: token } = execution().begin({ again: false });
    const payload = (size: number) => [step('SUCCEED', { Payload: 'x'.repeat(size) })];
    await expect(checkpoint(token, payload(11))).rejects.toThrow('too large');
    await expect(checkpoint(token, [step('START'), wait])).rejects.toThrow('More than 2 operations');
    const { CheckpointToken: next = '' } = await checkpoint(token, [step('START')]);
    await checkpoint(next, payload(8));
    expect(execution().used).toMatchObject({ operations: 2, largest: 8, written: 8 });
  });
});

describe('an execution', () => {
  it('cannot be pending on nothing', async () => {
    const { execution } = await scenario();
    execution().begin({ again: false });
    expect(() => execution().end({ Status: 'PENDING' })).toThrow('nothing will ever wake it');
  });

  it('hides what happened inside a context that has ended', async () => {
    const { execution, checkpoint } = await scenario();
    const { CheckpointToken: token } = execution().begin({ again: false });
    const context = { Id: 'c', Type: 'CONTEXT', Action: 'START' } as const;
    const inside = step('START', { ParentId: 'c' });
    const { CheckpointToken: next = '' } = await checkpoint(token, [context, inside]);
    const shown = () => execution().begin({ again: false }).InitialExecutionState.Operations.length;
    await checkpoint(next, [step('SUCCEED'), { ...context, Action: 'SUCCEED' }]);
    expect(shown()).toBe(2);
  });

  it('takes no more checkpoints when it has ended', async () => {
    const { execution, checkpoint } = await scenario();
    const { CheckpointToken: token } = execution().begin({ again: false });
    execution().end({ Status: 'SUCCEEDED', Result: '{"ok":true}' });
    expect(execution().outcome).toEqual({ status: 'SUCCEEDED', result: { ok: true } });
    await expect(checkpoint(token, [step('START')])).rejects.toMatchObject(invalid);
  });
});
