import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../listen.ts';

export interface Published {
  readonly topicArn: string;
  readonly subject: string;
  readonly message: string;
}

/** Goes wrong with one request: `deny` and `fail` answer as the service does, `hang` never answers. */
export type SnsFault = 'deny' | 'fail' | 'hang';

export interface SnsEmulator {
  readonly url: string;
  /** What was accepted, in order. */
  readonly published: readonly Published[];
  /** How many requests came in. */
  readonly requests: number;
  /** The next request meets the fault; several faults queue up. */
  fault(fault: SnsFault): void;
  close(): Promise<void>;
}

const LONGEST_MESSAGE = 262_144;

/** A stand-in for SNS: Publish, with its limits for subject and message. Signatures are not checked. */
export async function startSns(): Promise<SnsEmulator> {
  const published: Published[] = [];
  const faults: SnsFault[] = [];
  let requests = 0;

  function publish(form: URLSearchParams): readonly [status: number, xml: string] {
    const field = (name: string): string => form.get(name) ?? '';
    const wanted = { topicArn: field('TopicArn'), subject: field('Subject'), message: field('Message') };
    if (form.get('Action') !== 'Publish') return problem(400, 'InvalidAction', 'Not known here');
    if (!/^arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]+$/.test(wanted.topicArn)) {
      return problem(400, 'InvalidParameter', 'Invalid parameter: TopicArn');
    }
    // As documented: ASCII that begins with a letter, number or punctuation mark, without control characters, shorter than 100.
    if (!/^[\x21-\x7e][\x20-\x7e]{0,98}$/.test(wanted.subject)) {
      return problem(400, 'InvalidParameter', 'Invalid parameter: Subject');
    }
    if (wanted.message === '' || Buffer.byteLength(wanted.message) > LONGEST_MESSAGE) {
      return problem(400, 'InvalidParameter', 'Invalid parameter: Message');
    }
    published.push(wanted);
    const result = `<PublishResult><MessageId>emulated-${published.length}</MessageId></PublishResult>`;
    const meta = '<ResponseMetadata><RequestId>emulated</RequestId></ResponseMetadata>';
    return [200, `<PublishResponse xmlns="${NAMESPACE}">${result}${meta}</PublishResponse>`];
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await text(request));
    requests += 1;
    const fault = faults.shift();
    if (fault === 'hang') return;
    const [status, xml] =
      fault === 'deny'
        ? problem(403, 'AuthorizationError', 'User: emulated is not authorized to perform: SNS:Publish')
        : fault === 'fail'
          ? problem(500, 'InternalFailure', 'The request processing has failed.')
          : publish(form);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const { url, ...listening } = await listen(server, 0);
  return {
    url,
    published,
    get requests() {
      return requests;
    },
    fault: (fault) => void faults.push(fault),
    close: () => listening.close(),
  };
}

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

function problem(status: number, code: string, message: string): readonly [number, string] {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const error = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return [
    status,
    `<ErrorResponse xmlns="${NAMESPACE}">${error}<RequestId>emulated</RequestId></ErrorResponse>`,
  ];
}
