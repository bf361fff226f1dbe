import { AccessError, UsageError } from '../../errors.ts';
import { awsFailure } from '../aws-error.ts';

/** Nothing is stored under the key, or not this version of it. */
export function isMissing(error: unknown): boolean {
  const { code } = awsFailure(error);
  return code === 'NoSuchKey' || code === 'NoSuchVersion';
}

/** The multipart upload was completed or aborted before, or never begun. */
export function isUploadGone(error: unknown): boolean {
  return awsFailure(error).code === 'NoSuchUpload';
}

/** The condition of a PUT did not hold, or another conditional PUT was under way. A vanished object reads `NoSuchKey`. */
export function isConflict(error: unknown): boolean {
  const { code, status } = awsFailure(error);
  return status === 412 || code === 'ConditionalRequestConflict' || code === 'NoSuchKey';
}

/** Turns a failed request into words; conflicts and missing keys are for the caller and stay as they are. */
export function s3Error(verb: string, bucket: string, key: string, error: unknown): unknown {
  if (isConflict(error)) return error;
  const { code, status, message } = awsFailure(error);
  const place = `s3://${bucket}/${key}`;
  const where = `${verb} ${place}`;
  if (status === 401 || status === 403) {
    return new AccessError(
      `${where}: S3 refused (${code}). Needed are s3:GetObject and s3:PutObject on the objects (the deployed function ` +
        'also needs s3:GetObjectVersion and s3:AbortMultipartUpload), and s3:ListBucket on the bucket: without it S3 ' +
        'answers 403 for an object that does not exist yet',
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
