import { AccessError, SourceError, UsageError, WriteError } from '../errors.ts';

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
  const message = (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_MESSAGE);
  const note = (kind: ErrorRecord['kind'], problems: readonly string[] = []): ErrorRecord => ({
    kind,
    message,
    problems,
  });
  if (error instanceof UsageError) return note('usage', error.problems);
  if (error instanceof SourceError) return note('source');
  if (error instanceof AccessError) return note('access');
  if (error instanceof WriteError) return note(error.server ? 'server' : 'write');
  return note('unforeseen');
}

function remade({ kind, message, problems }: ErrorRecord): Error {
  switch (kind) {
    case 'usage':
      return new UsageError(problems);
    case 'source':
      return new SourceError(message);
    case 'access':
      return new AccessError(message);
    case 'server':
    case 'write':
      return new WriteError(message, kind === 'server');
    case 'unforeseen':
      return new Error(message);
  }
}

/** Once both sides were read, an archive that cannot be used is no longer a matter of usage. */
export function unforeseen(error: unknown): Error {
  if (error instanceof UsageError) return new Error(error.message, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}
