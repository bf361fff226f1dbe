import { expect, onTestFinished, vi } from 'vitest';
import type { Log } from '../../../lambda/aws/front-door/answer.ts';
import { type S3Emulator, startS3 } from '../../emulators/s3.ts';
import { takeLines } from '../../printed-lines.ts';
import { type LambdaService, startLambda } from './lambda-service.ts';

export const SYNC = 'arn:aws:lambda:eu-west-1:123456789012:function:sync:live';
export const SYNC_APPROVE = 'arn:aws:lambda:eu-west-1:123456789012:function:sync:approve';
export const BUCKET = 'records';

/** What Lambda says of an invocation of `Start`. */
export const INVOCATION = {
  awsRequestId: '8f507cfc-0000-4697-b07a-ac58fc914c95',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:start',
};

/** What Lambda says of one through the alias for approvals. */
export const APPROVAL = { ...INVOCATION, invokedFunctionArn: `${INVOCATION.invokedFunctionArn}:approve` };

export interface Setting {
  readonly lambda: LambdaService;
  readonly s3: S3Emulator;
  /** What the function printed so far, a line of JSON each. */
  readonly printed: readonly string[];
}

/** Stand-ins for Lambda and S3, and an environment that points there. What the function prints names nobody. */
export async function set(): Promise<Setting> {
  const lines = takeLines();
  onTestFinished(() => {
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ service: 'start', stack: 'test' });
      expect(line).not.toContain('@');
    }
  });
  const lambda = await startLambda();
  onTestFinished(() => lambda.close());
  const s3 = await startS3();
  onTestFinished(() => s3.close());
  const environment = {
    SYNC_FUNCTION_ARN: SYNC,
    SYNC_APPROVE_ARN: SYNC_APPROVE,
    ARCHIVE_BUCKET: BUCKET,
    STACK_NAME: 'test',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'not-to-be-seen',
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_ENDPOINT_URL_S3: s3.url,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { lambda, s3, printed: lines };
}

/** The deployed function itself, newly started. */
export async function coldStart(): Promise<(event: unknown) => Promise<unknown>> {
  vi.resetModules();
  const { handler } = await import('../../../lambda/start.ts');
  return (event) => handler(event, INVOCATION);
}

export interface Logged {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function logbook(): { readonly log: Log; readonly lines: readonly Logged[] } {
  const lines: Logged[] = [];
  return { lines, log: (level, message, fields) => void lines.push({ level, message, fields }) };
}

/** A batch as SQS hands it to the function; a text is a body as it is. */
export function sqs(events: readonly (object | string)[], first = 0): object {
  return {
    Records: events.map((event, at) => ({
      messageId: `m-${String(first + at).padStart(5, '0')}`,
      receiptHandle: 'AQEB',
      body: typeof event === 'string' ? event : JSON.stringify(event),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(Date.UTC(2026, 0, 2, 3, 4, 5) + first + at),
        SenderId: 'AIDA',
        ApproximateFirstReceiveTimestamp: '1767323045000',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:events',
      awsRegion: 'eu-west-1',
    })),
  };
}
