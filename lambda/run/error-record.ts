import { AccessError, messageOf, SourceError, UsageError, WriteError } from '../errors.ts';

/** An error as it travels between two steps: what a caller tells apart, and the words. Never a stack. */
export interface ErrorRecord {
  readonly kind: 'usage' | 'source' | 'access' | 'server' | 'write' | 'unforeseen';
  readonly message: string;
  readonly problems: readonly string[];
}

/** Characters of a message: what an odd answer quotes has no bounds, and the result of a step has. */
const LONGEST_MESSAGE = 10_000;

/** The errors themselves, as long as their notes are in the same process: whoever looks for a cause wants the stack. */
const errors = new WeakMap<ErrorRecord, Error>();

/** An error as a step can return it. */
export function errorRecordOf(error: unknown): ErrorRecord {
  const note = described(error);
  if (error instanceof Error) errors.set(note, error);
  return note;
}

/** The error that a note stands for: the very one within a process, else one of the same kind and words. */
export function errorOf(note: ErrorRecord): Error {
  return errors.get(note) ?? remade(note);
}

function described(error: unknown): ErrorRecord {
  const message = messageOf(error).slice(0, LONGEST_MESSAGE);
  const problems = error instanceof UsageError ? error.problems : [];
  return { kind: kindOf(error), message, problems };
}

function kindOf(error: unknown): ErrorRecord['kind'] {
  if (error instanceof UsageError) return 'usage';
  if (error instanceof SourceError) return 'source';
  if (error instanceof AccessError) return 'access';
  if (error instanceof WriteError) return error.server ? 'server' : 'write';
  return 'unforeseen';
}

function remade({ kind, message, problems }: ErrorRecord): Error {
  if (kind === 'usage') return new UsageError(problems);
  if (kind === 'source') return new SourceError(message);
  if (kind === 'access') return new AccessError(message);
  return kind === 'unforeseen' ? new Error(message) : new WriteError(message, kind === 'server');
}

/** Once both sides were read, an archive that cannot be used is no longer a matter of usage. */
export function unforeseen(error: unknown): Error {
  if (error instanceof UsageError) return new Error(error.message, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}
