import type { Traffic } from '../../ports.ts';

/** Counts the requests that go to Okta: it is only ever read, and the call for an access token counts as a read. */
export class Tally {
  #reads = 0;
  #throttled = 0;
  #retries = 0;

  sent(): void {
    this.#reads += 1;
  }

  throttled(): void {
    this.#throttled += 1;
  }

  retried(): void {
    this.#retries += 1;
  }

  traffic(): Traffic {
    return { reads: this.#reads, writes: 0, throttled: this.#throttled, retries: this.#retries };
  }
}
