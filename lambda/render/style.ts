import { styleText } from 'node:util';
import type { Environment } from '../names.ts';
import { isTerminal, type Output } from './output.ts';

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
