import type { Timeouts } from '../services/http/send.ts';
import type { Clock } from '../ports.ts';
import type { Environment } from '../names.ts';
import type { Output } from '../render/style.ts';

/** Everything the terminal's surroundings lend to a command. */
export interface Terminal {
  readonly environment: Environment;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** Sets what is done, at once, before an interruption ends the process. The latest counts. */
  readonly whenInterrupted?: (say: () => void) => void;
  /** The usual ones unless given. */
  readonly timeouts?: Timeouts;
}
