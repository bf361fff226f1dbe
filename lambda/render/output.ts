import type { Environment } from '../names.ts';

/** One stream of the terminal, or a stand-in for it. */
export interface Output {
  readonly isTTY?: boolean;
  /** The width of the terminal; absent where the stream is none. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** Whether escape sequences do what they should on this stream. */
export function isTerminal(output: Output, environment: Environment): boolean {
  return output.isTTY === true && environment['TERM'] !== 'dumb';
}

/** Lines are broken for a terminal only: a log or a pipe gets each as a whole, to be searched. */
export function lineWidth(output: Output): number {
  return output.isTTY === true ? Math.max(60, output.columns ?? 80) : Infinity;
}
