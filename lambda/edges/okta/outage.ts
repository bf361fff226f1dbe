/** Fewer failures than this may be bad luck, however long ago the first was. */
const FEWEST_FAILURES = 5;
const LONGEST_MS = 30_000;

/**
 * Whether Okta as a whole is down. Each read has a deadline of its own, which many reads at once, taking turns, would reach
 * one after another and late.
 */
export class Outage {
  #since: number | null = null;
  #failures = 0;

  /** Okta answered, whatever it said: it is not down. */
  answered(): void {
    this.#since = null;
    this.#failures = 0;
  }

  /** A request that was sent at `sentAt` failed at `now`, in epoch milliseconds. */
  failed(
    sentAt: number,
    now: number,
  ): { readonly lasts: boolean; readonly failures: number; readonly ms: number } {
    this.#since ??= sentAt;
    this.#failures += 1;
    const ms = now - this.#since;
    return { lasts: ms >= LONGEST_MS && this.#failures >= FEWEST_FAILURES, failures: this.#failures, ms };
  }
}
