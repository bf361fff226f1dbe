import type { Effect } from './effects.ts';
import type { Served } from './exchange.ts';

export * from './effects.ts';
export * from './rewrites.ts';
export * from './too-many.ts';

/** Something that is to go wrong. */
export interface Fault {
  /** The name of a route, such as `secoda.group.update`, or a pattern for several. */
  readonly on: string | RegExp;
  /** Only from the nth matching call on, counted from one since the fault was added. */
  readonly nth?: number;
  /** How many calls it strikes; one unless said otherwise, `Infinity` for all. */
  readonly times?: number;
  /** Further restricts the calls that match. */
  readonly when?: (request: Served) => boolean;
  readonly effect: Effect;
}

/** The faults an emulator plays. A call is struck by one fault at most: of those due, the one added first. */
export class Faults {
  #waiting: { readonly fault: Fault; calls: number; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, calls: 0, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** How many faults have not struck as often as they are meant to. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** The effect on this call, if any. Every fault that matches counts the call, whichever strikes. */
  strike(request: Served): Effect | undefined {
    let struck: Effect | undefined;
    for (const entry of this.#waiting) {
      if (!matches(entry.fault, request)) continue;
      entry.calls += 1;
      if (struck !== undefined || entry.calls < (entry.fault.nth ?? 1) || entry.left < 1) continue;
      entry.left -= 1;
      struck = entry.fault.effect;
    }
    this.#waiting = this.#waiting.filter((entry) => entry.left > 0);
    return struck;
  }
}

function matches({ on, when }: Fault, request: Served): boolean {
  // `search` rather than `test`: a pattern with the flag `g` would remember where it stopped
  const named = typeof on === 'string' ? on === request.route : request.route.search(on) >= 0;
  return named && (when === undefined || when(request));
}
