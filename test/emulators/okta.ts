import { systemClock } from '../../lambda/services/clock.ts';
import type { Clock } from '../../lambda/ports.ts';
import { skewed } from './clock.ts';
import type { Served } from './exchange.ts';
import { Faults } from './faults.ts';
import { oktaErrorFor } from './okta-errors.ts';
import { gate } from './okta-gate.ts';
import { makeKey, serviceKey } from './okta-keys.ts';
import { OktaLimits, type RateHeaders } from './okta-limits.ts';
import type { Paging, SmallPages } from './okta-paging.ts';
import { groupRoutes } from './okta-routes.ts';
import { OktaState } from './okta-state.ts';
import { OktaTokens } from './okta-tokens.ts';
import { userRoutes } from './okta-user-routes.ts';
import { serve } from './server.ts';

export interface OktaOptions {
  readonly port?: number;
  readonly clock?: Clock;
  /** How far Okta's clock is ahead of `clock`, in milliseconds: its `Date` header, rate-limit resets and timestamps. */
  readonly skewMs?: number;
  /** Requests a minute on `/api/v1/groups`, lists and members together; 600 by default. */
  readonly groupsPerMinute?: number;
  /** Requests a minute on `/api/v1/groups/{id}`; 1,000 by default. */
  readonly groupPerMinute?: number;
  /** Whether members' lists have a bucket of their own, as large as that of lists; they share it by default. */
  readonly membersApart?: boolean;
  /** How the limits are told; as Okta does by default. */
  readonly rateHeaders?: RateHeaders;
  /** Requests a minute on `/api/v1/apps`; 100 by default. */
  readonly appsPerMinute?: number;
  /** Requests a minute on `/api/v1/users`; 600 by default. */
  readonly usersPerMinute?: number;
  /** Requests a minute on `/api/v1/users/{id}` and below; 2,000 by default. */
  readonly userPerMinute?: number;
  /** How many requests may be served at once; 75 by default. */
  readonly concurrency?: number;
  readonly apiToken?: string;
  /** How long every request takes, in milliseconds. */
  readonly latencyMs?: number;
  /** The largest page of any list, however many rows are asked for: forces many pages. */
  readonly pageCap?: number;
  /** Of lists of groups with `expand=stats`: above how many rows they fail (500), and what each row takes, in milliseconds. */
  readonly stats?: { readonly failsAbove?: number; readonly msPerRow?: number };
  /** What the list of an app's groups makes of a limit below 20; refuses it by default. */
  readonly smallPages?: SmallPages;
  /** The least number of characters in a cursor; 240 by default. */
  readonly cursorLength?: number;
  /** The scopes granted to the service app; reading groups, apps and users by default. */
  readonly grantedScopes?: readonly string[];
  /** Whether access tokens are bound to a key and every call has to prove it. */
  readonly dpop?: 'off' | 'required';
  /** How long an access token lives, in seconds; an hour by default. */
  readonly tokenSeconds?: number;
}

/** An Okta org over HTTP. */
export interface OktaEmulator {
  /** The org URL, without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
  /** As given, without the skew. */
  readonly clock: Clock;
  readonly state: OktaState;
  readonly faults: Faults;
  readonly requests: Served[];
  readonly unknown: string[];
  readonly throttled: number;
  readonly credentials: OktaCredentials;
  /** Makes every access token that was issued so far invalid. */
  revokeTokens(): void;
  /** From now on this API token is valid and no other. */
  rotateApiToken(apiToken: string): void;
  /** Gives the service app another key and ends the old one, and with it the access tokens. Resolves with the new JWK. */
  rotateServiceKey(): Promise<string>;
}

export interface OktaCredentials {
  readonly apiToken: string;
  readonly clientId: string;
  /** PKCS 8. */
  readonly privateKeyPem: string;
  /** JSON, with `kid`. */
  readonly privateKeyJwk: string;
  readonly keyId: string;
}

export async function startOkta(options: OktaOptions = {}): Promise<OktaEmulator> {
  const { skewMs = 0, pageCap = Infinity, cursorLength = 240 } = options;
  const { apiToken = '00emulatedApiToken_5d7' } = options;
  const given = options.clock ?? systemClock;
  const clock = skewed(given, skewMs);
  const state = new OktaState(clock);
  const faults = new Faults();
  const key = await serviceKey();
  const valid = { apiToken, key };
  const clientId = '0oa1emulatedService5d7';
  let url = '';
  const origin = (): string => url;
  const paging = (): Paging => ({ origin: url, cap: pageCap, cursorLength });
  const tokens = new OktaTokens({
    clientId,
    key: () => valid.key,
    clock,
    wallClock: skewed(systemClock, skewMs),
    grantedScopes: options.grantedScopes ?? ['okta.groups.read', 'okta.apps.read', 'okta.users.read'],
    dpop: options.dpop ?? 'off',
    lifetimeSeconds: options.tokenSeconds ?? 3600,
    origin,
  });
  const { groupsPerMinute = 600, membersApart = false } = options;
  const shares = [
    { paths: /^\/api\/v1\/groups\/[^/]+$/, perMinute: options.groupPerMinute ?? 1000 },
    ...(membersApart ? [{ paths: /^\/api\/v1\/groups\/.+\/users$/, perMinute: groupsPerMinute }] : []),
    { paths: /^\/api\/v1\/groups/, perMinute: groupsPerMinute },
    { paths: /^\/api\/v1\/apps/, perMinute: options.appsPerMinute ?? 100 },
    { paths: /^\/api\/v1\/users$/, perMinute: options.usersPerMinute ?? 600 },
    { paths: /^\/api\/v1\/users\//, perMinute: options.userPerMinute ?? 2000 },
    { paths: /^\/oauth2\//, perMinute: 300 },
  ];
  const { concurrency = 75, rateHeaders = 'plain' } = options;
  const limits = new OktaLimits(clock, shares, concurrency, rateHeaders);
  const { stats = {}, latencyMs = 0 } = options;
  let requestNumber = 0;
  const serving = await serve({
    name: 'Okta emulator',
    port: options.port,
    clock: given,
    faults,
    latencyMs: ({ query }) =>
      query['expand'] === 'stats' ? latencyMs + (stats.msPerRow ?? 0) * Number(query['limit']) : latencyMs,
    routes: [
      ...groupRoutes(state, paging, options.smallPages ?? 'refused', stats.failsAbove ?? Infinity),
      ...userRoutes(state, paging),
      tokens.route,
    ],
    errorBody: oktaErrorFor,
    around: gate({ apiToken: () => valid.apiToken, tokens, limits }),
    headers: () => [
      ['date', new Date(clock.now()).toUTCString()],
      ['x-okta-request-id', `emulated-${String((requestNumber += 1))}`],
    ],
  });
  url = serving.url;
  const { keyId, privateKeyPem, privateKeyJwk } = key;
  return Object.assign(serving, {
    clock: given,
    state,
    faults,
    credentials: { apiToken, clientId, privateKeyPem, privateKeyJwk, keyId },
    revokeTokens: () => tokens.revokeAll(),
    rotateApiToken: (next: string) => {
      valid.apiToken = next;
    },
    rotateServiceKey: async () => {
      valid.key = await makeKey('emulated-rotated-key');
      tokens.revokeAll();
      return valid.key.privateKeyJwk;
    },
  });
}
