import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AccessError } from '../errors.ts';
import { awsFailure } from '../services/aws-error.ts';

/** Resolves with the text of a secret, `null` when it has none (never filled, or binary). */
type ReadSecret = (arn: string) => Promise<string | null>;

/** In milliseconds, for each of at most three attempts: a run waits for it, and a 401 in mid-run as well. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/**
 * Secrets Manager, each call a request: nothing is kept here. Throws `AccessError` when AWS refuses, and an `Error` when there
 * is no such secret or no answer. `client`: one for the region and credentials of the environment, unless given.
 */
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

function inWords(
  arn: string,
  { code, status, message }: ReturnType<typeof awsFailure>,
  cause: unknown,
): Error {
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
  return new Error(
    `${where}: ${status === null ? message : `Secrets Manager answered ${status} (${code})`}`,
    {
      cause,
    },
  );
}
