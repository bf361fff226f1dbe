import { UsageError } from '../../errors.ts';
import { codeOf } from './lock.ts';

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
    `Cannot ${verb} the folder ${path}: ${reason}. Mend that, or name another place with --runs DIR`,
  ]);
}
