import type { Header, Reply, Served } from './exchange.ts';
import type { Json } from './json.ts';

/** A callback of a test. It may be asynchronous, and what it returns does not matter. */
export type Callback = (request: Served) => unknown;

/** Changes an answer. `previous` is the last one of the same route, as it was before any rewriting. */
export type Rewrite = (reply: Reply, previous: Reply | undefined) => Reply;

/** What a fault does to a call. `name` is what the request log shows. */
export type Effect = { readonly name: string } & (
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body: Json | undefined;
      readonly headers: readonly Header[];
    }
  | { readonly kind: 'reset'; readonly moment: 'before' | 'after' }
  | { readonly kind: 'hang'; readonly moment: 'before headers' | 'after effect' | 'mid body' }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'late'; readonly keep: (carryOut: () => Promise<unknown>) => void }
  | { readonly kind: 'rewrite'; readonly change: Rewrite }
  | { readonly kind: 'before' | 'after'; readonly run: Callback }
);

/**
 * Answers with this status and nothing else happens: no handler, no authentication, no rate limit.
 *
 * @param body an object is sent as JSON, a string as it stands; left out, the service's own error body for that status
 */
export function status(code: number, body?: Json, headers: Readonly<Record<string, string>> = {}): Effect {
  return { name: `status ${code}`, kind: 'status', status: code, body, headers: Object.entries(headers) };
}

/** The connection is reset before the handler runs: the request has no effect. */
export function resetBefore(): Effect {
  return { name: 'resetBefore', kind: 'reset', moment: 'before' };
}

/** The handler runs and takes effect, then the connection is reset before any answer. */
export function resetAfter(): Effect {
  return { name: 'resetAfter', kind: 'reset', moment: 'after' };
}

/** No answer ever, and the handler does not run. */
export function hangBeforeHeaders(): Effect {
  return { name: 'hangBeforeHeaders', kind: 'hang', moment: 'before headers' };
}

/** The handler runs and takes effect, but no answer ever comes. */
export function hangAfterEffect(): Effect {
  return { name: 'hangAfterEffect', kind: 'hang', moment: 'after effect' };
}

/** The handler runs; the head and half of the body are sent, and then nothing more. */
export function hangMidBody(): Effect {
  return { name: 'hangMidBody', kind: 'hang', moment: 'mid body' };
}

/** The handler runs `ms` later, even if the client has given up by then, as at a real service. */
export function slow(ms: number): Effect {
  return { name: `slow ${ms}`, kind: 'slow', ms };
}

/** The connection is reset at once, and the handler runs when the test says so: a request that takes effect long afterwards. */
export function late(): { readonly effect: Effect; readonly happen: () => Promise<void> } {
  const waiting: (() => Promise<unknown>)[] = [];
  return {
    effect: { name: 'late', kind: 'late', keep: (carryOut) => void waiting.push(carryOut) },
    happen: async () => {
      for (const carryOut of waiting.splice(0)) await carryOut();
    },
  };
}

/** Changes the answer of the handler, which has taken effect. */
export function rewrite(change: Rewrite, name = 'rewrite'): Effect {
  return { name, kind: 'rewrite', change };
}

/** Runs `run` before the handler; the call then goes on as usual. */
export function before(run: Callback): Effect {
  return { name: 'before', kind: 'before', run };
}

/** Runs `run` when the handler has taken effect and the answer has not been sent; the call then goes on as usual. */
export function after(run: Callback): Effect {
  return { name: 'after', kind: 'after', run };
}
