import { bad, type Finding } from '../../doctor/finding.ts';
import { AccessError, SourceError, UsageError } from '../../errors.ts';
import { TOKEN_PATH } from './executor.ts';
import { cureIn } from './failure.ts';
import { Refusal } from './refusal.ts';

/** What a look at Okta failed for: nothing sensible came, the credentials or their rights, or the configuration. */
export interface Trouble {
  readonly with: 'source' | 'credentials' | 'rights' | 'configuration';
  readonly error: Error;
}

export type Look<T> = { readonly seen: T } | { readonly trouble: Trouble };

/** Throws what `Directory` would not throw: it is no finding, but a fault of ours. */
export async function look<T>(read: () => Promise<T>): Promise<Look<T>> {
  try {
    return { seen: await read() };
  } catch (error) {
    if (error instanceof SourceError) return { trouble: { with: 'source', error } };
    if (error instanceof UsageError) return { trouble: { with: 'configuration', error } };
    if (!(error instanceof AccessError)) throw error;
    const { cause } = error;
    const unknown = cause instanceof Refusal && (cause.answered === 401 || cause.path === TOKEN_PATH);
    return { trouble: { with: unknown ? 'credentials' : 'rights', error } };
  }
}

/** `otherwise`: the cure, where the error does not bring its own. */
export function broken(check: string, { error }: Trouble, otherwise: string): Finding {
  const cure = cureIn(error);
  if (cure === null) return bad(check, error.message, otherwise);
  return bad(check, error.message.slice(0, -cure.length).trimEnd(), cure);
}
