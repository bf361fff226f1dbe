import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { isUploadGone } from './s3-errors.ts';

export interface Opened {
  readonly sdk: typeof import('@aws-sdk/client-s3');
  readonly client: S3Client;
}

interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

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
export async function uploadInParts(
  opened: Opened,
  target: Target,
  parts: Iterable<Uint8Array>,
): Promise<string | undefined> {
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
    if (isUploadGone(error)) return await storedAs(opened, target, mark, error);
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
      const end = startsPair(held.charCodeAt(units - 1)) ? units + 1 : units;
      yield Buffer.from(held.slice(0, end));
      held = held.slice(end);
    }
  }
  yield Buffer.from(held);
}

/** Whether this UTF-16 unit is the first half of a character. */
function startsPair(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
