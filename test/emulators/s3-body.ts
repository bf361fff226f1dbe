import type { IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';

/** A request's body as S3 would store it; `null` when a checksum that came with it does not fit. */
export async function s3Body(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  const chunked = request.headers['content-encoding']?.includes('aws-chunked') ?? false;
  const { body, trailer } = chunked ? unchunked(raw) : { body: raw, trailer: null };
  const claimed = request.headers['x-amz-checksum-crc32'] ?? trailer;
  return claimed === null || claimed === checksum(body) ? body : null;
}

export function checksum(body: Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}

/** Chunks `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n` up to one of length 0, then trailing headers. */
function unchunked(raw: Buffer): { body: Buffer; trailer: string | null } {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = raw.indexOf('\r\n', at);
    const length = Number.parseInt(raw.toString('latin1', at, end), 16);
    if (end < 0 || Number.isNaN(length)) throw new Error('The aws-chunked body is malformed');
    if (length === 0) {
      const trailers = raw.toString('latin1', end + 2);
      return {
        body: Buffer.concat(parts),
        trailer: /^x-amz-checksum-crc32:(\S+)/m.exec(trailers)?.[1] ?? null,
      };
    }
    parts.push(raw.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
