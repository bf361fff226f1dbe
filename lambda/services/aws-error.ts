/** A failed request to AWS. */
export type AwsFailure = Readonly<ReturnType<typeof awsFailure>>;

/**
 * What can be told from an error of the AWS SDK, whatever it is: the service's code; the status of its answer, `null` when there was
 * none; and then Node's code, such as `ECONNREFUSED`, as `errno`.
 */
export function awsFailure(error: unknown) {
  if (!(error instanceof Error)) return { code: '', status: null, errno: null, message: String(error) };
  const metadata: unknown = '$metadata' in error ? error.$metadata : null;
  const status: unknown =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : null;
  const errno = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return {
    code: error.name,
    status: typeof status === 'number' ? status : null,
    errno,
    // Where several addresses of one host were tried, the error has no words of its own.
    message: error.message || (errno ?? error.name),
  };
}
