/**
 * Knows when nothing is under way in this process any more, so that all it waits for is time. Under way is an exchange over
 * HTTP from its request to the end of its answer, and whatever Node waits for besides: files, connections, look-ups, timers
 * of the machine. Imports no package, since child processes load it before all else.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { isTimed } from './timers.ts';

/** What may stay for ever without anything happening on it. Exchanges on sockets are known by themselves. */
const IDLE = new Set([
  ...['TCPServerWrap', 'TCPSocketWrap', 'PipeWrap', 'TTYWrap', 'MessagePort', 'ProcessWrap'],
  // Nothing is taken for settled before some turns of the event loop, in which these have run.
  'Immediate',
  // Known by themselves as well: not all of them count.
  'Timeout',
]);
/** Whatever follows from an answer or a file follows within one turn, if by some ticks and promises. */
const SETTLED_TURNS = 3;

interface Exchange {
  /** The ports of client and server, once they are known. */
  connection: string | null;
  /** Whether the head of an answer has come. */
  answered: boolean;
}
/** Each exchange that was begun here and has not ended. */
const exchanges = new Map<object, Exchange>();

/** What a server says of its side of a connection: that it sends nothing, or nothing after the head of an answer. */
export interface Silence {
  readonly connection: string;
  readonly answered: boolean;
}
/** Those of this process, each with the exchange whose head was sent. */
const silences = new Map<Silence, Exchange | null>();
const listeners = new Set<(all: readonly Silence[]) => void>();
/** Those of the process that started this one. */
let elsewhere = new Map<Silence, Exchange | null>();
let changed = Promise.withResolvers<undefined>();

function change(): void {
  changed.resolve(undefined);
  changed = Promise.withResolvers();
}

function begin(request: object): void {
  exchanges.set(request, { connection: null, answered: false });
}

function note(request: object, seen: Partial<Exchange>): void {
  const exchange = exchanges.get(request);
  if (exchange !== undefined) Object.assign(exchange, seen);
  change();
}

function send(request: object, { localPort, remotePort }: Socket): void {
  note(request, { connection: `${localPort}-${remotePort}` });
}

function end(request: object): void {
  exchanges.delete(request);
  change();
}

interface OfFetch {
  readonly request: { readonly method: string };
  readonly socket: Socket;
}
interface OfHttp {
  readonly request: ClientRequest;
}
const listen = (channel: string, heard: (message: never) => void): void =>
  subscribe(channel, heard as (message: unknown) => void);
// A tunnel through a proxy is part of the exchange that needs it, and no end of it is told.
listen('undici:request:create', ({ request }: OfFetch) => {
  if (request.method !== 'CONNECT') begin(request);
});
listen('undici:client:sendHeaders', ({ request, socket }: OfFetch) => send(request, socket));
listen('undici:request:headers', ({ request }: OfFetch) => note(request, { answered: true }));
listen('undici:request:trailers', ({ request }: OfFetch) => end(request));
listen('undici:request:error', ({ request }: OfFetch) => end(request));
listen('http.client.request.created', ({ request }: OfHttp) => {
  begin(request);
  request.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => send(request, socket));
    else send(request, socket);
  });
  request.once('response', () => note(request, { answered: true }));
  request.once('close', () => end(request));
});

/**
 * To be called by a server that sends nothing for now, because it lets time pass, leaves it to a test, or never will: its
 * exchange does not count until the returned function is called or the connection ends. `socket`: the server's side of it;
 * `answered`: the head of the answer was sent.
 */
export function silent(socket: Socket, { answered = false } = {}): () => void {
  const silence = { connection: `${socket.remotePort}-${socket.localPort}`, answered };
  const tell = (): void => {
    change();
    for (const heard of listeners) heard([...silences.keys()]);
  };
  const over = (): void => {
    socket.off('close', over);
    if (silences.delete(silence)) tell();
  };
  socket.once('close', over);
  silences.set(silence, answeredBy(silence));
  tell();
  return over;
}

function answeredBy({ connection, answered }: Silence): Exchange | null {
  if (!answered) return null;
  return [...exchanges.values()].find((exchange) => exchange.connection === connection) ?? null;
}

/** Tells of all silences of this process whenever one begins or ends, until the returned function is called. */
export function watchSilences(heard: (all: readonly Silence[]) => void): () => void {
  listeners.add(heard);
  return () => void listeners.delete(heard);
}

/** Takes all silences of another process. */
export function hearSilences(all: readonly Silence[]): void {
  elsewhere = new Map(all.map((silence) => [silence, answeredBy(silence)]));
  change();
}

function exchanging(): boolean {
  const waits = (exchange: Exchange): boolean =>
    [...silences, ...elsewhere].some(
      ([{ connection }, head]) =>
        connection === exchange.connection && (head !== exchange || exchange.answered),
    );
  return [...exchanges.values()].some((exchange) => !waits(exchange));
}

/** While a server says nothing, timers of the machine bound its silence: whoever set them is not to wait for them. */
function isWaiting(): boolean {
  if (exchanges.size === 0 && isTimed()) return true;
  return process.getActiveResourcesInfo().some((resource) => !IDLE.has(resource));
}

/** Resolves when all that this process still waits for is time, or somebody outside. */
export async function atRest(): Promise<void> {
  for (let settled = 0; settled < SETTLED_TURNS;) {
    await turn();
    settled += 1;
    if (exchanging()) {
      await changed.promise;
      settled = 0;
    } else if (settled === SETTLED_TURNS && isWaiting()) {
      await new Promise<void>((resolve) => void setTimeout(resolve, 1).unref());
      settled = 0;
    }
  }
}
