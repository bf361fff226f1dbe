/** A single HTTP exchange with a bound on each of its phases. Retries are the caller's business. */
import { NoSuchHost, UsageError } from '../../errors.ts';
import type { Clock, Traffic } from '../../ports.ts';
import { systemClock } from '../clock.ts';
import { type IncomingMessage, request as requestPlain, setGlobalProxyFromEnv } from 'node:http';
import { request as requestSecure } from 'node:https';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
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

/** Both together bound one request; a lease has to outlast it (`LeasesOptions.requestMs`). */
export const DEFAULT_TIMEOUTS: Timeouts = { headersMs: 10_000, bodyMs: 15_000 };

/** Counts the requests of one side. */
export type Tally = { -readonly [Count in keyof Traffic]: Traffic[Count] };

export function noRequests(): Tally {
  return { reads: 0, writes: 0, throttled: 0, retries: 0 };
}

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

/** Sends one request and reads the whole body; follows no redirect. Throws `NoAnswer`, or `UsageError` for an impossible header. */
export async function send(
  request: HttpRequest,
  timeouts: Timeouts = DEFAULT_TIMEOUTS,
  clock: Clock = systemClock,
): Promise<HttpAnswer> {
  checkHeaders(request.headers);
  const where = `${request.method} ${request.url.origin}${request.url.pathname}`;
  const [late, done] = [new AbortController(), new AbortController()];
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
    if (limit !== headers)
      await clock.sleep(Math.min(limit.ms, Math.max(0, limit.until - clock.now())), done.signal);
    late.abort();
  };
  watch().catch(() => undefined);
  let phase = 'no answer within';
  try {
    const answer = await answerTo(request, timeouts.headersMs, late.signal);
    limit = bound(timeouts.bodyMs);
    phase = 'the answer did not end within';
    return { status: answer.statusCode ?? 0, headers: headersOf(answer), text: await textOf(answer) };
  } catch (error) {
    const cause = causeOf(error);
    const isSystem = cause instanceof Error;
    const reason = late.signal.aborted ? `${phase} ${Math.round(limit.ms / 100) / 10} s` : reasonOf(cause);
    throw new NoAnswer(`${where}: ${reason}`, {
      cause: error,
      unsent:
        !late.signal.aborted && isSystem && 'syscall' in cause && BEFORE_A_CONNECTION.has(cause.syscall),
      noHost: isSystem && 'code' in cause && cause.code === 'ENOTFOUND',
    });
  } finally {
    // With a reason, none is made that nobody looks at.
    done.abort('over');
  }
}

/**
 * Node's `fetch` would do, and takes twice the time for it: each body is copied three times, and streams twice. `timeout`: how long
 * a proxy may take for its tunnel, in milliseconds; Node would give up after five seconds.
 */
function answerTo(
  { method, url, headers, body }: HttpRequest,
  timeout: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const all = { 'user-agent': 'okta-secoda-sync', 'accept-encoding': 'gzip', ...headers, ...length };
  const ask = url.protocol === 'https:' ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    // Node tells neither of a request that is given up before it has a connection, nor of an answer that changes the protocol.
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
    const request = ask(url, { method, headers: all, signal, timeout }, resolve);
    request
      .on('error', reject)
      .on('close', () => reject(new Error('the connection was closed without an answer')));
    request.end(body);
  });
}

/** As `fetch` would give them: one that comes several times is joined by commas. */
function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  return headers;
}

/** Decoded piece by piece: bytes that are put together first are what makes Node collect garbage most often. */
function textOf(answer: IncomingMessage): Promise<string> {
  let bytes = 0;
  const coding = answer.headers['content-encoding']?.trim().toLowerCase() ?? '';
  const packed = coding === 'gzip' || coding === 'x-gzip';
  if (!packed && coding !== '' && coding !== 'identity') {
    answer.destroy();
    return Promise.reject(new Error(`the answer is packed as ${coding}, which nobody asked for`));
  }
  if (packed) answer.on('data', (part: Buffer) => (bytes += part.length));
  // What fails in a pipeline is told at its end as well.
  const body = packed ? pipeline(answer, createGunzip(), () => undefined) : answer;
  return new Promise((resolve, reject) => {
    let text = '';
    body.setEncoding('utf8').on('data', (part: string) => (text += part));
    body.on('end', () => resolve(text.replace(/^\u{feff}/u, '')));
    body.on('error', (error) => {
      // An answer without a body may say that it is packed all the same.
      if (answer.complete && bytes === 0) resolve('');
      else reject(error);
    });
  });
}

/** Node refuses such a value too, but says less: it may be a credential, with a line break at its end. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const bad = Object.entries(headers).filter(([, value]) => !/^[\t\x20-\x7e\x80-\xff]*$/.test(value));
  if (bad.length === 0) return;
  throw new UsageError(
    bad.map(
      ([name]) => `The value of the header ${name} cannot be sent: is there a line break in the credential?`,
    ),
  );
}

/** Where a host has several addresses, each may have failed: the innermost of a chain of causes says what happened. */
function causeOf(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof AggregateError ? (inner.errors[0] ?? inner) : inner;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'the connection failed';
  // All that Node says of half a body.
  return cause.message === 'aborted'
    ? 'the connection was closed in the middle of the answer'
    : cause.message;
}

/** The first request already finds no host: nothing to wait for. `settings`: where its address comes from. */
export function noSuchHost(cause: NoAnswer, service: 'Okta' | 'Secoda', { hostname }: URL, settings: string) {
  return new NoSuchHost(`Cannot reach ${service}: host ${hostname} not found (check ${settings})`, { cause });
}

/** Nothing on this machine is ever reached through a proxy: an emulator, or a tunnel that somebody opened. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]', '::1'];

/**
 * Sends whatever goes to other machines through the proxy that `HTTPS_PROXY` names, but for the hosts of `NO_PROXY`; Node
 * does not do so by itself. Returns what ends that. Throws `UsageError` for an address that is none.
 */
export function throughProxy(environment: Environment): () => void {
  const of = (name: string) => environment[name] ?? environment[name.toLowerCase()];
  const proxy = of('HTTPS_PROXY')?.trim();
  if (proxy === undefined || proxy === '') return () => undefined;
  // Its value may hold a password.
  if (!/^https?:$/.test(URL.parse(proxy)?.protocol ?? ''))
    throw new UsageError(['HTTPS_PROXY is not the address of a proxy such as http://proxy.acme.com:3128']);
  const direct = [...LOOPBACK, of('NO_PROXY') ?? ''].join(',').replace(/,$/, '');
  return setGlobalProxyFromEnv({ HTTPS_PROXY: proxy, NO_PROXY: direct });
}
