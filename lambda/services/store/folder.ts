import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  type Dirent,
  fsync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { byText } from '../../core/model/text.ts';
import type { Archive, Clock } from '../../ports.ts';
import { systemClock } from '../clock.ts';
import { chunksOf } from './s3-upload.ts';
import { bytesOf, codeOf, inFolder, type StillOurs, underLock } from './lock.ts';
import { UsageError } from '../../errors.ts';

/** Holds locks and half-written files, apart from what people look at. */
const WORKROOM = '.pending';
/** What a killed process left in the workroom is cleared away after this long, in milliseconds. */
const LEFT_BEHIND_MS = 3_600_000;
/** What is written to a file at once, in UTF-16 units. */
const CHUNK_UNITS = 128 * 1024;

/**
 * An archive in a folder, which comes into being with the first write. A file is replaced by renaming a complete one
 * over it, and replaced under a lock, so that `swap` holds between processes. A tag is a hash of the content.
 * Throws `UsageError` where the folder cannot be read or written. `clock` is for waiting for other processes.
 */
export function folderArchive(path: string, clock: Clock = systemClock): Archive {
  const root = resolve(path);
  const workroom = join(root, WORKROOM);
  let cleared: Promise<void> | null = null;

  /** Turns what fails in `work` into words. */
  async function writing<T>(work: () => Promise<T>): Promise<T> {
    try {
      cleared ??= clearAway(workroom);
      await cleared;
      return await work();
    } catch (error) {
      cleared = null;
      throw folderError('write to', path, error);
    }
  }

  async function drafted<T>(content: Content, work: (draft: string) => T | Promise<T>): Promise<T> {
    const draft = join(workroom, `${randomUUID()}.tmp`);
    try {
      await writeThrough(draft, content);
      return await work(draft);
    } finally {
      rmSync(draft, { force: true });
    }
  }

  async function entriesOf(folder: string, after: string, wanted: (entry: Dirent) => boolean) {
    try {
      const entries = await readdir(join(root, folder), { withFileTypes: true });
      const names = entries.filter(wanted).map(({ name }) => name);
      return names.filter((name) => name > after && !name.startsWith('.')).sort(byText);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw folderError('read', path, error);
    }
  }

  async function write(key: string, content: Content): Promise<void> {
    const file = join(root, checkedKey(key));
    await writing(() =>
      drafted(content, async (draft) => {
        while (!(await locked(key, (stillOurs) => replace(file, draft, stillOurs))));
      }),
    );
  }

  const bytesAt = (key: string): Promise<Buffer | null> =>
    Promise.try(() => bytesOf(join(root, checkedKey(key)))).catch((error: unknown) => {
      throw folderError('read', path, error);
    });

  const locked = <T>(key: string, work: (stillOurs: StillOurs) => T | Promise<T>): Promise<T> =>
    underLock(join(workroom, key.replaceAll('/', '+')), work, clock);

  return {
    address: `${path.replace(/\/+$/, '')}/`,
    async read(key) {
      const bytes = await bytesAt(key);
      return bytes === null ? null : { text: bytes.toString('utf8'), tag: tagOf(bytes) };
    },
    write,
    writeBytes: write,
    readBytes: bytesAt,
    async hash(key) {
      const hash = createHash('sha256');
      try {
        await pipeline(createReadStream(join(root, checkedKey(key))), hash);
        return hash.digest('hex');
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw folderError('read', path, error);
      }
    },
    async swap(key, text, expected) {
      const file = join(root, checkedKey(key));
      return writing(() =>
        locked(key, async (stillOurs) => {
          const bytes = bytesOf(file);
          if ((bytes === null ? null : tagOf(bytes)) !== expected) return null;
          const done = await drafted(text, (draft) => replace(file, draft, stillOurs));
          return done ? tagOf(Buffer.from(text)) : null;
        }),
      );
    },
    folders: (after) => entriesOf('', after, (entry) => entry.isDirectory()),
    names: (folder, after) => entriesOf(checkedKey(folder), after, () => true),
  };
}

function replace(file: string, draft: string, stillOurs: StillOurs): boolean {
  return inFolder(file, () => {
    if (!stillOurs()) return false;
    renameSync(draft, file);
    return true;
  });
}

function tagOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A text, whole or in pieces; or bytes, which are for their owner alone. */
type Content = string | Iterable<string> | Uint8Array;

const onDisk = promisify(fsync);

/** On the disk before it gets its name: after a power cut the name would otherwise stand for an empty file. */
async function writeThrough(path: string, content: Content): Promise<void> {
  const secret = content instanceof Uint8Array;
  const file = inFolder(path, () => openSync(path, 'wx', secret ? 0o600 : 0o666));
  try {
    for (const chunk of secret ? [content] : chunksOf(content, CHUNK_UNITS)) writeFileSync(file, chunk);
    await onDisk(file);
  } finally {
    closeSync(file);
  }
}

/** Ages are taken by the file system's own clock, from a file made now. Locks are never touched here. */
async function clearAway(workroom: string): Promise<void> {
  const fresh = join(workroom, `${randomUUID()}.tmp`);
  await writeThrough(fresh, '');
  const { mtimeMs: now } = await stat(fresh);
  for (const name of await readdir(workroom)) {
    if (!name.endsWith('.tmp')) continue;
    const path = join(workroom, name);
    const found = await stat(path).catch(() => null);
    if (path === fresh || (found !== null && now - found.mtimeMs > LEFT_BEHIND_MS)) {
      // Somebody else may do the same at the same time.
      await rm(path, { force: true });
    }
  }
}

const SEGMENT = /^[A-Za-z0-9_~][A-Za-z0-9._~-]*$/;

/**
 * Returns `key` if it is a relative path of plain names joined by `/`; throws otherwise. Nothing that leads out of the
 * archive (`..`, a leading slash, a drive, a backslash) and nothing hidden (a leading dot) is a plain name.
 */
export function checkedKey(key: string): string {
  if (key.split('/').every((segment) => SEGMENT.test(segment))) return key;
  throw new Error(`Not a key of the archive: ${JSON.stringify(key)}. A key is plain names joined by "/"`);
}

const REASONS = new Map([
  ['EACCES', 'this user may not'],
  ['EPERM', 'this user may not, or the file system has no hard links'],
  ['ENOTSUP', 'the file system has no hard links'],
  ['EROFS', 'the file system is read-only'],
  ['ENOENT', 'a link in the path leads nowhere, or no folder can be made there'],
  ['ENOTDIR', 'part of the path is a file'],
  ['EEXIST', 'part of the path is a file'],
  ['EISDIR', 'a folder stands where a file belongs'],
  ['ELOOP', 'a link in the path leads back to itself'],
  ['ENAMETOOLONG', 'the path is too long'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
]);

/** Turns a failed system call into words for the person who chose the folder; anything else stays as it is. */
export function folderError(verb: 'read' | 'write to', path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  const reason = REASONS.get(codeOf(error) ?? '') ?? error.message;
  return new UsageError([
    `Cannot ${verb} the folder ${path}: ${reason}. Fix that, or name another place with --runs DIR`,
  ]);
}
