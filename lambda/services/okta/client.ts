import { Http } from '@okta/okta-sdk-nodejs/src/http.js';
import { OAuth } from '@okta/okta-sdk-nodejs/src/oauth.js';
import { UsageError } from '../../errors.ts';
import { checkPrivateKey, type OktaCredentials, type ServiceApp } from '../../settings/credentials.ts';
import type { OktaExecutor } from './executor.ts';

/**
 * The two parts of Okta's SDK that authenticate. The whole of it would be 3 MB more to load, nearly all of it classes for
 * endpoints that nothing here asks, and would read `okta.yaml` and `OKTA_CLIENT_*` wherever it runs. `oauth`: `null` with an API token, which stands in every
 * request as it is. Throws `UsageError`.
 */
export function createClient(
  orgUrl: string,
  credentials: OktaCredentials,
  scopes: readonly string[],
  requestExecutor: OktaExecutor,
) {
  const oauth =
    'apiToken' in credentials
      ? null
      : new OAuth({
          baseUrl: orgUrl,
          clientId: credentials.clientId.trim(),
          scopes: [...scopes],
          privateKey: privateJwk(credentials),
          requestExecutor,
        });
  const http = httpFor(requestExecutor, oauth);
  http.defaultHeaders['User-Agent'] = 'okta-secoda-sync';
  if ('apiToken' in credentials) http.defaultHeaders.Authorization = `SSWS ${credentials.apiToken.trim()}`;
  return { http, oauth };
}

function httpFor(requestExecutor: OktaExecutor, oauth: OAuth | null): Http {
  try {
    return new Http({ requestExecutor, oauth, cacheMiddleware: null });
  } catch {
    // It makes an agent for the proxy, which nothing uses; what it throws may quote a password.
    throw new UsageError(['HTTPS_PROXY is not the address of a proxy']);
  }
}

/** What a call needs to be allowed to read. */
export type Right = 'groups' | 'apps' | 'users';

/** The OAuth scope that a service app has to be granted for each right. */
export const SCOPES: Readonly<Record<Right, string>> = {
  groups: 'okta.groups.read',
  apps: 'okta.apps.read',
  users: 'okta.users.read',
};

/** What the admin role behind a token or service app has to allow, in words that complete "a role that may …". */
export const ROLES: Readonly<Record<Right, string>> = {
  groups: 'view groups and their members (Read-Only Administrator, for example)',
  apps: 'view applications and the groups assigned to them (Read-Only Administrator, for example)',
  users: 'view users and the groups they are in (Read-Only Administrator, for example)',
};

/** The service app's key as the JSON of a JWK, whatever form it came in. Throws `UsageError`; the key is never shown. */
export function privateJwk({ privateKey, keyId }: ServiceApp): string {
  const checked = checkPrivateKey(privateKey);
  if ('problem' in checked)
    throw new UsageError([`The private key of the Okta service app cannot be used: ${checked.problem}`]);
  const kid = keyId ?? checked.ownId;
  return JSON.stringify({ ...checked.key.export({ format: 'jwk' }), ...(kid === undefined ? {} : { kid }) });
}
