import { onTestFinished, vi } from 'vitest';
import { type SecretsManagerEmulator, startSecretsManager } from '../emulators/aws/secrets-manager.ts';
import { type SnsEmulator, startSns } from '../emulators/aws/sns.ts';

/** What the SDK takes from a function's environment, and nothing of the machine's own. */
export function anEnvironment(variables: Readonly<Record<string, string>>): void {
  onTestFinished(() => void vi.unstubAllEnvs());
  const own = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'emulated', AWS_SECRET_ACCESS_KEY: 'emulated' };
  const none = { AWS_PROFILE: undefined, AWS_SESSION_TOKEN: undefined };
  for (const [name, value] of Object.entries({ ...own, ...none, ...variables })) vi.stubEnv(name, value);
}

/** An emulated Secrets Manager that the SDK finds by its environment, and that ends with the test. */
export async function aSecretsManager(): Promise<SecretsManagerEmulator> {
  const manager = await startSecretsManager();
  onTestFinished(() => manager.close());
  anEnvironment({ AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url });
  return manager;
}

/** The same for SNS. */
export async function anSns(): Promise<SnsEmulator> {
  const sns = await startSns();
  onTestFinished(() => sns.close());
  anEnvironment({ AWS_ENDPOINT_URL_SNS: sns.url });
  return sns;
}
