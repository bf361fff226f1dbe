import { AccessError, UsageError } from '../../errors.ts';

/** S3's code of a failed request, and the status of its answer (`null` when there was none). */
interface Failure {
  readonly code: string;
  readonly status: number | null;
  readonly message: string;
}

/** Nothing is stored under the key. */
export function isMissing(error: unknown): boolean {
  return failureOf(error).code === 'NoSuchKey';
}

/** The condition of a PUT did not hold, or another conditional PUT was under way. A vanished object reads `NoSuchKey`. */
export function isConflict(error: unknown): boolean {
  const { code, status } = failureOf(error);
  return status === 412 || code === 'ConditionalRequestConflict' || code === 'NoSuchKey';
}

/** Turns a failed request into words; conflicts and missing keys are for the caller and stay as they are. */
export function s3Error(verb: string, bucket: string, key: string, error: unknown): unknown {
  if (isConflict(error)) return error;
  const { code, status, message } = failureOf(error);
  const place = `s3://${bucket}/${key}`;
  const where = `${verb} ${place}`;
  if (status === 401 || status === 403) {
    return new AccessError(
      `${where}: S3 refused (${code}). Needed are s3:GetObject and s3:PutObject on the objects, and s3:ListBucket on ` +
        'the bucket: without it S3 answers 403 for an object that does not exist yet',
      { cause: error },
    );
  }
  if (code === 'NoSuchBucket') return new UsageError([`${where}: there is no bucket ${bucket}`]);
  if (code === 'CredentialsProviderError') {
    return new UsageError([`${where}: no AWS credentials were found; sign in, or set AWS_PROFILE`]);
  }
  if (/^region is missing/i.test(message)) {
    return new UsageError([`${where}: no AWS region is set; set AWS_REGION to the one of the bucket`]);
  }
  return new Error(`${where}: ${status === null ? message : `S3 answered ${status} (${code})`}`, {
    cause: error,
  });
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: '', status: null, message: String(error) };
  const metadata: unknown = '$metadata' in error ? error.$metadata : null;
  const status: unknown =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : null;
  return { code: error.name, status: typeof status === 'number' ? status : null, message: error.message };
}
