import { AccessError, UsageError } from '../errors.ts';
import type { Credentials, OktaCredentials } from '../settings/credentials.ts';
import { oktaFromSecret, secodaFromSecret } from '../settings/secret-content.ts';

interface SecretSources {
  /** Resolves with a secret's text, `null` when it has none; one request to the service each. */
  readonly read: (arn: string) => Promise<string | null>;
  readonly oktaArn: string;
  readonly secodaArn: string;
}

/** The credentials of a deployment. Nothing of this may stand in the result of a step. */
export interface Secrets {
  /**
   * Both, fetched with the first call and kept for the life of the process. What could not be used is fetched again with the
   * next call. Throws `UsageError` with all that is wrong on either side, `AccessError` when AWS refuses.
   */
  readonly credentials: () => Promise<Credentials>;
  /** Fetched again, for whoever was told 401; later calls of `credentials` give the new ones. */
  readonly renewOkta: () => Promise<OktaCredentials>;
  readonly renewSecoda: () => Promise<Credentials['secoda']>;
}

/** Make one for the process, outside the handler. */
export function createSecrets({ read, oktaArn, secodaArn }: SecretSources): Secrets {
  const okta = kept(async () => oktaFromSecret(await read(oktaArn), oktaArn));
  const secoda = kept(async () => secodaFromSecret(await read(secodaArn), secodaArn));
  return {
    async credentials() {
      const [ofOkta, ofSecoda] = await Promise.allSettled([okta.get(), secoda.get()]);
      if (ofOkta.status === 'fulfilled' && ofSecoda.status === 'fulfilled') {
        return { okta: ofOkta.value, secoda: ofSecoda.value };
      }
      throw together(
        [ofOkta, ofSecoda].flatMap((each): unknown => (each.status === 'rejected' ? [each.reason] : [])),
      );
    },
    renewOkta: okta.renew,
    renewSecoda: secoda.renew,
  };
}

/** Fetches once, however many ask at a time, and keeps what was good. */
function kept<T>(fetch: () => Promise<T>): {
  readonly get: () => Promise<T>;
  readonly renew: () => Promise<T>;
} {
  let good: { readonly value: T } | null = null;
  let fetching: Promise<T> | null = null;
  const fetched = async (): Promise<T> => {
    const value = await fetch();
    good = { value };
    return value;
  };
  const renew = (): Promise<T> => {
    fetching ??= fetched().finally(() => {
      fetching = null;
    });
    return fetching;
  };
  return { get: () => (good === null ? renew() : Promise.resolve(good.value)), renew };
}

/** Whoever fills one secret wants to know about the other as well. */
function together(errors: readonly unknown[]): unknown {
  const [first, ...others] = errors;
  if (others.length === 0) return first;
  if (errors.every((error) => error instanceof UsageError)) {
    return new UsageError(errors.flatMap((error) => (error instanceof UsageError ? error.problems : [])));
  }
  const words = errors.map((error) => (error instanceof Error ? error.message : String(error))).join('\n');
  return errors.some((error) => error instanceof AccessError) ? new AccessError(words) : new Error(words);
}
