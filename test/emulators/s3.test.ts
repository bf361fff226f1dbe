import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type S3Emulator, startS3 } from './s3.ts';

let s3: S3Emulator;
let client: S3Client;

const clientFor = (options: S3ClientConfig = {}): S3Client =>
  new S3Client({
    endpoint: s3.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    ...options,
  });
const put = (key: string, body: string, condition: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
  client.send(new PutObjectCommand({ Bucket: 'b', Key: key, Body: body, ...condition }));
const get = (key: string, versionId?: string) =>
  client.send(new GetObjectCommand({ Bucket: 'b', Key: key, VersionId: versionId }));

beforeEach(async () => {
  s3 = await startS3();
  client = clientFor();
});
afterEach(async () => {
  client.destroy();
  await s3.close();
});

test('gives back what was put, and each of its versions', async () => {
  const first = await put('runs/a b.json', 'één');
  await put('runs/a b.json', 'two');
  expect(await (await get('runs/a b.json')).Body?.transformToString()).toBe('two');
  expect(await (await get('runs/a b.json', first.VersionId)).Body?.transformToString()).toBe('één');
  expect(s3.objects.get('b/runs/a b.json')?.map(({ text }) => text)).toEqual(['één', 'two']);
});

test('holds to If-None-Match and If-Match', async () => {
  const { ETag: tag = '' } = await put('k', '1', { IfNoneMatch: '*' });
  await expect(put('k', '2', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  await put('k', '2', { IfMatch: tag });
  await expect(put('k', '3', { IfMatch: tag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  await expect(put('none', '3', { IfMatch: tag })).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(s3.objects.get('b/k')?.length).toBe(2);
});

test('knows neither a missing key nor a missing bucket', async () => {
  await expect(get('nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
  const elsewhere = new GetObjectCommand({ Bucket: 'missing-bucket', Key: 'k' });
  await expect(client.send(elsewhere)).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

test('takes a stream in the chunked encoding of the SDK, with the checksum in a trailer', async () => {
  const text = 'x'.repeat(100_000);
  const body = Readable.from([Buffer.from(text.slice(0, 70_000)), Buffer.from(text.slice(70_000))]);
  const command = new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: body, ContentLength: text.length });
  await client.send(command);
  expect(s3.objects.get('b/k')?.at(-1)?.text).toBe(text);
});

test('refuses a body that does not fit its checksum', async () => {
  const command = new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'text', ChecksumCRC32: 'AAAAAA==' });
  await expect(client.send(command)).rejects.toMatchObject({ name: 'BadDigest' });
  expect(s3.objects.size).toBe(0);
});

test('puts parts together that are large enough and come with their checksums', async () => {
  const object = { Bucket: 'b', Key: 'k' };
  const begin = async () => {
    const create = new CreateMultipartUploadCommand({ ...object, Metadata: { mark: 'm' } });
    const { UploadId } = await client.send(create);
    const part = async (PartNumber: number, Body: string) => {
      const command = new UploadPartCommand({ ...object, UploadId, PartNumber, Body });
      const { ETag, ChecksumCRC32 } = await client.send(command);
      return { PartNumber, ETag, ChecksumCRC32 };
    };
    const complete = (Parts: CompletedPart[]) =>
      client.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
    return { part, complete };
  };
  const { part, complete } = await begin();
  const large = await part(1, 'x'.repeat(5 * 1024 ** 2));
  const small = await part(2, 'y');
  const other = await part(3, 'z');
  const bare = { ...large, ETag: other.ETag };
  await expect(complete([bare, small])).rejects.toMatchObject({ name: 'InvalidPart' });
  const unchecked = { PartNumber: large.PartNumber, ETag: large.ETag };
  await expect(complete([unchecked, small])).rejects.toMatchObject({ name: 'InvalidRequest' });
  await expect(complete([small, large])).rejects.toMatchObject({ name: 'EntityTooSmall' });
  await expect(complete([large, large])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  await expect(complete([small, other])).rejects.toMatchObject({ name: 'EntityTooSmall' });
  expect(s3.objects.size).toBe(0);
  const { VersionId } = await complete([large, small]);
  expect(s3.objects.get('b/k')?.[0]).toMatchObject({ versionId: VersionId, metadata: { mark: 'm' } });
  expect(s3.objects.get('b/k')?.[0]?.text.length).toBe(5 * 1024 ** 2 + 1);
  await expect(complete([large, small])).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

test('lists keys by prefix, page by page', async () => {
  for (const key of ['runs/2', 'runs/1&', 'other', 'runs/3']) await put(key, key);
  const list = (token?: string) =>
    client.send(
      new ListObjectsV2Command({ Bucket: 'b', Prefix: 'runs/', MaxKeys: 2, ContinuationToken: token }),
    );
  const first = await list();
  expect(first.Contents?.map(({ Key }) => Key)).toEqual(['runs/1&', 'runs/2']);
  const second = await list(first.NextContinuationToken);
  expect(second.Contents?.map(({ Key }) => Key)).toEqual(['runs/3']);
  expect(second.IsTruncated).toBe(false);
});

test('is found by AWS_ENDPOINT_URL_S3 alone', async () => {
  const variables = {
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  };
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  client = new S3Client({});
  await put('k', 'text');
  expect(s3.requests).toEqual(['PUT /b/k']);
});

test('fails in the ways it is told to, once each', async () => {
  client = clientFor({ maxAttempts: 1 });
  s3.fault('PUT', 'conflict');
  s3.fault('PUT', 'drop-answer');
  s3.fault('PUT', 'deny');
  await expect(put('k', '1')).rejects.toMatchObject({ name: 'ConditionalRequestConflict' });
  await expect(put('k', '2')).rejects.toThrow();
  await expect(put('k', '3')).rejects.toMatchObject({ name: 'AccessDenied' });
  await put('k', '4');
  expect(s3.objects.get('b/k')?.map(({ text }) => text)).toEqual(['2', '4']);
});
