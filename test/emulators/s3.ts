import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';
import { Moments } from './moments.ts';
import { checksum, s3Body } from './s3-body.ts';
import { type S3Upload, S3Uploads } from './s3-multipart.ts';
import { type Answer, listing, problem, result } from './s3-xml.ts';

/** One stored version of an object. */
export interface S3Version {
  readonly bytes: Buffer;
  /** The same as UTF-8. */
  readonly text: string;
  /** As sent, with its quotes. */
  readonly etag: string;
  readonly versionId: string;
  /** `x-amz-meta-*`, without the prefix. */
  readonly metadata: Readonly<Record<string, string>>;
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
  /** A bucket without versions: only the last one is kept, and none is named. */
  readonly unversioned?: boolean;
  /** Keys on a page of a list; S3 has 1,000 at most, and may have fewer. */
  readonly pageSize?: number;
}

export interface S3Emulator {
  readonly url: string;
  /** Every version by `bucket/key`, oldest first. */
  readonly objects: ReadonlyMap<string, readonly S3Version[]>;
  /** Multipart uploads neither completed nor aborted, by their ids. */
  readonly uploads: ReadonlyMap<string, S3Upload>;
  /** `METHOD /bucket/key` of every request, in the order they came in. */
  readonly requests: readonly string[];
  readonly moments: Moments;
  /** The next request with this method, or of this operation (`UploadPart`), meets the fault; several faults queue up. */
  fault(request: string, fault: S3Fault): void;
  /** Ends an upload as a life-cycle rule would. */
  abandon(uploadId: string): void;
  close(): Promise<void>;
}

/**
 * A stand-in for S3 with versioning on, path-style: GET and HEAD (also by `versionId`), PUT with `If-None-Match: *` and
 * `If-Match`, multipart uploads, and ListObjectsV2. Any bucket but those whose name starts with `missing` exists. Signatures are not checked.
 */
export async function startS3(options: S3Options = {}): Promise<S3Emulator> {
  const { denyMissing = false, unversioned = false, pageSize = 1_000 } = options;
  const objects = new Map<string, S3Version[]>();
  const uploads = new S3Uploads();
  const requests: string[] = [];
  const moments = new Moments();
  const faults: { request: string; fault: S3Fault }[] = [];
  let versions = 0;

  function get(name: string, versionId: string | null): Answer {
    const stored = objects.get(name) ?? [];
    const found = versionId === null ? stored.at(-1) : stored.find((each) => each.versionId === versionId);
    if (found === undefined && denyMissing) return problem(403, 'AccessDenied');
    if (found === undefined) return problem(404, versionId === null ? 'NoSuchKey' : 'NoSuchVersion');
    const checked = { 'x-amz-checksum-crc32': checksum(found.bytes) };
    const headers: Record<string, string> = { ...named(found), ...checked };
    for (const [key, value] of Object.entries(found.metadata)) headers[`x-amz-meta-${key}`] = value;
    return { status: 200, headers, body: found.bytes };
  }

  function store(name: string, version: Omit<S3Version, 'versionId' | 'text'>): S3Version {
    const text = version.bytes.toString();
    const stored = { ...version, text, versionId: unversioned ? '' : `v${++versions}` };
    const before = objects.get(name);
    if (before === undefined || unversioned) objects.set(name, [stored]);
    else before.push(stored);
    return stored;
  }

  function put(request: IncomingMessage, name: string, body: Buffer): Answer {
    const current = objects.get(name)?.at(-1);
    const { 'if-match': expected, 'if-none-match': none } = request.headers;
    if (none !== undefined && none !== '*') return problem(501, 'NotImplemented');
    if (none === '*' && current !== undefined) return problem(412, 'PreconditionFailed');
    if (expected !== undefined && current === undefined) return problem(404, 'NoSuchKey');
    if (expected !== undefined && expected !== current?.etag) return problem(412, 'PreconditionFailed');
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    const stored = store(name, { bytes: body, etag, metadata: metadataOf(request) });
    return { status: 200, headers: named(stored), body: '' };
  }

  function complete(name: string, id: string, body: Buffer): Answer {
    const completed = uploads.complete(name, id, body.toString());
    if ('answer' in completed) return completed.answer;
    const { etag, upload } = completed;
    const stored = store(name, { bytes: completed.body, etag, metadata: upload.metadata });
    return { ...result('CompleteMultipartUploadResult', [['ETag', etag]]), headers: named(stored) };
  }

  function list(bucket: string, query: URLSearchParams): Answer {
    const entries = [...objects].map(([name, stored]) => ({
      name,
      key: name.slice(bucket.length + 1),
      size: stored.at(-1)?.bytes.length ?? 0,
    }));
    const prefix = `${bucket}/${query.get('prefix') ?? ''}`;
    const found = entries.filter(({ name }) => name.startsWith(prefix));
    return listing(bucket, found, query, pageSize);
  }

  function serve(operation: string, request: IncomingMessage, url: URL, body: Buffer | null): Answer {
    const name = decodeURIComponent(url.pathname.slice(1));
    const [bucket = ''] = name.split('/', 1);
    const query = url.searchParams;
    const id = query.get('uploadId') ?? '';
    if (bucket.startsWith('missing')) return problem(404, 'NoSuchBucket');
    if (body === null) return problem(400, 'BadDigest');
    if (operation === 'PutObject') return put(request, name, body);
    if (operation === 'GetObject' || operation === 'HeadObject') return get(name, query.get('versionId'));
    if (operation === 'ListObjects') return list(bucket, query);
    if (operation === 'CreateMultipartUpload') return uploads.create(name, metadataOf(request));
    if (operation === 'UploadPart') return uploads.part(name, id, Number(query.get('partNumber')), body);
    if (operation === 'CompleteMultipartUpload') return complete(name, id, body);
    if (operation === 'AbortMultipartUpload') return uploads.abort(name, id);
    return problem(405, 'MethodNotAllowed');
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '' } = request;
    const url = new URL(request.url ?? '/', 'http://s3');
    const operation = operationOf(method, url);
    requests.push(`${method} ${decodeURIComponent(url.pathname)}`);
    const received = await s3Body(request);
    if (await moments.before(operation)) {
      response.destroy();
      return;
    }
    const at = faults.findIndex((each) => each.request === method || each.request === operation);
    const fault = at < 0 ? undefined : faults.splice(at, 1)[0]?.fault;
    const refusal = fault === undefined || fault === 'drop-answer' ? null : REFUSALS[fault];
    const { status, headers, body } = refusal ?? serve(operation, request, url, received);
    await moments.after(operation);
    if (fault === 'drop-answer') response.destroy();
    else response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const { url, ...listening } = await listen(server, 0);
  const fault: S3Emulator['fault'] = (what, how) => void faults.push({ request: what, fault: how });
  const abandon = (uploadId: string): void => void uploads.open.delete(uploadId);
  return {
    url,
    objects,
    uploads: uploads.open,
    requests,
    moments,
    fault,
    abandon,
    close: () => listening.close(),
  };
}

const OF_UPLOADS = new Map([
  ['POST', 'CompleteMultipartUpload'],
  ['PUT', 'UploadPart'],
  ['DELETE', 'AbortMultipartUpload'],
]);
const OF_OBJECTS = new Map([
  ['PUT', 'PutObject'],
  ['GET', 'GetObject'],
  ['HEAD', 'HeadObject'],
]);

/** The operation as S3 calls it; empty where the stand-in has none. */
function operationOf(method: string, url: URL): string {
  const isObject = /^\/[^/]+\/./.test(url.pathname);
  if (!isObject) return method === 'GET' ? 'ListObjects' : '';
  if (url.searchParams.has('uploads')) return method === 'POST' ? 'CreateMultipartUpload' : '';
  return (url.searchParams.has('uploadId') ? OF_UPLOADS : OF_OBJECTS).get(method) ?? '';
}

function named({ etag, versionId }: S3Version): Record<string, string> {
  return versionId === '' ? { etag } : { etag, 'x-amz-version-id': versionId };
}

function metadataOf({ headers }: IncomingMessage): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-amz-meta-') && typeof value === 'string') found[name.slice(11)] = value;
  }
  return found;
}
