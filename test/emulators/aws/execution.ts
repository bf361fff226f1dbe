import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../../../lambda/ports.ts';
import { dueOf, fallenDue, InvalidParameterValue, updated } from './operations.ts';
import {
  checkpointShape,
  type InvocationInput,
  iso,
  onWire,
  type Operation,
  outputShape,
  seconds,
} from './wire.ts';

/** The service's limits for one execution. */
export interface Limits {
  readonly operations: number;
  /** Bytes of one payload: a step's result, an error. */
  readonly payload: number;
  /** Bytes of all payloads together. */
  readonly written: number;
  /** Operations that an invocation is given at its start, or a page of the state holds. */
  readonly page: number;
}

export const LIMITS: Limits = { operations: 3_000, payload: 256 * 1024, written: 100 * 1024 ** 2, page: 100 };

/** How an execution ended. */
export type Outcome =
  | { readonly status: 'SUCCEEDED'; readonly result: unknown }
  | { readonly status: 'FAILED' | 'TIMED_OUT'; readonly error: string };

/** One durable execution as the service keeps it. */
export class DurableExecution {
  readonly arn: string;
  readonly payload: string;
  readonly startedAt: number;
  outcome: Outcome | null = null;
  /** Every state each operation was in, in order. */
  readonly history: Operation[] = [];
  /** What counts against the limit: operations, attempts beyond a step's first, and invocations begun again after a kill. */
  readonly used = { operations: 0, written: 0, largest: 0, checkpoints: 0, stale: 0 };
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #operations = new Map<string, Operation>();
  #token = '';
  #last: { readonly client: string; readonly answer: object } | null = null;
  #refused: string | undefined;
  #unseen = new Set<string>();

  constructor(arn: string, payload: string, clock: Clock, limits: Limits) {
    this.arn = arn;
    this.payload = payload;
    this.#clock = clock;
    this.#limits = limits;
    this.startedAt = clock.now();
    this.#keep({
      Id: randomUUID(),
      Type: 'EXECUTION',
      Status: 'STARTED',
      StartTimestamp: this.startedAt,
      ExecutionDetails: { InputPayload: payload },
    });
  }

  get operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  /** The input of the next invocation. Whatever an earlier one still holds is stale from now on. */
  begin({ again }: { readonly again: boolean }): InvocationInput {
    if (again) this.#count();
    this.#pass();
    this.#renew();
    const [Operations, NextMarker] = this.#page(0, this.#limits.page);
    const UpdatedOperationIds = [...this.#unseen];
    this.#unseen.clear();
    return {
      DurableExecutionArn: this.arn,
      CheckpointToken: this.#token,
      InitialExecutionState: {
        Operations: Operations.map((each) => onWire(each, iso)),
        ...(NextMarker === null ? {} : { NextMarker }),
      },
      UpdatedOperationIds,
    };
  }

  /** Takes what an invocation returned. @returns when the next one is due, in epoch milliseconds; `null` when it has ended */
  end(returned: unknown): number | null {
    const output = outputShape.parse(returned);
    this.#pass();
    if (output.Status === 'PENDING') {
      const dues = this.operations.map(dueOf).filter((due) => due !== null);
      if (dues.length > 0) return Math.min(...dues);
      if (this.#unseen.size > 0) return this.#clock.now();
      throw new Error(`${this.arn} is pending, but nothing will ever wake it`);
    }
    this.outcome =
      output.Status === 'SUCCEEDED'
        ? { status: 'SUCCEEDED', result: output.Result === undefined ? undefined : parsed(output.Result) }
        : { status: 'FAILED', error: JSON.stringify(output.Error) };
    return null;
  }

  state(token: string, marker: string, max: number): object {
    this.#check(token);
    const [Operations, NextMarker] = this.#page(Number(marker), Math.min(max || Infinity, this.#limits.page));
    return {
      Operations: Operations.map((each) => onWire(each, seconds)),
      ...(NextMarker === null ? {} : { NextMarker }),
    };
  }

  /** All of a request's updates take effect, or none. A request repeated with its `ClientToken` gets the same answer. */
  checkpoint(body: unknown): object {
    const request = checkpointShape.safeParse(body);
    if (!request.success) throw new InvalidParameterValue(z.prettifyError(request.error));
    const { CheckpointToken, ClientToken, Updates = [] } = request.data;
    if (ClientToken !== undefined && this.#last?.client === ClientToken) return this.#last.answer;
    this.#check(CheckpointToken, ClientToken);
    this.#pass();
    const now = this.#clock.now();
    const changed = new Map<string, Operation>();
    const sizes: number[] = [];
    let added = 0;
    for (const update of Updates) {
      const before = changed.get(update.Id) ?? this.#operations.get(update.Id);
      if (before === undefined || update.Action === 'RETRY') added += 1;
      changed.set(update.Id, updated(before, update, now));
      const failure = update.Error === undefined ? '' : JSON.stringify(update.Error);
      const size = Buffer.byteLength(update.Payload ?? '') + Buffer.byteLength(failure);
      if (size > this.#limits.payload) {
        throw new InvalidParameterValue(`A payload of ${size} bytes is too large`);
      }
      sizes.push(size);
    }
    const written = sizes.reduce((sum, size) => sum + size, 0);
    if (this.used.written + written > this.#limits.written)
      throw new InvalidParameterValue('Too much was written');
    this.#count(added);
    this.used.written += written;
    this.used.largest = Math.max(this.used.largest, ...sizes);
    this.used.checkpoints += 1;
    for (const operation of changed.values()) this.#keep(operation);
    const Operations = [...new Set([...this.#unseen, ...changed.keys()])]
      .flatMap((id) => this.#operations.get(id) ?? [])
      .map((each) => onWire(each, seconds));
    this.#unseen.clear();
    this.#renew();
    const answer = { CheckpointToken: this.#token, NewExecutionState: { Operations } };
    this.#last = ClientToken === undefined ? null : { client: ClientToken, answer };
    return answer;
  }

  #check(token: string, client?: string): void {
    if (token === this.#token && this.outcome === null) return;
    // A client that lost the answer sends the same request again: that is one stale checkpoint, not two.
    if (client === undefined || client !== this.#refused) this.used.stale += 1;
    this.#refused = client;
    // In the service's own capitals: what an SDK looks for is told apart by them.
    throw new InvalidParameterValue('Invalid checkpoint token');
  }

  #renew(): void {
    this.#token = randomUUID();
  }

  #count(more = 1): void {
    if (this.used.operations + more > this.#limits.operations) {
      throw new InvalidParameterValue(`More than ${this.#limits.operations} operations in one execution`);
    }
    this.used.operations += more;
  }

  #keep(operation: Operation): void {
    if (operation.Type === 'EXECUTION') this.#count();
    this.#operations.set(operation.Id, operation);
    this.history.push(operation);
  }

  /** Ends what has fallen due. */
  #pass(): void {
    for (const operation of this.operations) {
      const due = dueOf(operation);
      if (due === null || due > this.#clock.now()) continue;
      this.#keep(fallenDue(operation));
      this.#unseen.add(operation.Id);
    }
  }

  /** Without the children of contexts that ended, unless these are to be replayed. */
  #page(from: number, size: number): [Operation[], string | null] {
    const hidden = (operation: Operation): boolean => {
      const parent = this.#operations.get(operation.ParentId ?? '');
      if (parent === undefined) return false;
      const ended = parent.Status === 'SUCCEEDED' || parent.Status === 'FAILED';
      return (ended && parent.ContextDetails?.ReplayChildren !== true) || hidden(parent);
    };
    const shown = this.operations.filter((operation) => !hidden(operation));
    const to = from + size;
    return [shown.slice(from, to), to < shown.length ? String(to) : null];
  }
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}
