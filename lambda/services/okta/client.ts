import { Client } from '@okta/okta-sdk-nodejs';
import { UsageError } from '../../errors.ts';
import type { OktaCredentials } from '../../settings/okta-credentials.ts';
import { privateJwk } from './credentials.ts';
import type { FetchExecutor } from './executor.ts';

/**
 * Okta's client, used for its authentication alone. It reads `okta.yaml` and `OKTA_CLIENT_*` wherever it runs: everything
 * it could find there is given here, if only as nothing, so that none of it counts. Throws `UsageError`.
 */
export function createClient(
  orgUrl: string,
  credentials: OktaCredentials,
  scopes: readonly string[],
  requestExecutor: FetchExecutor,
): Client {
  const identity =
    'apiToken' in credentials
      ? {
          authorizationMode: 'SSWS',
          token: credentials.apiToken.trim(),
          clientId: '',
          scopes: [],
          privateKey: '',
          keyId: '',
        }
      : {
          authorizationMode: 'PrivateKey',
          token: '',
          clientId: credentials.clientId.trim(),
          scopes: [...scopes],
          privateKey: privateJwk(credentials),
          keyId: '',
        };
  try {
    const client = new Client({ orgUrl, requestExecutor, cacheMiddleware: null, ...identity });
    client.http.defaultHeaders['User-Agent'] = 'okta-secoda-sync';
    return client;
  } catch {
    // What it says may quote an okta.yaml, and with it a token.
    throw new UsageError([
      "Okta's SDK could not be set up: check for an okta.yaml that is not valid (here or in ~/.okta), and HTTPS_PROXY",
    ]);
  }
}
