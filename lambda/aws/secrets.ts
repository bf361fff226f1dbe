import { AccessError, messageOf, UsageError } from '../errors.ts';
import type { Credentials } from '../settings/credentials.ts';
import { oktaFromSecret, secodaFromSecret } from '../settings/secret-content.ts';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsFailure, type AwsFailure } from '../services/aws-error.ts';

interface SecretSources {
  /** One request to the service each. */
  readonly read: ReadSecret;
  readonly oktaArn: string;
  readonly secodaArn: string;
}

/**
 * The credentials of a deployment, for the life of the process: make them once, outside the handler. Nothing of this may stand in the
 * result of a step.
 */
export function createSecrets({ read, oktaArn, secodaArn }: SecretSources) {
  const okta = kept(async () => oktaFromSecret(await read(oktaArn), oktaArn));
  const secoda = kept(async () => secodaFromSecret(await read(secodaArn), secodaArn));
  return {
    /** Both, kept once they are good. Throws `UsageError` with all that is wrong on either side, `AccessError` when AWS refuses. */
    async credentials(): Promise<Credentials> {
      const [ofOkta, ofSecoda] = await Promise.allSettled([okta.get(), secoda.get()]);
      if (ofOkta.status === 'fulfilled' && ofSecoda.status === 'fulfilled') {
        return { okta: ofOkta.value, secoda: ofSecoda.value };
      }
      throw together(
        [ofOkta, ofSecoda].flatMap((each): unknown => (each.status === 'rejected' ? [each.reason] : [])),
      );
    },
    /** Fetched again, for whoever was told 401; later calls of `credentials` give the new ones. */
    renewOkta: okta.renew,
    renewSecoda: secoda.renew,
  };
}

/** Fetches once, however many ask at a time, and keeps what was good. */
function kept<T>(fetch: () => Promise<T>) {
  let good: { readonly value: T } | null = null;
  let fetching: Promise<T> | null = null;
  const fetched = async (): Promise<T> => {
    const value = await fetch();
    good = { value };
    return value;
  };
  const renew = (): Promise<T> =>
    (fetching ??= fetched().finally(() => {
      fetching = null;
    }));
  return { get: () => (good === null ? renew() : Promise.resolve(good.value)), renew };
}

/** Whoever fills one secret wants to know about the other as well. */
function together(errors: readonly unknown[]): unknown {
  const [first, ...others] = errors;
  if (others.length === 0) return first;
  if (errors.every((error) => error instanceof UsageError)) {
    return new UsageError(errors.flatMap((error) => (error instanceof UsageError ? error.problems : [])));
  }
  const words = errors.map(messageOf).join('\n');
  return errors.some((error) => error instanceof AccessError) ? new AccessError(words) : new Error(words);
}

/** Resolves with the text of a secret, `null` when it has none (never filled, or binary). */
type ReadSecret = (arn: string) => Promise<string | null>;

/** In milliseconds, for each of at most three attempts: a run waits for it, and a 401 in mid-run as well. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/** Asks Secrets Manager, each time. Throws `AccessError` when AWS refuses. `client`: the usual one unless given. */
export function secretsManager(client?: SecretsManagerClient): ReadSecret {
  let opened = client;
  return async (arn) => {
    opened ??= new SecretsManagerClient({ requestHandler: TIMEOUTS, maxAttempts: 3 });
    try {
      const { SecretString } = await opened.send(new GetSecretValueCommand({ SecretId: arn }));
      return SecretString ?? null;
    } catch (error) {
      const failure = awsFailure(error);
      // The same code for no secret and for one without a value; the message tells them apart.
      if (failure.code === 'ResourceNotFoundException' && failure.message.includes('AWSCURRENT')) return null;
      throw inWords(arn, failure, error);
    }
  };
}

function inWords(arn: string, { code, status, message }: AwsFailure, cause: unknown): Error {
  const where = `The secret ${arn} could not be read`;
  if (code === 'ResourceNotFoundException') {
    return new Error(`${where}: there is none. Check the ARN, its account and its region`, { cause });
  }
  if (code === 'AccessDeniedException' || status === 403) {
    return new AccessError(
      `${where}: AWS refused (${code}). Needed is secretsmanager:GetSecretValue on it, and kms:Decrypt on its key if that is one of yours`,
      { cause },
    );
  }
  const answer = status === null ? message : `Secrets Manager answered ${status} (${code})`;
  return new Error(`${where}: ${answer}`, { cause });
}
