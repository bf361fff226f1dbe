import type { S3Client } from '@aws-sdk/client-s3';
import type { Archive } from '../../ports.ts';
import { checkedKey } from './key.ts';
import { isConflict, isMissing, s3Error } from './s3-errors.ts';

export interface S3Place {
  readonly bucket: string;
  /** Where in the bucket: `a/b`, with or without slashes around it; empty for the bucket itself. */
  readonly prefix: string;
  /** One for the region and credentials of the environment, unless given. */
  readonly client?: S3Client;
}

/** In milliseconds. The SDK itself would wait for ever. */
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/**
 * An archive under an S3 prefix. A tag is the object's ETag; `swap` is a conditional PUT (`If-None-Match: *` or
 * `If-Match`), which S3 decides atomically. Repeating a request whose answer was lost can make a `swap` that did succeed
 * return `null`: the caller finds its own text when it reads again. The SDK is loaded with the first request only.
 * Throws `AccessError` when S3 answers 403 and `UsageError` when bucket, region or credentials are missing.
 */
export function s3Archive(place: S3Place): Archive {
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

  function put(key: string, text: string, condition: Condition): Promise<string> {
    const object = { Bucket: bucket, Key: `${prefix}${checkedKey(key)}`, ContentType: 'application/json' };
    return request('PUT', key, async ({ sdk, client }) => {
      const { ETag } = await client.send(new sdk.PutObjectCommand({ ...object, Body: text, ...condition }));
      return tagOf(ETag);
    });
  }

  return {
    address: `s3://${bucket}/${prefix}`,
    async read(key) {
      const object = { Bucket: bucket, Key: `${prefix}${checkedKey(key)}` };
      return request('GET', key, async ({ sdk, client }) => {
        try {
          const { Body, ETag } = await client.send(new sdk.GetObjectCommand(object));
          return { text: (await Body?.transformToString()) ?? '', tag: tagOf(ETag) };
        } catch (error) {
          if (isMissing(error)) return null;
          throw error;
        }
      });
    },
    async write(key, text) {
      await put(key, text, {});
    },
    async swap(key, text, expected) {
      try {
        return await put(key, text, expected === null ? { IfNoneMatch: '*' } : { IfMatch: expected });
      } catch (error) {
        if (isConflict(error)) return null;
        throw error;
      }
    },
  };
}

type Condition = { IfNoneMatch?: string; IfMatch?: string };

interface Opened {
  readonly sdk: typeof import('@aws-sdk/client-s3');
  readonly client: S3Client;
}

async function open(client: S3Client | undefined): Promise<Opened> {
  const sdk = await import('@aws-sdk/client-s3');
  const options = { requestHandler: TIMEOUTS, maxAttempts: 4, followRegionRedirects: true };
  return { sdk, client: client ?? new sdk.S3Client(options) };
}

function tagOf(etag: string | undefined): string {
  if (etag === undefined) throw new Error('S3 answered without an ETag');
  return etag;
}
