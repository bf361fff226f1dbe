import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../../emulators/listen.ts';

/** An asynchronous invocation of a durable function, as it came in. */
export interface Invocation {
  readonly functionArn: string;
  readonly name: string;
  readonly payload: string;
}

/** `drop-answer` begins the execution and cuts the connection; the others begin nothing. */
export type LambdaFault = 'drop-answer' | 'throttle' | 'deny' | 'missing';

const REFUSALS = {
  throttle: [429, 'TooManyRequestsException'],
  deny: [403, 'AccessDeniedException'],
  missing: [404, 'ResourceNotFoundException'],
} as const;

export interface LambdaService {
  readonly url: string;
  /** Every request, also those that were refused. */
  readonly requests: readonly Invocation[];
  /** Executions that began, by name. */
  readonly executions: ReadonlyMap<string, Invocation>;
  /** The next request meets it; several queue up. */
  readonly fault: (fault: LambdaFault) => void;
  /** Called when an execution begins; the request is answered when it is done. */
  readonly onBegin: (listener: (invocation: Invocation) => Promise<void>) => void;
  readonly close: () => Promise<void>;
}

/**
 * A stand-in for Lambda's Invoke of durable functions: asynchronous invocations by a qualified ARN with an execution name.
 * The same name and payload stand for the execution that is there; another payload is a conflict.
 */
export async function startLambda(): Promise<LambdaService> {
  const requests: Invocation[] = [];
  const executions = new Map<string, Invocation>();
  const faults: LambdaFault[] = [];
  let begin: (invocation: Invocation) => Promise<void> = async () => {};

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let payload = '';
    for await (const chunk of request.setEncoding('utf8')) payload += String(chunk);
    const refuse = (status: number, code: string) => {
      response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': code });
      response.end(JSON.stringify({ Message: `${code} (stand-in)` }));
    };
    const [, encoded = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '') ?? [];
    const functionArn = decodeURIComponent(encoded);
    const name = String(request.headers['x-amz-durable-execution-name'] ?? '');
    const invocation = { functionArn, name, payload };
    requests.push(invocation);
    const fault = faults.shift();
    if (fault !== undefined && fault !== 'drop-answer') {
      const [status, code] = REFUSALS[fault];
      refuse(status, code);
      return;
    }
    const qualified = /:function:[\w-]+:[\w-]+$/.test(functionArn);
    const asynchronous = request.headers['x-amz-invocation-type'] === 'Event';
    if (!qualified || !asynchronous || !/^[\w-]{1,64}$/.test(name)) {
      refuse(400, 'InvalidParameterValueException');
      return;
    }
    const known = executions.get(name);
    if (known !== undefined && known.payload !== payload) {
      refuse(409, 'DurableExecutionAlreadyStartedException');
      return;
    }
    if (known === undefined) {
      executions.set(name, invocation);
      await begin(invocation);
    }
    if (fault === 'drop-answer') response.destroy();
    else response.writeHead(202, { 'x-amz-durable-execution-arn': `${functionArn}/durable/${name}` }).end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const { url, ...listening } = await listen(server, 0);
  return {
    url,
    requests,
    executions,
    fault: (fault) => void faults.push(fault),
    onBegin: (listener) => (begin = listener),
    close: () => listening.close(),
  };
}
