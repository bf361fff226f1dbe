import { S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { s3Archive } from '../../../lambda/services/store/s3.ts';
import type { VersionedArchive } from '../../../lambda/ports.ts';
import { type S3Emulator, type S3Options, startS3 } from '../../emulators/s3.ts';

export function clientFor(url: string, options: { region?: string; maxAttempts?: number } = {}): S3Client {
  const client = new S3Client({
    endpoint: url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-to-be-seen' },
    ...options,
  });
  onTestFinished(() => client.destroy());
  return client;
}

export async function start(options: S3Options = {}): Promise<S3Emulator> {
  const s3 = await startS3(options);
  onTestFinished(() => s3.close());
  return s3;
}

/** An archive in the bucket `records` of a stand-in of its own. */
export async function archiveIn(
  options: S3Options = {},
): Promise<{ s3: S3Emulator; archive: VersionedArchive }> {
  const s3 = await start(options);
  return { s3, archive: s3Archive({ bucket: 'records', prefix: 'p', client: clientFor(s3.url) }) };
}
