import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../lambda/ports.ts';
import { silent } from '../time/under-way.ts';
import {
  type Call,
  type Header,
  type Reply,
  reply,
  type Route,
  type Served,
  withHeaders,
} from './exchange.ts';
import type { Faults } from './faults.ts';
import { complaint, parsedBody, received } from './incoming.ts';
import type { Json } from './json.ts';
import { listen } from './listen.ts';
import { play, type Scenario } from './play.ts';
import { type Found, Router, type Slash } from './router.ts';
import { send, sendHalf } from './wire.ts';

export interface ServeOptions {
  /** Who answers, for messages: `Okta emulator`. */
  readonly name: string;
  /** Zero, the default, takes any free port. */
  readonly port?: number | undefined;
  readonly clock: Clock;
  readonly routes: readonly Route[];
  readonly faults: Faults;
  /** The service's way to word an error. */
  readonly errorBody: (status: number, message: string) => Json;
  /** What stands between the network and every handler: authentication, rate limits. */
  readonly around?: (call: Call, next: () => Promise<Reply>) => Promise<Reply>;
  /** Headers of every answer. */
  readonly headers?: () => readonly Header[];
  readonly slash?: Slash | undefined;
  readonly redirectStatus?: 301 | 308 | undefined;
  /** How long a handler takes, in milliseconds. */
  readonly latencyMs?: number | ((request: Served) => number) | undefined;
}

/** A service that listens on 127.0.0.1. */
export interface Serving {
  readonly url: string;
  /** Every request since the start, in the order they came in. */
  readonly requests: Served[];
  /** `METHOD /path` of every request that no route serves. */
  readonly unknown: string[];
  /** How many answers had the status 429, those of faults included. */
  readonly throttled: number;
  /** Stops listening and ends every connection at once. */
  close(): Promise<void>;
}

/** Serves routes over HTTP, strictly: what is not declared is refused, and the refusal says so. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { name, clock, faults, latencyMs = 0 } = options;
  const router = new Router(options.routes, options.slash ?? 'exact');
  const closing = new AbortController();
  const requests: Served[] = [];
  const unknown: string[] = [];
  const previous = new Map<string, Reply>();
  let throttled = 0;

  const pause = (ms: number): Promise<void> => clock.sleep(ms, closing.signal);
  const refusal = (status: number, message: string): Reply =>
    reply(status, options.errorBody(status, message));

  async function answer(found: Found, served: Served, url: URL, aside: Scenario['aside']): Promise<Reply> {
    if (found.kind === 'unknown') {
      unknown.push(`${served.method} ${served.path}`);
      return refusal(404, `The ${name} does not know ${served.method} ${served.path}`);
    }
    if (found.kind === 'moved') {
      return reply(options.redirectStatus ?? 301, undefined, [['location', `${found.path}${url.search}`]]);
    }
    const { route } = found;
    const call = {
      served,
      route,
      body: parsedBody(route, served),
      param: (key: string) => found.params[key] ?? '',
    };
    const handled = async (): Promise<Reply> => {
      const ms = typeof latencyMs === 'number' ? latencyMs : latencyMs(served);
      if (ms > 0) await aside(() => pause(ms));
      const problem = complaint(route, served, url);
      return problem === undefined ? route.handle(call) : refusal(400, problem);
    };
    const answered = await (options.around === undefined ? handled() : options.around(call, handled));
    previous.set(route.name, answered);
    return answered;
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(`http://emulator${request.url ?? '/'}`);
    const found = router.find(request.method ?? '', url.pathname);
    const route = found.kind === 'route' ? found.route.name : found.kind === 'moved' ? 'redirect' : 'unknown';
    const served = await received(request, url, clock.now(), route);
    requests.push(served);
    const put = (how: typeof send) => (answered: Reply) => {
      served.status = answered.status;
      if (answered.status === 429) throttled += 1;
      how(response, withHeaders(answered, options.headers?.() ?? []));
    };
    const aside = async (work: () => unknown): Promise<void> => {
      const answering = silent(request.socket);
      try {
        await work();
      } finally {
        answering();
      }
    };
    const scenario = {
      request: served,
      previous: previous.get(route),
      answer: () => answer(found, served, url, aside),
      refusal,
      send: put(send),
      sendHalf: put(sendHalf),
      reset: () => void request.socket.resetAndDestroy(),
      aside,
      pause,
      hang: (answered: boolean) => void silent(request.socket, { answered }),
    };
    const effect = faults.strike(served);
    served.fault = effect?.name ?? null;
    try {
      await play(effect, scenario);
    } catch (error) {
      closing.signal.throwIfAborted();
      scenario.send(
        refusal(500, `The ${name} failed: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  }

  const server = createServer((request, response) => {
    // A request that cannot be answered (the client has gone, or the emulator is closing) has nobody to be told.
    receive(request, response).catch(() => response.destroy());
  });
  const listening = await listen(server, options.port ?? 0);
  return {
    url: listening.url,
    requests,
    unknown,
    get throttled() {
      return throttled;
    },
    async close() {
      closing.abort();
      await listening.close();
    },
  };
}
