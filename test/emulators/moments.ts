type Callback = () => unknown;

interface Awaited {
  readonly operation: string | RegExp;
  readonly when: 'before' | 'after';
  readonly run: Callback;
  left: number;
}

/** Says of a request that it never came: nothing is carried out, and the connection is cut. */
export const LOST = Symbol('lost');

/** Moments in the life of a stand-in at which a test does something, such as killing who asked. */
export class Moments {
  #awaited: Awaited[] = [];

  /**
   * Runs `run` once, at the nth request of this operation from now on, and lets the request wait for it: before it is carried
   * out, or when it has taken effect and the answer has not been sent. An operation may have details after its name
   * (`CheckpointDurableExecution SUCCEED plan`), which a pattern can ask for. What resolves with `LOST` before a request is
   * carried out makes it one that its sender was just about to send.
   */
  at(when: 'before' | 'after', operation: string | RegExp, nth: number, run: Callback): void {
    this.#awaited.push({ when, operation, run, left: nth });
  }

  /** How many have not come yet. */
  get pending(): number {
    return this.#awaited.length;
  }

  /** Whether the request is lost. */
  before(operation: string): Promise<boolean> {
    return this.#come('before', operation);
  }

  async after(operation: string): Promise<void> {
    await this.#come('after', operation);
  }

  async #come(when: Awaited['when'], operation: string): Promise<boolean> {
    const matching = this.#awaited.filter((each) => each.when === when && matches(each.operation, operation));
    for (const each of matching) each.left -= 1;
    const now = this.#awaited.filter(({ left }) => left < 1);
    this.#awaited = this.#awaited.filter(({ left }) => left > 0);
    let lost = false;
    for (const each of now) if ((await each.run()) === LOST) lost = true;
    return lost;
  }
}

function matches(wanted: string | RegExp, operation: string): boolean {
  return typeof wanted === 'string' ? wanted === operation.split(' ', 1)[0] : operation.search(wanted) >= 0;
}
