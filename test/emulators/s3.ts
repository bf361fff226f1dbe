import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';
import { checksum, s3Body } from './s3-body.ts';
import { type Answer, listing, problem } from './s3-xml.ts';

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

const REFUSALS = {
  conflict: problem(409, 'ConditionalRequestConflict'),
  fail: problem(500, 'InternalError'),
  deny: problem(403, 'AccessDenied'),
};

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

  function get(name: string, versionId: string | null): Answer {
    const stored = objects.get(name) ?? [];
    const found = versionId === null ? stored.at(-1) : stored.find((each) => each.versionId === versionId);
    if (found === undefined && denyMissing) return problem(403, 'AccessDenied');
    if (found === undefined) return problem(404, versionId === null ? 'NoSuchKey' : 'NoSuchVersion');
    const { etag, text } = found;
    const checked = { 'x-amz-checksum-crc32': checksum(Buffer.from(text)) };
    return { status: 200, headers: { etag, 'x-amz-version-id': found.versionId, ...checked }, body: text };
  }

  function put(request: IncomingMessage, name: string, text: string): Answer {
    const stored = objects.get(name) ?? [];
    const current = stored.at(-1);
    const { 'if-match': expected, 'if-none-match': none } = request.headers;
    if (none !== undefined && none !== '*') return problem(501, 'NotImplemented');
    if (none === '*' && current !== undefined) return problem(412, 'PreconditionFailed');
    if (expected !== undefined && current === undefined) return problem(404, 'NoSuchKey');
    if (expected !== undefined && expected !== current?.etag) return problem(412, 'PreconditionFailed');
    const etag = `"${createHash('md5').update(text).digest('hex')}"`;
    const versionId = `v${++versions}`;
    objects.set(name, [...stored, { text, etag, versionId }]);
    return { status: 200, headers: { etag, 'x-amz-version-id': versionId }, body: '' };
  }

  function list(bucket: string, query: URLSearchParams): Answer {
    const entries = [...objects].map(([name, stored]) => ({
      name,
      key: name.slice(bucket.length + 1),
      size: Buffer.byteLength(stored.at(-1)?.text ?? ''),
    }));
    const prefix = `${bucket}/${query.get('prefix') ?? ''}`;
    const found = entries.filter(({ name }) => name.startsWith(prefix));
    return listing(bucket, found, query);
  }

  function serve(request: IncomingMessage, url: URL, text: string | null): Answer {
    const name = decodeURIComponent(url.pathname.slice(1));
    const slash = name.indexOf('/');
    const bucket = slash < 0 ? name : name.slice(0, slash);
    const isObject = slash >= 0 && slash < name.length - 1;
    if (bucket.startsWith('missing')) return problem(404, 'NoSuchBucket');
    if (text === null) return problem(400, 'BadDigest');
    if (request.method === 'PUT' && isObject) return put(request, name, text);
    if (request.method !== 'GET') return problem(405, 'MethodNotAllowed');
    return isObject ? get(name, url.searchParams.get('versionId')) : list(bucket, url.searchParams);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '' } = request;
    const url = new URL(request.url ?? '/', 'http://s3');
    requests.push(`${method} ${decodeURIComponent(url.pathname)}`);
    const text = await s3Body(request);
    const at = faults.findIndex((each) => each.method === method);
    const fault = at < 0 ? undefined : faults.splice(at, 1)[0]?.fault;
    const refusal = fault === undefined || fault === 'drop-answer' ? null : REFUSALS[fault];
    const { status, headers, body } = refusal ?? serve(request, url, text);
    if (fault === 'drop-answer') response.destroy();
    else response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const { url, ...listening } = await listen(server, 0);
  const fault: S3Emulator['fault'] = (method, what) => void faults.push({ method, fault: what });
  return { url, objects, requests, fault, close: () => listening.close() };
}
