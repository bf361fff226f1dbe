import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { awsFailure, type AwsFailure } from '../aws-error.ts';
import { AccessError, ArchiveError, UsageError } from '../../errors.ts';

export interface Opened {
  readonly sdk: typeof import('@aws-sdk/client-s3');
  readonly client: S3Client;
}

type Target = Readonly<Record<'Bucket' | 'Key', string>>;

/** In UTF-16 units, and so in bytes at the least: S3 takes no part below 5 MiB but the last. */
export const PART_UNITS = 8 * 1024 ** 2;
/** For one part, in milliseconds: it may be 24 MB, and the line slow. */
export const PART_TIMEOUT = { requestTimeout: 60_000 };
/** Metadata that tells one upload from another. */
const MARK = 'upload';

/**
 * Uploads parts one after the other, each taken only when the one before it has been sent; nothing is stored before the last.
 * What was uploaded is given up when a part cannot be made or sent. The upload of a killed process stays, unseen, until the
 * bucket's life-cycle rule for unfinished uploads clears it away.
 * @returns the version that the object got; `undefined` in a bucket without versions
 */
export async function uploadInParts(opened: Opened, target: Target, parts: Iterable<Uint8Array>) {
  const { sdk, client } = opened;
  const mark = randomUUID();
  const { UploadId } = await client.send(
    new sdk.CreateMultipartUploadCommand({
      ...target,
      ContentType: 'application/json',
      ChecksumAlgorithm: 'CRC32',
      Metadata: { [MARK]: mark },
    }),
  );
  const upload = { ...target, UploadId };
  try {
    const sent: CompletedPart[] = [];
    for (const Body of parts) {
      const part = { ...upload, Body, PartNumber: sent.length + 1 };
      const { ETag, ChecksumCRC32 } = await client.send(new sdk.UploadPartCommand(part), PART_TIMEOUT);
      sent.push({ PartNumber: part.PartNumber, ETag, ChecksumCRC32 });
    }
    const whole = new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: sent } });
    return (await client.send(whole)).VersionId;
  } catch (error) {
    if (awsFailure(error).code === 'NoSuchUpload') return await storedAs(opened, target, mark, error);
    // The first failure is the one to tell; a right to abort may be missing as well.
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

/** Completed, but the answer was lost and the repeated request found no upload any more: then our mark is on the object. */
async function storedAs({ sdk, client }: Opened, target: Target, mark: string, failure: unknown) {
  const { Metadata, VersionId } = await client.send(new sdk.HeadObjectCommand(target));
  if (Metadata?.[MARK] !== mark) throw failure;
  return VersionId;
}

/**
 * A text, whole or in pieces, as UTF-8 in chunks of `units` UTF-16 units each (so at least as many bytes, and at most
 * three times as many); the last one, which may be empty, has what is left. Takes a piece only when it is needed, holds
 * no more than a chunk and a piece, and cuts no character in two, wherever the pieces end.
 */
export function* chunksOf(text: string | Iterable<string>, units: number): Generator<Buffer, void> {
  let held = '';
  for (const piece of typeof text === 'string' ? [text] : text) {
    held += piece;
    while (held.length > units) {
      const startsPair = /[\ud800-\udbff]/.test(held.charAt(units - 1));
      const end = startsPair ? units + 1 : units;
      yield Buffer.from(held.slice(0, end));
      held = held.slice(end);
    }
  }
  yield Buffer.from(held);
}

/** Nothing is stored under the key, or not this version of it. */
export function isMissing(error: unknown): boolean {
  const { code } = awsFailure(error);
  return code === 'NoSuchKey' || code === 'NoSuchVersion';
}

/** The condition of a PUT did not hold, or another conditional PUT was under way. A vanished object reads `NoSuchKey`. */
export function isConflict(error: unknown): boolean {
  const { code, status } = awsFailure(error);
  return status === 412 || code === 'ConditionalRequestConflict' || code === 'NoSuchKey';
}

/** S3's codes for a request that was sent to another region than the bucket's. */
const ELSEWHERE = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'];

/** S3's codes for credentials that are not, or no longer, good for anything. Some come with 400. */
const NO_GOOD = [
  'ExpiredToken',
  'InvalidToken',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
];

/**
 * Turns a failed request into words; conflicts and missing keys are for the caller and stay as they are. `UsageError` for what
 * was set up wrong, `AccessError` for what S3 refuses, `ArchiveError` where S3 cannot be reached or answers with a failure.
 */
export function s3Error(verb: string, bucket: string, key: string, error: unknown): unknown {
  if (isConflict(error)) return error;
  const failure = awsFailure(error);
  const where = `${verb} s3://${bucket}/${key}`;
  const mistake = mistakeIn(failure, bucket);
  if (mistake !== null) return new UsageError([`${where}: ${mistake}`]);
  const { code, status, message } = failure;
  if (status === 401 || status === 403 || NO_GOOD.includes(code)) {
    return new AccessError(`${where}: S3 refused (${code}). ${accessCure(code)}`, { cause: error });
  }
  if (error instanceof ArchiveError) return new ArchiveError(`${where}: ${message}`, { cause: error });
  if (isUnreachable(failure)) {
    return new ArchiveError(
      `${where}: S3 could not be reached (${message.replace(/^@\S+ - \[\w+\] /, '')}). Look at the network and at AWS_REGION, and run it again`,
      { cause: error },
    );
  }
  const answer = status === null ? message : `S3 answered ${status} (${code})`;
  if (status === 429 || (status ?? 0) >= 500) {
    return new ArchiveError(`${where}: ${answer}. Run it again when S3 is well`, { cause: error });
  }
  return new Error(`${where}: ${answer}`, { cause: error });
}

/** What was set up wrong, with the fix; `null` for any other failure. */
function mistakeIn({ code, errno, message }: AwsFailure, bucket: string): string | null {
  if (code === 'NoSuchBucket' || code === 'InvalidBucketName') return `there is no bucket ${bucket}`;
  if (code === 'CredentialsProviderError' || code === 'TokenProviderError') {
    return `no AWS credentials could be had (${message}); sign in, or set AWS_PROFILE`;
  }
  if (/^region is missing|region=""/i.test(message)) {
    return 'no AWS region is set; set AWS_REGION to the one of the bucket';
  }
  if (/^region not accepted/i.test(message)) return `AWS_REGION is no region (${message})`;
  if (ELSEWHERE.includes(code)) {
    return `the bucket is in another region (${code}); set AWS_REGION to the one of the bucket`;
  }
  return errno === 'ERR_INVALID_URL' ? 'AWS_ENDPOINT_URL_S3, or AWS_ENDPOINT_URL, is no address' : null;
}

function accessCure(code: string): string {
  if (NO_GOOD.includes(code)) return 'The AWS credentials are wrong or have expired: sign in again';
  if (code === 'RequestTimeTooSkewed') return "This machine's clock is off: set it";
  return (
    'Needed are s3:GetObject, s3:PutObject and s3:AbortMultipartUpload on the objects, and s3:ListBucket on the bucket ' +
    '(or a missing object reads so, too); the deployed function also needs s3:GetObjectVersion'
  );
}

/** No answer came: Node says why by the code of a system call or of TLS, the SDK by the name of its own time-out. */
function isUnreachable({ code, errno, status }: AwsFailure): boolean {
  return status === null && (errno !== null || code === 'TimeoutError');
}
