import { styleText } from 'node:util';
import type { Environment } from '../settings/names.ts';

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
export function styleFor(stream: { readonly isTTY?: boolean }, environment: Environment): Style {
  const plain = stream.isTTY !== true || Boolean(environment.NO_COLOR) || environment.TERM === 'dumb';
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
