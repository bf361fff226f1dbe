/** A single HTTP exchange with a bound on each of its phases. Retries are the caller's business. */
import { NoSuchHost, UsageError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { systemClock } from '../clock.ts';
import { setGlobalProxyFromEnv } from 'node:http';
import type { Environment } from '../../names.ts';

/** How long one request may take. */
export interface Timeouts {
  /** Connecting and waiting for the answer's headers, in milliseconds. */
  readonly headersMs: number;
  /** From the headers to the end of the body, in milliseconds. */
  readonly bodyMs: number;
  /** Both together, in milliseconds; their sum unless said otherwise. */
  readonly totalMs?: number;
}

/** Both together bound one request; a turn has to outlast it (`TurnsOptions.requestMs`). */
export const DEFAULT_TIMEOUTS: Timeouts = { headersMs: 10_000, bodyMs: 15_000 };

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** No usable answer: refused, reset, timed out or cut off. Whether the request took effect is unknown, unless it is `unsent`. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** There was no connection to send it on. */
  readonly unsent: boolean;
  /** There is no host of that name, as far as this machine can tell. */
  readonly noHost: boolean;
  constructor(
    message: string,
    options: ErrorOptions & { readonly unsent: boolean; readonly noHost: boolean },
  ) {
    super(message, options);
    this.unsent = options.unsent;
    this.noHost = options.noHost;
  }
}

/** Where the system failed when there was never a connection: at looking the name up, or at connecting. */
const BEFORE_A_CONNECTION = new Set<unknown>(['getaddrinfo', 'connect']);

/**
 * Sends one request, never follows a redirect, and reads the whole body. Throws `NoAnswer` when that does not succeed, and
 * `UsageError` for a header that cannot be sent at all. The time-outs run on `clock`.
 */
export async function send(
  request: HttpRequest,
  timeouts: Timeouts = DEFAULT_TIMEOUTS,
  clock: Clock = systemClock,
): Promise<HttpAnswer> {
  checkHeaders(request.headers);
  const where = `${request.method} ${request.url.origin}${request.url.pathname}`;
  const [abort, done] = [new AbortController(), new AbortController()];
  const endsAt = clock.now() + (timeouts.totalMs ?? Infinity);
  const bound = (ms: number) => {
    const now = clock.now();
    const allowed = Math.max(0, Math.min(ms, endsAt - now));
    return { ms: allowed, until: now + allowed };
  };
  let limit = bound(timeouts.headersMs);
  // One timer for both phases: where the headers came before it ended, it goes on to the end of the body's time.
  const watch = async () => {
    const headers = limit;
    await clock.sleep(headers.ms, done.signal);
    if (limit !== headers) await clock.sleep(Math.min(limit.ms, limit.until - clock.now()), done.signal);
    abort.abort();
  };
  watch().catch(() => undefined);
  let phase = 'no answer within';
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      redirect: 'manual',
      signal: abort.signal,
    });
    limit = bound(timeouts.bodyMs);
    phase = 'the answer did not end within';
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    const late = abort.signal.aborted;
    const cause = causeOf(error);
    const reason = late ? `${phase} ${Math.round(limit.ms / 100) / 10} s` : messageOf(cause);
    throw new NoAnswer(`${where}: ${reason}`, {
      cause: error,
      unsent: !late && neverConnected(cause),
      noHost: cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND',
    });
  } finally {
    done.abort();
  }
}

/** fetch refuses such a value too, but quotes it in its error: it may be a credential. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const bad = Object.entries(headers).filter(([, value]) => !/^[\t\x20-\x7e\x80-\xff]*$/.test(value));
  if (bad.length === 0) return;
  throw new UsageError(
    bad.map(
      ([name]) => `The value of the header ${name} cannot be sent: is there a line break in the credential?`,
    ),
  );
}

/** fetch hides the reason ("fetch failed") in a chain of causes; the innermost one says what happened. */
function causeOf(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof AggregateError ? (inner.errors[0] ?? inner) : inner;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'the connection failed';
}

function neverConnected(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause && BEFORE_A_CONNECTION.has(cause.syscall);
}

/** The first request already finds no host: nothing to wait for. `settings`: where its address comes from. */
export function noSuchHost(
  cause: NoAnswer,
  service: 'Okta' | 'Secoda',
  { hostname }: URL,
  settings: string,
): NoSuchHost {
  return new NoSuchHost(`Cannot reach ${service}: host ${hostname} not found (check ${settings})`, { cause });
}

/** Nothing on this machine is ever reached through a proxy: an emulator, or a tunnel that somebody opened. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]', '::1'];

/**
 * Sends whatever goes to other machines through the proxy that `HTTPS_PROXY` names, but for the hosts of `NO_PROXY`; Node's `fetch`
 * does not do so by itself. Returns what ends that. Throws `UsageError` for an address that is none.
 */
export function throughProxy(environment: Environment): () => void {
  const of = (name: string) => environment[name] ?? environment[name.toLowerCase()];
  const proxy = of('HTTPS_PROXY')?.trim();
  if (proxy === undefined || proxy === '') return () => undefined;
  // Its value may hold a password.
  if (!/^https?:$/.test(URL.parse(proxy)?.protocol ?? ''))
    throw new UsageError(['HTTPS_PROXY is not the address of a proxy such as http://proxy.acme.com:3128']);
  const direct = [of('NO_PROXY'), ...LOOPBACK].filter((each) => each !== undefined && each !== '');
  return setGlobalProxyFromEnv({ HTTPS_PROXY: proxy, NO_PROXY: direct.join(',') });
}
