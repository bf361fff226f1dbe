import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { listen } from '../listen.ts';

/** What was put on the default bus. */
export interface PutEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
}

/** Goes wrong with one request: `deny` and `fail` answer as the service does, `refuse` with 200, as it does of an entry, `hang` never. */
export type EventBridgeFault = 'deny' | 'fail' | 'refuse' | 'hang';

export interface EventBridgeEmulator {
  readonly url: string;
  /** What was accepted, in order. */
  readonly events: readonly PutEvent[];
  /** How many requests came in. */
  readonly requests: number;
  /** The next request meets the fault; several faults queue up. */
  fault(fault: EventBridgeFault): void;
  close(): Promise<void>;
}

/** An entry without a bus goes to the default one. */
const body = z.strictObject({
  Entries: z
    .array(z.strictObject({ Source: z.string().min(1), DetailType: z.string().min(1), Detail: z.string() }))
    .min(1)
    .max(10),
});
const LONGEST = 256 * 1024;
/** The service and region that a signature is for; the signature itself is not checked. */
const SIGNED =
  /^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\/[a-z0-9-]+\/events\/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}$/;

/** A stand-in for EventBridge: PutEvents to the default bus, with its limits. */
export async function startEventBridge(): Promise<EventBridgeEmulator> {
  const events: PutEvent[] = [];
  const faults: EventBridgeFault[] = [];
  let requests = 0;

  function put(sent: string): object {
    const found = body.safeParse(JSON.parse(sent));
    if (!found.success) throw new Error(z.prettifyError(found.error));
    const Entries = found.data.Entries.map(({ Source, DetailType, Detail }) => {
      const problem = problemWith(Source, Detail);
      if (problem !== null) return { ErrorCode: problem[0], ErrorMessage: problem[1] };
      events.push({ source: Source, detailType: DetailType, detail: JSON.parse(Detail) });
      return { EventId: `emulated-${events.length}` };
    });
    return { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries };
  }

  function answered(request: IncomingMessage, sent: string): readonly [number, object] {
    const { authorization = '', 'x-amz-target': target, 'content-type': type } = request.headers;
    if (!SIGNED.test(authorization))
      return refusal(403, 'IncompleteSignatureException', 'Not signed for events');
    if (request.url !== '/' || target !== 'AWSEvents.PutEvents' || type !== 'application/x-amz-json-1.1')
      return refusal(400, 'UnknownOperationException', 'Not known here');
    try {
      return [200, put(sent)];
    } catch (error) {
      return refusal(400, 'ValidationException', String(error));
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(request);
    requests += 1;
    const fault = faults.shift();
    if (fault === 'hang') return;
    const failed = { ErrorCode: 'InternalFailure', ErrorMessage: 'Try again' };
    const [status, content] =
      fault === 'deny'
        ? refusal(400, 'AccessDeniedException', 'emulated is not authorized to perform: events:PutEvents')
        : fault === 'fail'
          ? refusal(500, 'InternalException', 'The request processing has failed.')
          : fault === 'refuse'
            ? [200, { FailedEntryCount: 1, Entries: [failed] }]
            : answered(request, sent);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(content));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const { url, ...listening } = await listen(server, 0);
  return {
    url,
    events,
    get requests() {
      return requests;
    },
    fault: (fault) => void faults.push(fault),
    close: () => listening.close(),
  };
}

function problemWith(source: string, detail: string): readonly [code: string, message: string] | null {
  if (source.startsWith('aws.')) return ['NotAuthorizedForSourceException', 'Not authorized for the source.'];
  if (Buffer.byteLength(detail) > LONGEST)
    return ['ValidationException', 'Total size of the entries is too large'];
  return /^\s*\{/.test(detail) ? null : ['MalformedDetail', 'Detail is malformed.'];
}

function refusal(status: number, code: string, message: string): readonly [number, object] {
  return [status, { __type: code, message }];
}
