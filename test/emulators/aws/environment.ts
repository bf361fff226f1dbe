import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Actor, WorldClock } from './world-clock.ts';

/** How one invocation ended. `real`: milliseconds of the machine's time, the start of a new process included. */
export type Ended = { readonly real: number; readonly pid: number } & (
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
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('rest'), until: z.number().nullable() }),
  z.object({ kind: z.literal('returned'), value: z.unknown().optional() }),
  z.object({ kind: z.literal('threw'), error: z.string() }),
]);
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** An execution environment of Lambda: a process of its own, which can be killed at any moment. */
export class ExecutionEnvironment {
  readonly #clock: WorldClock;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #ready: Promise<void>;
  readonly #unwatch: () => void;
  #actor: Actor | null = null;
  #answer: ((ended: (real: number, pid: number) => Ended) => void) | null = null;
  #killed: 'killed' | 'timed-out' = 'killed';
  #doomed = false;
  #printed = '';

  constructor(clock: WorldClock, variables: Readonly<Record<string, string>>) {
    this.#clock = clock;
    this.#child = fork(script('worker.ts'), [], {
      execArgv: ['--import', script('child-clock.ts')],
      env: { ...variables, WORLD_CLOCK_OFFSET: String(clock.offset) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#printed += text));
    }
    this.#unwatch = clock.watch((offset) => this.#send({ kind: 'leap', offset }));
    this.#ready = new Promise((resolve) => {
      this.#child.on('message', (sent) => {
        const message = messageShape.parse(sent);
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'rest') this.#actor?.rest(message.until);
        else if (message.kind === 'returned') {
          this.#answer?.((real, pid) => ({ by: 'returned', value: message.value, real, pid }));
        } else this.#answer?.((real, pid) => ({ by: 'threw', error: message.error, real, pid }));
      });
    });
    this.#gone = new Promise((resolve) => {
      // `close` comes when all that was printed has been read.
      this.#child.once('close', () => {
        this.#unwatch();
        this.#answer?.((real, pid) => ({ by: this.#killed, real, pid }));
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
    return this.#child.connected && !this.#doomed;
  }

  /** One invocation; `actor` rests while the process does. Never rejects: a process that dies has ended, too. */
  async invoke(bundle: string, event: unknown, context: InvocationContext, actor: Actor): Promise<Ended> {
    const start = performance.now();
    this.#actor = actor;
    const cancel = this.#clock.alarm(context.endsAt, () => void this.kill('timed-out'));
    const ended = new Promise<Ended>((resolve) => {
      this.#answer = (made) => {
        this.#answer = null;
        this.#actor = null;
        resolve(made(performance.now() - start, this.#child.pid ?? 0));
      };
    });
    this.#child.kill('SIGCONT');
    await Promise.race([this.#ready, this.#gone]);
    this.#send({ kind: 'leap', offset: this.#clock.offset });
    this.#send({ kind: 'invoke', bundle, event, context });
    const result = await ended;
    cancel();
    actor.rest(null);
    // Lambda freezes a process between invocations.
    if (this.alive) this.#child.kill('SIGSTOP');
    return result;
  }

  /** Resolves when the process is gone. */
  async kill(why: 'killed' | 'timed-out' = 'killed'): Promise<void> {
    if (!this.#doomed) this.#killed = why;
    this.#doomed = true;
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  #send(message: object): void {
    // A process that has just died has nobody to read it.
    if (this.alive) this.#child.send(message, () => undefined);
  }
}
