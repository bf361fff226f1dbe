import { styleText } from 'node:util';
import type { Environment } from '../names.ts';

type Paint = (text: string) => string;

/** How text is coloured; every paint is the identity when the output is no terminal. */
export interface Style {
  readonly good: Paint;
  readonly change: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
}

/** Colour only on a terminal that can show it, and never against the user's wish (https://no-color.org). */
export function styleFor(output: Output, environment: Environment): Style {
  const plain = !isTerminal(output, environment) || Boolean(environment['NO_COLOR']);
  // The stream is judged here and not by styleText, which would ask the process for its own streams and variables.
  const paint =
    (format: Parameters<typeof styleText>[0]): Paint =>
    (text) =>
      plain ? text : styleText(format, text, { validateStream: false });
  return {
    good: paint('green'),
    change: paint('cyan'),
    bad: paint('red'),
    warn: paint('yellow'),
    dim: paint('dim'),
    bold: paint('bold'),
  };
}

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
