import { createServer } from 'node:http';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { snsTopic } from '../../lambda/aws/announce.ts';
import { secretsManager } from '../../lambda/aws/secrets.ts';
import { syncFunction } from '../../lambda/aws/sync-function.ts';
import { s3Archive } from '../../lambda/services/store/s3.ts';
import { listen } from '../emulators/listen.ts';
import { anEnvironment } from './aws-setup.ts';

const handlerShape = z.object({
  connectionTimeout: z.number(),
  requestTimeout: z.number(),
  throwOnRequestTimeout: z.boolean(),
});

/** A service of AWS that refuses everything at once: what is looked at is how long it would be waited for. */
async function refusing(): Promise<void> {
  const server = createServer((_request, response) => void response.writeHead(403).end('{}'));
  const listening = await listen(server, 0);
  onTestFinished(() => listening.close());
  anEnvironment({ AWS_ENDPOINT_URL: listening.url });
}

/** The parts of a client of the SDK that say how it was made, once it has sent something. */
interface Made {
  readonly config: {
    readonly maxAttempts: () => Promise<number>;
    readonly requestHandler: { readonly httpHandlerConfigs: () => unknown };
  };
}

async function patienceOf({ config }: Made) {
  const { connectionTimeout, requestTimeout, throwOnRequestTimeout } = handlerShape.parse(
    config.requestHandler.httpHandlerConfigs(),
  );
  return [connectionTimeout, requestTimeout, throwOnRequestTimeout, await config.maxAttempts()];
}

/** The archive as it is deployed, with a client of its own. */
const archive = () => s3Archive({ bucket: 'records', prefix: '' });

it.each([
  // For an answer, in milliseconds; and how many attempts. All of S3's together stay below half a minute.
  ['Secrets Manager', SecretsManagerClient, () => secretsManager()('arn'), [2_000, 5_000, true, 3]],
  ['SNS', SNSClient, () => snsTopic('arn')({ subject: 'A', message: 'B' }), [3_000, 10_000, true, 3]],
  ['Lambda', LambdaClient, () => syncFunction('sync').launch('a', {}), [3_000, 10_000, true, 3]],
  ['S3', S3Client, () => archive().read('state.json'), [3_000, 7_000, true, 4]],
] as const)('%s is not waited for longer than an invocation can spare', async (_, client, ask, expected) => {
  await refusing();
  const sent = vi.spyOn(client.prototype, 'send');
  onTestFinished(() => sent.mockRestore());
  await expect(ask()).rejects.toThrow();
  expect(await patienceOf(z.custom<Made>().parse(sent.mock.contexts[0]))).toEqual(expected);
});

it.each([
  [1024 ** 2 - 1, undefined],
  [1024 ** 2, 60_000],
])('what is sent to S3 may take a minute where it is a megabyte or more (%i: %s)', async (bytes, ms) => {
  await refusing();
  const sent = vi.spyOn(S3Client.prototype, 'send');
  onTestFinished(() => sent.mockRestore());
  await expect(archive().write('plan.json', 'x'.repeat(bytes))).rejects.toThrow();
  const [, options] = z
    .tuple([z.unknown(), z.object({ requestTimeout: z.number().optional() })])
    .parse(sent.mock.calls[0]);
  expect(options.requestTimeout).toBe(ms);
});
