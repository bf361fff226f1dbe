import { createServer, type RequestListener } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { awsFailure } from '../../../lambda/services/aws-error.ts';
import { s3Error } from '../../../lambda/services/store/s3-upload.ts';
import { s3Archive } from '../../../lambda/services/store/s3.ts';
import { AccessError, ArchiveError, UsageError } from '../../../lambda/errors.ts';
import { listen } from '../../emulators/listen.ts';
import { anEnvironment } from '../../aws/aws-setup.ts';
import { clientFor } from './s3-stand.ts';

/** What became of reading from a service that answers so. */
async function failureOf(serve: RequestListener, options: object = {}): Promise<unknown> {
  const server = createServer(serve);
  const listening = await listen(server, 0);
  onTestFinished(() => listening.close());
  const client = clientFor(listening.url, { maxAttempts: 1, ...options });
  const archive = s3Archive({ bucket: 'records', prefix: 'p', client });
  return archive.read('state.json').catch((error: unknown) => error);
}

function problem(status: number, code: string, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`;
    response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body);
  };
}

const REGION = { 'x-amz-bucket-region': 'eu-central-1' };

it.each([
  [404, 'NoSuchBucket', {}, UsageError, 'there is no bucket records'],
  [301, 'PermanentRedirect', REGION, UsageError, 'set AWS_REGION'],
  [400, 'AuthorizationHeaderMalformed', {}, UsageError, 'set AWS_REGION'],
  [400, 'IllegalLocationConstraintException', {}, UsageError, 'set AWS_REGION'],
  [400, 'InvalidBucketName', {}, UsageError, 'there is no bucket records'],
  [400, 'ExpiredToken', {}, AccessError, 'sign in again'],
  [400, 'InvalidToken', {}, AccessError, 'sign in again'],
  [400, 'TokenRefreshRequired', {}, AccessError, 'sign in again'],
  [401, 'Unauthorized', {}, AccessError, 's3:ListBucket'],
  [418, 'Teapot', {}, Error, 'S3 answered 418 (Teapot)'],
  [403, 'InvalidAccessKeyId', {}, AccessError, 'sign in again'],
  [403, 'SignatureDoesNotMatch', {}, AccessError, 'sign in again'],
  [403, 'RequestTimeTooSkewed', {}, AccessError, 'clock is off'],
  [403, 'AccessDenied', {}, AccessError, 's3:ListBucket'],
  [503, 'SlowDown', {}, ArchiveError, 'S3 answered 503 (SlowDown). Run it again'],
  [429, 'TooManyRequests', {}, ArchiveError, 'S3 answered 429 (TooManyRequests). Run it again'],
  [500, 'InternalError', {}, ArchiveError, 'S3 answered 500 (InternalError). Run it again'],
] as const)('%i %s is told with its fix', async (status, code, headers, kind, fix) => {
  const failure = await failureOf(problem(status, code, headers));
  expect(failure).toBeInstanceOf(kind);
  expect(failure instanceof ArchiveError).toBe(Object.is(kind, ArchiveError));
  expect(String(failure)).toContain('GET s3://records/p/state.json: ');
  expect(String(failure)).toContain(fix);
  expect(String(failure)).not.toMatch(/AKID|not-to-be-seen/);
});

it('a line that is cut, and a service that says nothing, count as not reached', async () => {
  const cut = await failureOf((request) => request.socket.destroy());
  expect(cut).toBeInstanceOf(ArchiveError);
  expect(String(cut)).toContain('S3 could not be reached (socket hang up). Look at the network');
  const patience = { requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true } };
  const silent = await failureOf(() => undefined, patience);
  expect(silent).toBeInstanceOf(ArchiveError);
  expect(String(silent)).toContain('S3 could not be reached (a request has exceeded');
});

it('a bucket of another region than is set is asked for there', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const [, region] = /Credential=[^/]+\/\d+\/([^/]+)/.exec(request.headers.authorization ?? '') ?? [];
    asked.push(region);
    if (region === 'eu-central-1') response.writeHead(200, { etag: '"1"' }).end('{}');
    else problem(301, 'PermanentRedirect', REGION)(request, response);
  });
  const listening = await listen(server, 0);
  onTestFinished(() => listening.close());
  anEnvironment({ AWS_ENDPOINT_URL_S3: listening.url });
  const archive = s3Archive({ bucket: 'records', prefix: 'p' });
  expect(await archive.read('state.json')).toEqual({ text: '{}', tag: '"1"' });
  expect(asked).toEqual(['eu-west-1', 'eu-central-1']);
});

it.each(['not an address', 'http://'])(
  'an endpoint that is no address (%s) is a matter of how it was set up',
  async (url) => {
    anEnvironment({ AWS_ENDPOINT_URL_S3: url });
    const failure: unknown = await s3Archive({ bucket: 'records', prefix: 'p' })
      .read('state.json')
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain('AWS_ENDPOINT_URL_S3, or AWS_ENDPOINT_URL, is no address');
  },
);

it('what answers in the place of S3 is no archive', async () => {
  const failure = await failureOf((_request, response) =>
    response.end('<html>Sign in to the network</html>'),
  );
  expect(failure).toBeInstanceOf(ArchiveError);
  expect(String(failure)).toContain('does a proxy answer');
});

it.each([
  [
    'CredentialsProviderError',
    'Could not load credentials from any providers',
    'sign in, or set AWS_PROFILE',
  ],
  ['TokenProviderError', "Token is expired. Run 'aws sso login'", "Run 'aws sso login'"],
  ['Error', 'Region is missing', 'set AWS_REGION'],
  [
    'Error',
    'Region not accepted: region="eu west" is not a valid hostname component.',
    'AWS_REGION is no region',
  ],
])('%s (%s) is a matter of how it was set up', (name, message, fix) => {
  const failure = s3Error('GET', 'records', 'state.json', Object.assign(new Error(message), { name }));
  expect(failure).toBeInstanceOf(UsageError);
  expect(String(failure)).toContain(fix);
});

it('several addresses of a host that all refuse are told by the code they share', () => {
  const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  expect(String(s3Error('PUT', 'records', 'turn.json', refused))).toContain('reached (ECONNREFUSED)');
});

it('a code is Node’s where it is a text', () => {
  const failure = (code: unknown) => awsFailure(Object.assign(new Error('it broke'), { code }));
  expect(failure('ECONNRESET')).toEqual({
    code: 'Error',
    status: null,
    errno: 'ECONNRESET',
    message: 'it broke',
  });
  expect(failure(7)).toEqual({ code: 'Error', status: null, errno: null, message: 'it broke' });
});

it('what nobody foresaw stays what it is', () => {
  const failure = s3Error('PUT', 'records', 'turn.json', new TypeError('x is undefined'));
  expect(failure).not.toBeInstanceOf(ArchiveError);
  expect(String(failure)).toBe('Error: PUT s3://records/turn.json: x is undefined');
});
