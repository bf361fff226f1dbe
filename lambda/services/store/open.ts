import { UsageError } from '../../errors.ts';
import type { Archive } from '../../ports.ts';
import { folderArchive } from './folder.ts';
import { s3Archive } from './s3.ts';

/** The archive at an address: a folder, or `s3://bucket/prefix`. Touches nothing yet. Throws `UsageError`. */
export function openArchive(address: string): Archive {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/i.exec(address) ?? [];
  if (address.trim() === '') throw notAnArchive(address);
  if (scheme === undefined) return folderArchive(address);
  const [bucket = '', ...prefix] = rest.split('/');
  if (scheme.toLowerCase() !== 's3' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw notAnArchive(address);
  }
  return s3Archive({ bucket, prefix: prefix.join('/') });
}

/** Sees whether an archive takes a write, before both sides are read for minutes. Throws as the archive does. */
export async function checkUsable(archive: Archive): Promise<void> {
  // It cannot succeed, since nothing bears such a tag; but it asks for all that a write needs.
  await archive.swap('writable', 'yes', NO_TAG);
}

/** In the form of an ETag. */
const NO_TAG = `"${'0'.repeat(32)}"`;

function notAnArchive(address: string): UsageError {
  return new UsageError([
    `${JSON.stringify(address)} is no place for records: expected a folder or s3://bucket/prefix`,
  ]);
}
