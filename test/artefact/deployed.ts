import { expect, onTestFinished } from 'vitest';
import { type DurableRunner, durableRunner, type RunnerOptions } from '../emulators/aws/durable-runner.ts';
import { type EventBridgeEmulator, startEventBridge } from '../emulators/aws/event-bridge.ts';
import { type LambdaEmulator, startLambda } from '../emulators/aws/lambda.ts';
import { invokePlain } from '../emulators/aws/plain-function.ts';
import { type SecretsManagerEmulator, startSecretsManager } from '../emulators/aws/secrets-manager.ts';
import { type SnsEmulator, startSns } from '../emulators/aws/sns.ts';
import {
  type OktaEmulator,
  type OktaOptions,
  type SecodaEmulator,
  startOkta,
  startSecoda,
} from '../emulators/index.ts';
import { type S3Emulator, startS3 } from '../emulators/s3.ts';
import { HeldClock } from '../time/clock.ts';
import { type MadeFunction, synthesis } from './synthesis.ts';

export const OKTA_SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:okta-AbCdEf';
export const SECODA_SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:secoda-AbCdEf';
export const START_NAME = 'acme-start';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:notices';
const CREDENTIALS = { region: 'eu-west-1', id: 'AKIDEXAMPLE', secret: 'not-to-be-seen' };

/** Okta, Secoda and the AWS services that a deployment uses, with one time for all. */
export interface Region {
  readonly clock: HeldClock;
  readonly okta: OktaEmulator;
  readonly secoda: SecodaEmulator;
  readonly s3: S3Emulator;
  readonly secrets: SecretsManagerEmulator;
  readonly sns: SnsEmulator;
  readonly bridge: EventBridgeEmulator;
  readonly lambda: LambdaEmulator;
  /** Credentials that came into being later, which must be seen nowhere either. */
  readonly credentials: string[];
}

/** @param groupsPerMinute how many requests Okta allows; @param latencyMs how long Okta and Secoda take for an answer */
export async function aRegion(
  groupsPerMinute = 100_000,
  latencyMs = 0,
  dpop: OktaOptions['dpop'] = 'off',
): Promise<Region> {
  const clock = new HeldClock();
  const [okta, secoda, s3, secrets, sns, bridge, lambda] = await Promise.all([
    startOkta({ clock, latencyMs, groupsPerMinute, usersPerMinute: 100_000, dpop }),
    startSecoda({ clock, latencyMs }),
    startS3(),
    startSecretsManager(),
    startSns(),
    startEventBridge(),
    startLambda({ clock }),
  ]);
  const { apiToken } = okta.credentials;
  const { apiKey } = secoda.credentials;
  secrets.secrets.set(OKTA_SECRET, JSON.stringify({ apiToken }));
  secrets.secrets.set(SECODA_SECRET, JSON.stringify({ apiKey }));
  const region = {
    ...{ clock, okta, secoda, s3, secrets, sns, bridge, lambda },
    credentials: [apiToken, apiKey, CREDENTIALS.secret],
  };
  onTestFinished(async () => {
    await Promise.all([okta, secoda, s3, secrets, sns, bridge, lambda].map((each) => each.close()));
    for (const credential of region.credentials) {
      expect(everythingKept(region), 'a credential was kept').not.toContain(credential);
    }
    expect([...okta.unknown, ...secoda.unknown], 'calls that nobody documents').toEqual([]);
  });
  return region;
}

/** Both functions of one deployment in a region. */
export interface Deployment {
  readonly bucket: string;
  readonly sync: DurableRunner;
  /** Invokes `Start`, by an alias if one is given; resolves with its answer and what it printed, rejects with what it threw. */
  readonly start: (
    event: unknown,
    alias?: string,
  ) => Promise<{ readonly answer: unknown; readonly printed: string }>;
  /** An object in the bucket, as JSON. */
  readonly read: (key: string) => unknown;
}

export interface DeploymentOptions {
  readonly bucket?: string;
  /** The name of `Sync`; another one for a second deployment. */
  readonly name?: string;
  readonly runner?: Partial<RunnerOptions>;
}

/** What a function's process is given: by the stack, by Lambda, and the addresses of the stand-ins. */
export function environmentOf(
  { variables }: MadeFunction,
  { lambda, s3, secrets, sns, bridge, okta, secoda }: Region,
  { bucket = 'records', name = 'Sync' }: DeploymentOptions = {},
): Record<string, string> {
  const values: Readonly<Record<string, string>> = {
    ARCHIVE_BUCKET: bucket,
    OKTA_SECRET_ARN: OKTA_SECRET,
    SECODA_SECRET_ARN: SECODA_SECRET,
    STACK_NAME: 'acme',
    START_FUNCTION_NAME: START_NAME,
    SYNC_FUNCTION_ARN: arnOf(name),
    SYNC_APPROVE_ARN: arnOf(name).replace(/live$/, 'approve'),
    NOTICE_TOPIC_ARN: TOPIC,
  };
  return {
    ...Object.fromEntries(variables.map((variable) => [variable, values[variable] ?? ''])),
    AWS_REGION: CREDENTIALS.region,
    AWS_ACCESS_KEY_ID: CREDENTIALS.id,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secret,
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ENDPOINT_URL_SNS: sns.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: bridge.url,
    OKTA_ORG_URL: okta.url,
    SECODA_API_URL: secoda.url,
  };
}

export async function deploy(region: Region, options: DeploymentOptions = {}): Promise<Deployment> {
  const { bucket = 'records', name = 'Sync' } = options;
  const { clock, s3, lambda, credentials } = region;
  const { sync, start } = await synthesis();
  const functionArn = arnOf(name);
  const of = (made: MadeFunction) => ({
    bundle: made.bundle,
    environment: environmentOf(made, region, options),
  });
  const runner = durableRunner({ clock, lambda, functionArn, ...of(sync), ...options.runner });
  onTestFinished(() => runner.close());
  const discreetly = (printed: string): void => {
    for (const credential of credentials)
      expect(printed, 'a credential was printed').not.toContain(credential);
  };
  const ended: DurableRunner['ended'] = async (execution) => {
    const ran = await runner.ended(execution);
    discreetly(ran.printed);
    return ran;
  };
  return {
    bucket,
    sync: {
      ...runner,
      ended,
      run: async (payload, runName) =>
        ended(
          lambda.start(functionArn, JSON.stringify(payload), ...(runName === undefined ? [] : [runName])),
        ),
    },
    start: async (event, alias) => {
      const startArn = `arn:aws:lambda:eu-west-1:123456789012:function:${START_NAME}${alias === undefined ? '' : `:${alias}`}`;
      const called = await invokePlain({ clock, ...of(start), functionArn: startArn }, event);
      discreetly(called.printed);
      if (called.by === 'returned') return { answer: called.value, printed: called.printed };
      throw new Error(called.by === 'threw' ? called.error : `Start ${called.by}`);
    },
    read: (key): unknown => {
      const text = s3.objects.get(`${bucket}/${key}`)?.at(-1)?.text;
      if (text === undefined) throw new Error(`${bucket} has no ${key}`);
      return JSON.parse(text);
    },
  };
}

const arnOf = (name: string): string => `arn:aws:lambda:eu-west-1:123456789012:function:${name}:live`;

/** All that outlasts a process: objects in all their versions, the history of executions, notices. */
function everythingKept({ s3, lambda, sns, bridge }: Region): string {
  const objects = [...s3.objects].map(([key, versions]) => [key, ...versions.map(({ text }) => text)]);
  const histories = lambda.executions.map(({ arn, history, outcome }) => [arn, history, outcome]);
  return JSON.stringify([objects, histories, sns.published, bridge.events]);
}
