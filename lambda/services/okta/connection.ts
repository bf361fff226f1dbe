import { AccessError, AskLater, SourceError } from '../../errors.ts';
import type { Clock, Traffic } from '../../ports.ts';
import {
  type Attempt,
  GaveUp,
  rateLimitOf,
  Renewed,
  type Repeatable,
  retrying,
  Throttled,
  Transient,
} from '../http/backoff.ts';
import { originOf } from '../http/checked.ts';
import type { Renew } from '../http/renewal.ts';
import { DEFAULT_TIMEOUTS, NoAnswer, noRequests, noSuchHost, type Timeouts } from '../http/send.ts';
import type { OktaCredentials } from '../../settings/credentials.ts';
import { type Right, SCOPES } from './client.ts';
import { Exchange } from './exchange.ts';
import { failureOf, Outage } from './failure.ts';
import { bucketOf, type OktaProgress, Pace, type RequestsPerMinute } from './pace.ts';
import { HttpRefusal } from './answer.ts';

export interface ConnectionOptions {
  /** With or without a slash at its end. Plain `http` for loopback only. */
  readonly orgUrl: string;
  /** Or where they are fetched from with the first request. */
  readonly credentials: OktaCredentials | (() => Promise<OktaCredentials>);
  /** Asked after a 401 for credentials that may be newer. */
  readonly renew?: Renew<OktaCredentials> | undefined;
  readonly requestsPerMinute: RequestsPerMinute;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly timeouts?: Timeouts;
  /** See `RetryPolicy`. */
  readonly holdMs?: number | undefined;
  /** Shared by connections to one org, so that `requestsPerMinute` holds for them together; one of its own unless given. */
  readonly pace?: Pace;
  readonly onProgress?: (progress: OktaProgress) => void;
}

/** One page as it came. */
export interface Page {
  /** Method and path, for errors about the content. */
  readonly where: string;
  readonly json: unknown;
  /** All `Link` headers. */
  readonly link: string;
  /** How long Okta took for it, in milliseconds. */
  readonly ms: number;
}

/** Within this the retries of a dead server end, in milliseconds. */
export const READ_MS = 30_000;
const PAUSE_MS = 1_000;

/** How long one read may take, in milliseconds, and whether nothing else is tried where it fails. */
export interface Patience {
  readonly deadlineMs: number;
  readonly last: boolean;
}

/** Reads from one Okta org: authorised, paced, retried. */
export class OktaConnection {
  readonly origin: URL;
  readonly #options: ConnectionOptions;
  readonly #scopes: readonly string[];
  readonly #tally = noRequests();
  readonly #pace: Pace;
  readonly #exchange: Exchange;
  readonly #outage = new Outage();
  readonly #forms = new Map<object, number>();

  /** `rights`: all that will be read. Throws `UsageError` for an address or a key that cannot be used. */
  constructor(options: ConnectionOptions, rights: readonly Right[]) {
    const { clock, credentials, renew, timeouts = DEFAULT_TIMEOUTS } = options;
    this.origin = originOf(options.orgUrl, 'okta.orgUrl');
    this.#options = options;
    this.#scopes = rights.map((right) => SCOPES[right]);
    this.#pace = options.pace ?? new Pace(clock, options.requestsPerMinute);
    const [orgUrl, scopes, tally] = [this.origin.origin, this.#scopes, this.#tally];
    this.#exchange = new Exchange({ orgUrl, credentials, renew, scopes, clock, timeouts, tally });
  }

  /** How far Okta's clock is ahead of ours, in milliseconds; `null` before the first answer. */
  get skewMs(): number | null {
    return this.#exchange.skewMs;
  }

  traffic(): Traffic {
    return { ...this.#tally };
  }

  /**
   * GETs one page; `null` when Okta says that there is no such thing (404 `E0000007`). Throws `SourceError` and
   * `AccessError`. When these mean that nothing can be read any more, all reads that are under way end with the same error.
   */
  async read(
    url: URL,
    right: Right,
    { deadlineMs, last }: Patience = { deadlineMs: READ_MS, last: true },
  ): Promise<Page | null> {
    if (url.origin !== this.origin.origin) throw elsewhere(url, this.origin);
    const { clock, random, onProgress, holdMs } = this.#options;
    const bucket = bucketOf(url.pathname);
    const joined = this.#pace.join();
    const renewal = this.#exchange.renewal();

    const attempt = async ({ remainingMs }: Attempt): Promise<Page | null> => {
      const sentAt = clock.now();
      let headers: Headers | null = null;
      let throttled = false;
      try {
        const answer = await this.#exchange.get(url, remainingMs);
        headers = answer.headers;
        this.#outage.answered();
        const [json, link] = [await answer.json(), headers.get('link') ?? ''];
        return { where: answer.where, json, link, ms: clock.now() - sentAt };
      } catch (error) {
        // The token endpoint has a bucket of its own, and nothing that it does not find is a group.
        const own = error instanceof HttpRefusal && error.path === url.pathname ? error : null;
        headers ??= own?.headers ?? null;
        throttled = own?.answered === 429;
        if (own?.answered === 404 && own.code === 'E0000007') return null;
        if (error instanceof HttpRefusal && (await renewal(error))) throw new Renewed(error.message);
        throw this.#failure(error, right, sentAt);
      } finally {
        const seen = headers === null ? null : rateLimitOf(headers, clock.now());
        this.#pace.leave(bucket, seen, throttled);
      }
    };

    const before = (): Promise<void> =>
      this.#pace.enter(this, joined, bucket, (ms) => onProgress?.({ kind: 'wait', reason: 'pace', ms }));
    const onRetry = (error: Repeatable, ms: number): void => {
      this.#tally.retries += 1;
      if (error instanceof Renewed) return;
      if (error instanceof Throttled) this.#pace.hold(bucket, ms);
      onProgress?.({ kind: 'wait', reason: error instanceof Throttled ? 'throttled' : 'failure', ms });
    };
    try {
      return await retrying(attempt, { clock, random, before, onRetry, holdMs, deadlineMs });
    } catch (error) {
      throw this.#final(error, last);
    }
  }

  /** Which of the forms of a list is not too much for Okta, as far as is known (`List.easier`), by what it is made of. */
  formOf(rows: object): number {
    return this.#forms.get(rows) ?? 0;
  }

  /** What comes before this form is too much. */
  ease(rows: object, form: number): void {
    this.#forms.set(rows, Math.max(this.formOf(rows), form));
  }

  /** What was asked for is asked for again, in another form perhaps. */
  retried(): void {
    this.#tally.retries += 1;
  }

  /** Whoever is changing a list may be done by then. */
  async pauseBeforeReadingAgain(): Promise<void> {
    this.retried();
    this.#options.onProgress?.({ kind: 'wait', reason: 'failure', ms: PAUSE_MS });
    await this.#options.clock.sleep(PAUSE_MS);
  }

  /** What an attempt that was sent at `sentAt` ends with. */
  #failure(error: unknown, right: Right, sentAt: number): unknown {
    const { clock } = this.#options;
    const { as, trouble } = this.#exchange;
    const asked = { as, right, scopes: this.#scopes, trouble };
    const failure = error instanceof HttpRefusal ? failureOf(error, asked, clock.now()) : error;
    if (failure instanceof NoAnswer && failure.noHost && this.skewMs === null)
      return noSuchHost(failure, 'Okta', this.origin, 'okta.orgUrl / OKTA_ORG_URL');
    if (!(failure instanceof NoAnswer) && !(failure instanceof Transient)) {
      if (error instanceof HttpRefusal) this.#outage.answered();
      return failure;
    }
    const { lasts, failures, ms } = this.#outage.failed(sentAt, clock.now());
    return lasts ? new GaveUp(failure, failures, ms) : failure;
  }

  #final(error: unknown, last: boolean): unknown {
    if (![GaveUp, AccessError, AskLater].some((kind) => error instanceof kind)) return error;
    const final = error instanceof GaveUp ? new SourceError(error.message, { cause: error }) : error;
    if (final instanceof Error && (last || final instanceof AccessError)) this.#pace.abandon(this, final);
    return final;
  }
}

function elsewhere(url: URL, origin: URL): SourceError {
  return new SourceError(
    `GET ${url.pathname}: the next page is said to be at ${url.origin}; only ${origin.origin} is asked, so the list cannot be read to its end. If ${url.origin} is the org's own address, set okta.orgUrl (or OKTA_ORG_URL) to it`,
  );
}
