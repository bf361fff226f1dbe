import { UsageError } from '../../errors.ts';
import type { SecodaPlace } from '../../settings/services.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import type { Clock, Traffic } from '../../ports.ts';
import { askedWaitMs, servedAt, Throttled, Transient } from '../http/backoff.ts';
import { originOf } from '../http/checked.ts';
import { type Renew, Renewal } from '../http/renewal.ts';
import { DEFAULT_TIMEOUTS, type HttpAnswer, noRequests, send, type Timeouts } from '../http/send.ts';
import { asksForOtherSlash, Habits, PageSizes } from './learned-habits.ts';
import { SharedIds } from './shapes.ts';
import { type SecodaAnswer, type SecodaRequest, wordsOf } from './answer.ts';

export interface SecodaOptions {
  /** An origin, as `secodaBaseUrl` gives it. */
  readonly baseUrl: URL | string;
  /** Or where it is fetched from with the first request. */
  readonly apiKey: string | (() => Promise<string>);
  /** Asked after a 401 for a key that may be newer. */
  readonly renew?: Renew<SecodaKey> | undefined;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive); for the jitter of pauses. */
  readonly random: () => number;
  readonly timeouts?: Timeouts;
  /** See `RetryPolicy`. */
  readonly holdMs?: number | undefined;
  /** What earlier connections of this process learned. */
  readonly pageSizes?: PageSizes | undefined;
  readonly onProgress?: (progress: SecodaProgress) => void;
}

interface SecodaKey {
  readonly apiKey: string;
}

/** Sends single requests to one workspace with one key, and counts them. The key goes to the configured origin only. */
export class SecodaConnection {
  readonly clock: Clock;
  readonly random: () => number;
  readonly habits = new Habits();
  readonly ids = new SharedIds();
  /** Groups as they were last shown, by their ids, for as long as somebody has them. */
  readonly groups = new Map<string, WeakRef<WorkspaceGroup>>();
  readonly pageSizes: PageSizes;
  readonly onProgress: (progress: SecodaProgress) => void;
  readonly holdMs: number | undefined;
  readonly origin: URL;
  readonly #keys: Renewal<SecodaKey>;
  readonly #timeouts: Timeouts;
  readonly #tally = noRequests();
  #skewMs: number | null = null;

  /** Throws `UsageError` for an address or a key that nothing can be sent with. */
  constructor(options: SecodaOptions) {
    this.origin = originOf(String(options.baseUrl), 'The Secoda address');
    const { apiKey, renew } = options;
    const renewed = async (): Promise<SecodaKey | null> => {
      const key = await renew?.();
      return key ? checkKey(key.apiKey) : null;
    };
    this.#keys =
      typeof apiKey === 'string'
        ? new Renewal(checkKey(apiKey), renewed)
        : new Renewal<SecodaKey>(null, renewed, async () => checkKey(await apiKey()));
    this.clock = options.clock;
    this.random = options.random;
    this.holdMs = options.holdMs;
    this.pageSizes = options.pageSizes ?? new PageSizes();
    this.#timeouts = options.timeouts ?? DEFAULT_TIMEOUTS;
    this.onProgress = options.onProgress ?? (() => undefined);
  }

  /** One attempt. Throws what is worth another one: `NoAnswer`, `Throttled` or `Transient`. `slash`: at the end of the path. */
  async attempt(request: SecodaRequest, withinMs: number, slash = this.habits.slash): Promise<SecodaAnswer> {
    const { method, path, query = '', body, where = `${method} ${path}` } = request;
    const isRead = method === 'GET';
    const url = new URL(slash ? `${path}/` : path, this.origin);
    url.search = query;
    const { apiKey } = await this.#keys.ready();
    const keyNumber = this.#keys.number;
    this.#tally[isRead ? 'reads' : 'writes'] += 1;
    const headers = { accept: 'application/json', authorization: `Bearer ${apiKey}` };
    const sent =
      body === undefined
        ? { headers }
        : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const totalMs = Math.min(this.#timeouts.totalMs ?? Infinity, withinMs);
    const answer = await send({ method, url, ...sent }, { ...this.#timeouts, totalMs }, this.clock);
    const served = servedAt(answer.headers);
    if (served !== null) this.#skewMs = served - this.clock.now();
    const { status } = answer;
    if (status === 429) {
      this.#tally.throttled += 1;
      const waitMs = askedWaitMs(answer.headers, this.clock.now()) ?? WINDOW_MS;
      throw new Throttled(`${where} ${isRead ? 'is' : 'was'} throttled (429)`, waitMs);
    }
    if (status >= 500 || (status === 408 && !isRead))
      throw new Transient(`${where} failed (${status}, Secoda said: ${this.words(answer)})`);
    const otherSlash = asksForOtherSlash(status, answer.headers.get('location'), url);
    return { ...answer, slash, otherSlash, keyNumber };
  }

  /** What Secoda said, fit for an error: never with the key in it. `longest`: in characters. */
  words(answer: HttpAnswer, longest?: number): string {
    const keys = this.#keys.all.map(({ apiKey }) => apiKey);
    return wordsOf(answer, keys, longest);
  }

  /** Whether this is a 401 and another key is at hand. A 401 took no effect, so that even a write may be repeated. */
  async renews({ status, keyNumber }: SecodaAnswer): Promise<boolean> {
    if (status !== 401 || !(await this.#keys.after(keyNumber))) return false;
    this.willRetry('failure', 0);
    return true;
  }

  /** Why no other key could be had, to be added to an error's message; empty where nothing went wrong. */
  get renewalTrouble(): string {
    return this.#keys.trouble;
  }

  /** How far Secoda's clock was ahead of ours at its last answer, in milliseconds; `null` when it did not say. */
  get skewMs(): number | null {
    return this.#skewMs;
  }

  /** To be called when a request is going to be sent again, `ms` from now. */
  willRetry(reason: 'throttled' | 'failure', ms: number): void {
    this.#tally.retries += 1;
    if (ms > 0) this.onProgress({ kind: 'wait', reason, ms });
  }

  traffic(): Traffic {
    return { ...this.#tally };
  }
}

/** fetch would refuse such a key as well, but would show it in its message. */
function checkKey(apiKey: string): SecodaKey {
  if (/^[\x21-\x7e]+$/.test(apiKey)) return { apiKey };
  throw new UsageError(['The Secoda API key is empty or holds white space or characters outside ASCII']);
}

/** The servers that the published specification (8.22.39) lists for each cloud. */
const CLOUDS = {
  us: 'https://api.secoda.co',
  eu: 'https://eapi.secoda.co',
  apac: 'https://aapi.secoda.co',
};

/** The base URL of a place. Throws `UsageError` when `url` is not an address that a key may be sent to. */
export function secodaBaseUrl(place: SecodaPlace): URL {
  return 'region' in place ? new URL(CLOUDS[place.region]) : originOf(place.url, 'The Secoda address');
}

/** Nothing is asked for a while: because Secoda said 429, or because something failed. In milliseconds. */
export interface SecodaProgress {
  readonly kind: 'wait';
  readonly reason: 'throttled' | 'failure';
  readonly ms: number;
}

/** The window of Secoda's throttle: after a 429 that names no time, it has passed for certain. In milliseconds. */
const WINDOW_MS = 60_000;

/** The published specification (8.22.39) has it without a slash at its end; `learnSlash` finds out what a server wants. */
export const GROUPS_PATH = '/api/v1/auth/group';

/** Documented outside the specification, and likewise. */
export const USERS_PATH = '/api/v1/user';

/** The path of one group, without a slash at its end. */
export function groupPath(id: string): string {
  return `${GROUPS_PATH}/${encodeURIComponent(id)}`;
}
