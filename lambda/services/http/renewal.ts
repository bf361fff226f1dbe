import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../errors.ts';

/** Asks whoever keeps the credentials for newer ones; `null`: there are none. */
export type Renew<T> = () => Promise<T | null>;

/**
 * The credentials of one connection. After a 401 they are asked for again: once for each that was refused, however many
 * requests it was refused to, so that a key that was rotated is taken up and a wrong one ends the run.
 */
export class Renewal<T> {
  readonly #renew: Renew<T>;
  /** Private, as everything here that may hold a credential: nobody prints it by printing the connection. */
  readonly #known: T[];
  readonly #first: () => Promise<T>;
  #asking: Promise<boolean> | null = null;
  #exhausted = false;
  #trouble = '';

  /** `fetch`: where they come from before the first request, if they are not at hand (`null`). */
  constructor(
    first: T | null,
    renew: Renew<T> = () => Promise.resolve(null),
    fetch: () => Promise<T> = () => Promise.reject(new Error('there are no credentials')),
  ) {
    this.#known = first === null ? [] : [first];
    this.#renew = renew;
    this.#first = fetch;
  }

  get current(): T | undefined {
    return this.#known.at(-1);
  }

  /** Those that count now; fetched with the first request. Throws as `fetch` does, which is asked again then. */
  async ready(): Promise<T> {
    const first = (this.#known[0] ??= await this.#first());
    return this.current ?? first;
  }

  /** Goes up by one with each renewal: a request remembers what it was sent with by this number. */
  get number(): number {
    return this.#known.length;
  }

  /** All there were, so that none of them shows. */
  get all(): readonly T[] {
    return this.#known;
  }

  /** Why newer ones could not be had, to be added to an error's message; empty where nothing went wrong. */
  get trouble(): string {
    return this.#trouble;
  }

  /** Those of this number were refused: whether there are newer ones, so that the request is worth repeating. */
  async after(number: number): Promise<boolean> {
    if (number < this.number) return true;
    if (this.#exhausted) return false;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask(): Promise<boolean> {
    try {
      const next = await this.#renew();
      // Those before the current ones were refused as well: going back to them would be going round in circles.
      if (next !== null && !this.#known.some((known) => isDeepStrictEqual(known, next))) {
        this.#known.push(next);
        return true;
      }
    } catch (error) {
      this.#trouble = ` They could not be fetched again: ${messageOf(error)}`;
    }
    this.#exhausted = true;
    return false;
  }
}
