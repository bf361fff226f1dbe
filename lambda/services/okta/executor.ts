import { jsonOf } from '../../core/model/json.ts';
import * as z from 'zod';
import type { Clock } from '../../ports.ts';
import { servedAt } from '../http/backoff.ts';
import { type HttpRequest, send, type Tally, type Timeouts } from '../http/send.ts';
import { HttpRefusal, OktaAnswer } from './answer.ts';

/** Where the org's own authorization server gives access tokens out. */
export const TOKEN_PATH = '/oauth2/v1/token';

/** What the SDK hands over, as node-fetch would take it. `timeout` bounds the whole exchange, in milliseconds. */
const SdkRequestShape = z.object({
  url: z.string(),
  method: z.string().transform((method) => method.toUpperCase()),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  timeout: z.number().optional(),
});

const Challenge = z.object({ error: z.literal('use_dpop_nonce') });

/** How often the token endpoint may ask for a proof with another nonce: the SDK itself would go on for ever. */
const NONCES = 3;

export interface ExecutorOptions {
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  readonly tally: Tally;
}

/**
 * Sends the SDK's requests as all others go out: node-fetch 2, which the SDK would use, fails on chunked keep-alive
 * answers with some releases of Node, and has no time-outs. Whatever is not 2xx is thrown as a `HttpRefusal`, so that neither
 * the SDK's errors, which hold the whole body, nor its own retries are ever met.
 */
export class OktaExecutor {
  /** Bounds the next exchange with the token endpoint, whose requests the SDK makes up itself. */
  tokenTimeoutMs = Infinity;
  /** How far Okta's clock is ahead of ours, in milliseconds, give or take the second its header is cut to; `null` if unknown. */
  skewMs: number | null = null;
  readonly #options: ExecutorOptions;
  #nonces = 0;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  async fetch(sdkRequest: unknown): Promise<OktaAnswer> {
    const { url: address, timeout, body, ...rest } = SdkRequestShape.parse(sdkRequest);
    const request: HttpRequest = { ...rest, url: new URL(address), ...(body === undefined ? {} : { body }) };
    const { clock, timeouts, tally } = this.#options;
    const isToken = request.url.pathname === TOKEN_PATH;
    const totalMs = isToken ? this.tokenTimeoutMs : (timeout ?? Infinity);

    // It is only ever read: the call for an access token counts as a read, too.
    tally.reads += 1;
    const answer = await send(request, { ...timeouts, totalMs }, clock);
    if (answer.status === 429) tally.throttled += 1;
    const served = servedAt(answer.headers);
    if (served !== null) this.skewMs = served + 500 - clock.now();

    const ok = answer.status >= 200 && answer.status < 300;
    if (ok || (isToken && this.#mayProve(answer.text))) return new OktaAnswer(request, answer);
    throw new HttpRefusal(request, answer);
  }

  /** The token endpoint wants a proof with a nonce (DPoP): the SDK knows what to do with that answer. */
  #mayProve(text: string): boolean {
    const asked = Challenge.safeParse(jsonOf(text)).success;
    this.#nonces = asked ? this.#nonces + 1 : 0;
    return asked && this.#nonces <= NONCES;
  }
}
