import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';
import { checksum, s3Body } from './s3-body.ts';
import { listing, problem } from './s3-xml.ts';

/** One stored version of an object. */
export interface S3Version {
  readonly text: string;
  /** As sent, with its quotes. */
  readonly etag: string;
  readonly versionId: string;
}

/**
 * Goes wrong with one request: `drop-answer` carries it out and cuts the connection, `conflict` answers as S3 does when two
 * conditional writes overlap (409), `fail` is a 500, `deny` a 403.
 */
export type S3Fault = 'drop-answer' | 'conflict' | 'fail' | 'deny';

export interface S3Options {
  /** Answer 403 instead of 404 for a missing key, as S3 does to whoever lacks `s3:ListBucket`. */
  readonly denyMissing?: boolean;
}

export interface S3Emulator {
  readonly url: string;
  /** Every version by `bucket/key`, oldest first. */
  readonly objects: ReadonlyMap<string, readonly S3Version[]>;
  /** `METHOD /bucket/key` of every request, in the order they came in. */
  readonly requests: readonly string[];
  /** The next request with this method meets the fault; several faults queue up. */
  fault(method: string, fault: S3Fault): void;
  close(): Promise<void>;
}

/**
 * A stand-in for S3 with versioning on, path-style: GET (also by `versionId`), PUT with `If-None-Match: *` and `If-Match`, and
 * ListObjectsV2. Any bucket but those whose name starts with `missing` exists. Signatures are not checked.
 */
export async function startS3({ denyMissing = false }: S3Options = {}): Promise<S3Emulator> {
  const objects = new Map<string, S3Version[]>();
  const requests: string[] = [];
  const faults: { method: string; fault: S3Fault }[] = [];
  let versions = 0;

  function get(response: ServerResponse, name: string, versionId: string | null): void {
    const stored = objects.get(name) ?? [];
    const found = versionId === null ? stored.at(-1) : stored.find((each) => each.versionId === versionId);
    if (found === undefined) {
      if (denyMissing) problem(response, 403, 'AccessDenied');
      else problem(response, 404, versionId === null ? 'NoSuchKey' : 'NoSuchVersion');
      return;
    }
    const body = Buffer.from(found.text);
    response.writeHead(200, {
      etag: found.etag,
      'x-amz-version-id': found.versionId,
      'x-amz-checksum-crc32': checksum(body),
      'content-length': body.length,
    });
    response.end(body);
  }

  function put(request: IncomingMessage, response: ServerResponse, name: string, text: string): void {
    const stored = objects.get(name) ?? [];
    const current = stored.at(-1);
    const { 'if-match': expected, 'if-none-match': none } = request.headers;
    if (none !== undefined && none !== '*') return problem(response, 501, 'NotImplemented');
    if (none === '*' && current !== undefined) return problem(response, 412, 'PreconditionFailed');
    if (expected !== undefined && current === undefined) return problem(response, 404, 'NoSuchKey');
    if (expected !== undefined && expected !== current?.etag)
      return problem(response, 412, 'PreconditionFailed');
    const etag = `"${createHash('md5').update(text).digest('hex')}"`;
    const versionId = `v${++versions}`;
    objects.set(name, [...stored, { text, etag, versionId }]);
    response.writeHead(200, { etag, 'x-amz-version-id': versionId }).end();
  }

  function list(response: ServerResponse, bucket: string, query: URLSearchParams): void {
    const prefix = query.get('prefix') ?? '';
    const entries = [...objects].map(([name, stored]) => ({
      key: name.slice(bucket.length + 1),
      ofBucket: name.startsWith(`${bucket}/`),
      size: Buffer.byteLength(stored.at(-1)?.text ?? ''),
    }));
    const found = entries.filter(({ key, ofBucket }) => ofBucket && key.startsWith(prefix));
    const body = listing(bucket, found, query);
    response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '' } = request;
    const url = new URL(request.url ?? '/', 'http://s3');
    const name = decodeURIComponent(url.pathname.slice(1));
    const [bucket = '', ...key] = name.split('/');
    requests.push(`${method} /${name}`);
    const text = await s3Body(request);
    const at = faults.findIndex((each) => each.method === method);
    const fault = at < 0 ? undefined : faults.splice(at, 1)[0]?.fault;
    if (fault === 'fail') return problem(response, 500, 'InternalError');
    if (fault === 'deny') return problem(response, 403, 'AccessDenied');
    if (fault === 'conflict') return problem(response, 409, 'ConditionalRequestConflict');
    if (fault === 'drop-answer') response.end = () => response.destroy();
    if (bucket.startsWith('missing')) return problem(response, 404, 'NoSuchBucket');
    if (text === null) return problem(response, 400, 'BadDigest');
    if (method === 'PUT' && key.join('/') !== '') return put(request, response, name, text);
    if (method !== 'GET') return problem(response, 405, 'MethodNotAllowed');
    if (key.join('/') === '') return list(response, bucket, url.searchParams);
    get(response, name, url.searchParams.get('versionId'));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const { url, close } = await listen(server, 0);
  return { url, objects, requests, fault: (method, fault) => void faults.push({ method, fault }), close };
}
