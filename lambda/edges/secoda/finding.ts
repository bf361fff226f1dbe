import { bad, type Finding } from '../../doctor/finding.ts';
import { AccessError, SourceError, TurnOver, WriteError } from '../../errors.ts';
import { KeyRefused } from './access.ts';

/** What an error says, as a finding; `otherwise` is the cure where it does not bring its own. */
export function broken(check: string, error: Error, otherwise: string): Finding {
  return error instanceof KeyRefused
    ? bad(check, error.said, error.cure)
    : bad(check, error.message, otherwise);
}

/** The result, or the error that Secoda is the reason of. Any other error is thrown: it is no finding, but a fault of ours. */
export async function look<T>(
  read: () => Promise<T>,
): Promise<{ readonly seen: T } | { readonly error: Error }> {
  try {
    return { seen: await read() };
  } catch (error) {
    const expected = [SourceError, AccessError, WriteError, TurnOver].some((kind) => error instanceof kind);
    if (expected && error instanceof Error) return { error };
    throw error;
  }
}
