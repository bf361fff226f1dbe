import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../../lambda/ports.ts';
import { listen } from '../listen.ts';
import { Moments } from '../moments.ts';
import { DurableExecution, LIMITS, type Limits } from './execution.ts';
import { InvalidParameterValue } from './operations.ts';
import { checkpointShape } from './wire.ts';

export interface LambdaOptions {
  readonly clock: Clock;
  readonly limits?: Partial<Limits>;
}

/** A stand-in for Lambda over HTTP: asynchronous invocations of durable functions, checkpoints and state. */
export interface LambdaEmulator {
  readonly url: string;
  /** Every execution, in the order they were started. */
  readonly executions: readonly DurableExecution[];
  /** Every request's operation: `CheckpointDurableExecution START plan, SUCCEED plan`, `GetDurableExecutionState`, `Invoke`. */
  readonly requests: readonly string[];
  readonly moments: Moments;
  /** Serves a durable function under its qualified ARN; `run` is told of every execution that starts, and is not awaited. */
  define(functionArn: string, run: (execution: DurableExecution) => void): void;
  /** As `Invoke` does. The same name and payload find the execution that is there. */
  start(functionArn: string, payload: string, name?: string): DurableExecution;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

const OPERATIONS = [
  ['CheckpointDurableExecution', 'POST', /^\/2025-12-01\/durable-executions\/([^/]+)\/checkpoint$/],
  ['GetDurableExecutionState', 'GET', /^\/2025-12-01\/durable-executions\/([^/]+)\/state$/],
  ['Invoke', 'POST', /^\/2015-03-31\/functions\/([^/]+)\/invocations$/],
] as const;

export async function startLambda({ clock, limits }: LambdaOptions): Promise<LambdaEmulator> {
  const executions = new Map<string, DurableExecution>();
  const functions = new Map<string, (execution: DurableExecution) => void>();
  const requests: string[] = [];
  const moments = new Moments();

  function start(functionArn: string, payload: string, name: string = randomUUID()): DurableExecution {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) throw new InvalidParameterValue(`Not a name: ${name}`);
    const run = functions.get(functionArn);
    if (run === undefined) throw new Refusal(404, 'ResourceNotFoundException', `No function ${functionArn}`);
    const arn = `${functionArn}/durable-execution/${name}/${randomIdOf(name)}`;
    const existing = executions.get(arn);
    if (existing?.payload === payload) return existing;
    if (existing !== undefined) {
      throw new Refusal(409, 'DurableExecutionAlreadyStartedException', `${name} runs with another payload`);
    }
    const execution = new DurableExecution(arn, payload, clock, { ...LIMITS, ...limits });
    executions.set(arn, execution);
    run(execution);
    return execution;
  }

  function invoke(functionName: string, { headers }: IncomingMessage, body: string): Answer {
    if (!/:function:[^:]+:[^:]+$/.test(functionName)) {
      throw new InvalidParameterValue(
        'A durable function is invoked by a qualified ARN: an alias or a version',
      );
    }
    if (headers['x-amz-invocation-type'] !== 'Event') {
      throw new InvalidParameterValue(
        'A function that runs longer than 15 minutes is invoked asynchronously',
      );
    }
    if (Buffer.byteLength(body) > 1024 ** 2) {
      throw new Refusal(413, 'RequestTooLargeException', 'Events have at most 1 MB');
    }
    const name = headers['x-amz-durable-execution-name'];
    const { arn } = start(functionName, body, typeof name === 'string' ? name : undefined);
    return { status: 202, headers: { 'x-amz-durable-execution-arn': arn } };
  }

  function serve(operation: string, name: string, request: IncomingMessage, url: URL, body: string): Answer {
    if (operation === 'Invoke') return invoke(name, request, body);
    const execution = executions.get(name);
    if (execution === undefined) throw new Refusal(404, 'ResourceNotFoundException', `No execution ${name}`);
    if (operation === 'CheckpointDurableExecution') {
      const asked: unknown = JSON.parse(body);
      return { status: 200, body: execution.checkpoint(asked) };
    }
    const query = (key: string): string => url.searchParams.get(key) ?? '';
    const page = execution.state(query('CheckpointToken'), query('Marker'), Number(query('MaxItems')));
    return { status: 200, body: page };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://lambda');
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const known = OPERATIONS.find(([, method, path]) => method === request.method && path.test(url.pathname));
    const body = Buffer.concat(chunks).toString();
    const name = known?.[0] ?? `${request.method ?? ''} ${url.pathname}`;
    const operation = name === 'CheckpointDurableExecution' ? `${name} ${updatesIn(body)}`.trimEnd() : name;
    requests.push(operation);
    if (await moments.before(operation)) {
      response.destroy();
      return;
    }
    const answered = attempt(() => {
      if (known === undefined) throw new Refusal(404, 'UnknownOperationException', operation);
      const named = decodeURIComponent(known[2].exec(url.pathname)?.[1] ?? '');
      return serve(known[0], named, request, url, body);
    });
    await moments.after(operation);
    const headers = { 'content-type': 'application/json', ...answered.headers };
    response.writeHead(answered.status, headers);
    response.end(answered.body === undefined ? undefined : JSON.stringify(answered.body));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const { url, ...listening } = await listen(server, 0);
  return {
    url,
    get executions() {
      return [...executions.values()];
    },
    requests,
    moments,
    define: (functionArn, run) => void functions.set(functionArn, run),
    start,
    close: () => listening.close(),
  };
}

/** `ACTION name` of every update; empty where there are none that could be read. */
function updatesIn(body: string): string {
  const request = checkpointShape.safeParse(JSON.parse(body));
  return (request.data?.Updates ?? [])
    .map(({ Action, Name, Type }) => `${Action} ${Name ?? Type}`)
    .join(', ');
}

class Refusal extends Error {
  readonly status: number;
  override readonly name: string;

  constructor(status: number, name: string, message: string) {
    super(message);
    this.status = status;
    this.name = name;
  }
}

function attempt(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const refused = error instanceof Refusal || error instanceof InvalidParameterValue;
    const status = error instanceof Refusal ? error.status : refused ? 400 : 500;
    const headers = { 'x-amzn-errortype': refused ? error.name : 'ServiceException' };
    return { status, headers, body: { Type: status < 500 ? 'User' : 'Service', message: error.message } };
  }
}

/** The same name is the same execution, so its id can be made of it. */
function randomIdOf(name: string): string {
  return Buffer.from(name).toString('hex').slice(0, 32);
}
