import type { ServerResponse } from 'node:http';
import type { Reply } from './exchange.ts';

/** Bytes written at once: large answers go out in several chunks, as those of real services do. */
const sliceLength = 32 * 1024;

/** Sends a whole answer, chunked. */
export function send(response: ServerResponse, reply: Reply): void {
  const body = writeHead(response, reply);
  for (let start = 0; start < body.length; start += sliceLength) {
    response.write(body.subarray(start, start + sliceLength));
  }
  response.end();
}

/** Sends the head and the first half of the body, and leaves the answer unfinished. */
export function sendHalf(response: ServerResponse, reply: Reply): void {
  const body = writeHead(response, reply);
  response.flushHeaders();
  if (body.length > 1) response.write(body.subarray(0, Math.floor(body.length / 2)));
}

function writeHead(response: ServerResponse, { status, headers, body }: Reply): Buffer {
  response.statusCode = status;
  response.sendDate = !headers.some(([name]) => name.toLowerCase() === 'date');
  for (const [name, value] of headers) response.appendHeader(name, value);
  if (body === undefined) return Buffer.alloc(0);
  if (!response.hasHeader('content-type')) {
    response.setHeader(
      'content-type',
      typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
    );
  }
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
