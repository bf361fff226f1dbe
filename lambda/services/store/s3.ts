import { createHash } from 'node:crypto';
import https from 'node:https';
import type { GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { byText } from '../../core/model/text.ts';
import { ArchiveError, UsageError } from '../../errors.ts';
import type { Stored, VersionedArchive } from '../../ports.ts';
import {
  chunksOf,
  isConflict,
  isMissing,
  type Opened,
  PART_TIMEOUT,
  PART_UNITS,
  s3Error,
  uploadInParts,
} from './s3-upload.ts';
import { checkedKey } from './folder.ts';

interface S3Place {
  readonly bucket: string;
  /** Where in the bucket: `a/b`, with or without slashes around it; empty for the bucket itself. */
  readonly prefix: string;
  /** One for the region and credentials of the environment, unless given. */
  readonly client?: S3Client;
}

/** In milliseconds. The SDK itself would wait for ever. All attempts together stay below half a minute. */
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 7_000, throwOnRequestTimeout: true };
const ATTEMPTS = 4;

/** What is larger may take longer. */
const LARGE_BYTES = 1024 ** 2;

/**
 * An archive under an S3 prefix. A tag is the object's ETag; `swap` is a conditional PUT (`If-None-Match: *` or
 * `If-Match`), which S3 decides atomically. Repeating a request whose answer was lost can make a `swap` that did succeed
 * return `null`: the caller finds its own text when it reads again. What is larger than a part is uploaded in parts. The
 * SDK is loaded with the first request only.
 * Throws `AccessError` when S3 refuses, `UsageError` when bucket, its versions, region or credentials are missing, and
 * `ArchiveError` when S3 cannot be reached.
 */
export function s3Archive(place: S3Place): VersionedArchive {
  const { bucket } = place;
  const folder = place.prefix.replace(/^\/+|\/+$/g, '');
  const prefix = folder === '' ? '' : `${folder}/`;
  let opened: Promise<Opened> | null = null;

  async function request<T>(verb: string, key: string, send: (open: Opened) => Promise<T>): Promise<T> {
    opened ??= open(place.client);
    try {
      return await send(await opened);
    } catch (error) {
      throw s3Error(verb, bucket, `${prefix}${key}`, error);
    }
  }

  const objectAt = (key: string) => ({ Bucket: bucket, Key: `${prefix}${checkedKey(key)}` });

  async function get<T>(key: string, version: string | undefined, taken: Taken<T>): Promise<T | null> {
    const object = { ...objectAt(key), ...(version === undefined ? {} : { VersionId: version }) };
    return request('GET', key, async ({ sdk, client }) => {
      try {
        return await taken(await client.send(new sdk.GetObjectCommand(object)));
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    });
  }

  async function put(key: string, body: string | Uint8Array, condition: Condition = {}): Promise<PutAnswer> {
    const object = { ...objectAt(key), ContentType: 'application/json', Body: body, ...condition };
    const patience = body.length < LARGE_BYTES ? {} : PART_TIMEOUT;
    return request('PUT', key, ({ sdk, client }) => client.send(new sdk.PutObjectCommand(object), patience));
  }

  async function write(key: string, text: string | Iterable<string>): Promise<string | undefined> {
    const object = objectAt(key);
    const chunks = chunksOf(text, PART_UNITS);
    const first = chunks.next();
    const second = chunks.next();
    if (first.done === true || second.done === true) {
      return (await put(key, first.value ?? '')).VersionId;
    }
    const parts = function* () {
      yield first.value;
      yield second.value;
      yield* chunks;
    };
    return request('PUT', key, (open) => uploadInParts(open, object, parts()));
  }

  const stored: Taken<Stored> = async ({ Body, ETag }) => ({
    text: (await Body?.transformToString()) ?? '',
    tag: tagOf(ETag),
  });

  /** What is right below a prefix, by names that sort behind `after`. */
  const list = (below: string, after: string) =>
    request('LIST', '', async ({ sdk, client }) => {
      const [folders, files]: [string[], string[]] = [[], []];
      const place = { Bucket: bucket, Prefix: below, Delimiter: '/', StartAfter: `${below}${after}` };
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(new sdk.ListObjectsV2Command({ ...place, ContinuationToken }));
        for (const { Prefix = '' } of page.CommonPrefixes ?? []) folders.push(Prefix.slice(below.length, -1));
        for (const { Key = '' } of page.Contents ?? []) files.push(Key.slice(below.length));
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      const behind = (name: string) => name > after;
      return { folders: folders.filter(behind), files: files.filter(behind) };
    });

  return {
    address: `s3://${bucket}/${prefix}`,
    read: (key) => get(key, undefined, stored),
    async write(key, text) {
      await write(key, text);
    },
    async writeBytes(key, bytes) {
      if (bytes.length <= PART_UNITS) await put(key, bytes);
      else await request('PUT', key, (open) => uploadInParts(open, objectAt(key), partsOf(bytes)));
    },
    readBytes: (key) =>
      get(key, undefined, async ({ Body }) => (await Body?.transformToByteArray()) ?? new Uint8Array()),
    hash: (key) =>
      get(key, undefined, async ({ Body }) => {
        const hash = createHash('sha256');
        const stream: AsyncIterable<Uint8Array> | undefined = Body?.transformToWebStream();
        for await (const chunk of stream ?? []) hash.update(chunk);
        return hash.digest('hex');
      }),
    async swap(key, text, expected) {
      try {
        const condition = expected === null ? { IfNoneMatch: '*' } : { IfMatch: expected };
        return tagOf((await put(key, text, condition)).ETag);
      } catch (error) {
        if (isConflict(error)) return null;
        throw error;
      }
    },
    folders: async (after) => (await list(prefix, after)).folders,
    async names(folder, after) {
      const { folders, files } = await list(`${objectAt(folder).Key}/`, after);
      return [...folders, ...files].sort(byText);
    },
    async put(key, text) {
      const version = await write(key, text);
      // S3 calls it `null` while versioning is suspended: such a version can be replaced.
      if (version !== undefined && version !== 'null') return version;
      throw new UsageError([`The bucket ${bucket} keeps no versions of its objects: switch versioning on`]);
    },
    get: async (key, version) => (await get(key, version, stored))?.text ?? null,
  };
}

/** What is taken of an answer, while it may still be cut off. */
type Taken<T> = (answer: GetObjectCommandOutput) => Promise<T>;
type Condition = { IfNoneMatch?: string; IfMatch?: string };
type PutAnswer = { ETag?: string | undefined; VersionId?: string | undefined };

function* partsOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PART_UNITS) yield bytes.subarray(at, at + PART_UNITS);
}

async function open(client: S3Client | undefined): Promise<Opened> {
  const sdk = await import('@aws-sdk/client-s3');
  // Node's own agent goes through a proxy where there is one (see `throughProxy`); the SDK's would not.
  const requestHandler = { ...TIMEOUTS, httpsAgent: https.globalAgent };
  const options = { requestHandler, maxAttempts: ATTEMPTS, followRegionRedirects: true };
  return { sdk, client: client ?? new sdk.S3Client(options) };
}

function tagOf(etag: string | undefined): string {
  if (etag === undefined)
    throw new ArchiveError('the answer has no ETag: does a proxy answer in the place of S3?');
  return etag;
}
