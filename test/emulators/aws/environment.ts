import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type Child, startChild } from '../../time/child.ts';
import type { HeldClock } from '../../time/clock.ts';

/** How one invocation ended. */
export type Ended = { readonly pid: number } & (
  | { readonly by: 'returned'; readonly value: unknown }
  | { readonly by: 'threw'; readonly error: string }
  | { readonly by: 'killed' | 'timed-out' }
);

/** What Lambda tells a function about its invocation. */
export interface InvocationContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  /** Epoch milliseconds by the world's clock. */
  readonly endsAt: number;
}

const messageShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal(['ready', 'rest']) }),
  z.object({ kind: z.literal('returned'), value: z.unknown().optional() }),
  z.object({ kind: z.literal('threw'), error: z.string() }),
]);
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

/** An execution environment of Lambda: a process of its own, which can be killed at any moment. */
export class ExecutionEnvironment {
  readonly #clock: HeldClock;
  readonly #child: Child;
  readonly #gone: Promise<void>;
  readonly #ready: Promise<void>;
  #answer: ((ended: (pid: number) => Ended) => void) | null = null;
  #killed: 'killed' | 'timed-out' = 'killed';
  #doomed = false;
  #printed = '';

  constructor(clock: HeldClock, variables: Readonly<Record<string, string>>) {
    this.#clock = clock;
    this.#child = startChild(clock, WORKER, [], { env: variables, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const { process } = this.#child;
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#printed += text));
    }
    this.#ready = new Promise((resolve) => {
      process.on('message', (sent) => {
        const message = messageShape.parse(sent);
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'returned') {
          this.#answer?.((pid) => ({ by: 'returned', value: message.value, pid }));
        } else if (message.kind === 'threw')
          this.#answer?.((pid) => ({ by: 'threw', error: message.error, pid }));
      });
    });
    this.#gone = new Promise((resolve) => {
      process.once('close', () => {
        this.#answer?.((pid) => ({ by: this.#killed, pid }));
        resolve();
      });
    });
  }

  /** All that was printed so far. */
  get printed(): string {
    return this.#printed;
  }

  /** Whether another invocation can be sent here. */
  get alive(): boolean {
    return this.#child.process.connected && !this.#doomed;
  }

  /** One invocation. Never rejects: a process that dies has ended, too. */
  async invoke(bundle: string, event: unknown, context: InvocationContext): Promise<Ended> {
    const { process, actor } = this.#child;
    actor.rest(-Infinity);
    const over = new AbortController();
    this.#clock.sleep(context.endsAt - this.#clock.now(), over.signal).then(
      () => this.kill('timed-out'),
      () => undefined,
    );
    const ended = new Promise<Ended>((resolve) => {
      this.#answer = (made) => {
        this.#answer = null;
        resolve(made(process.pid ?? 0));
      };
    });
    process.kill('SIGCONT');
    await Promise.race([this.#ready, this.#gone]);
    if (this.alive) process.send({ kind: 'invoke', bundle, event, context }, () => undefined);
    const result = await ended;
    over.abort();
    actor.rest(Infinity);
    // Lambda freezes a process between invocations.
    if (this.alive) process.kill('SIGSTOP');
    return result;
  }

  /** Resolves when the process is gone. */
  async kill(why: 'killed' | 'timed-out' = 'killed'): Promise<void> {
    if (!this.#doomed) this.#killed = why;
    this.#doomed = true;
    this.#child.actor.rest(-Infinity);
    this.#child.process.kill('SIGKILL');
    await this.#gone;
  }
}
