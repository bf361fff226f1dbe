import { printable } from '../render/escape.ts';
import type { Progress } from './progress.ts';
import { styleFor } from '../render/style.ts';
import type { Terminal } from './terminal.ts';

/** What is said of a command that was interrupted before it could have written anything. */
export const NOTHING_WRITTEN = 'Interrupted: nothing was written.\n';

/** Has a run that is interrupted leave a clean line and say how it goes on. */
export function tellInterruptedRun(
  terminal: Terminal,
  {
    record,
    writes,
    progress,
  }: { readonly record: string; readonly writes: boolean; readonly progress: Progress },
): void {
  const { stderr, environment } = terminal;
  const style = styleFor(stderr, environment);
  terminal.whenInterrupted?.(() => {
    progress.clear();
    const words = writes
      ? 'Interrupted: what was written before stays, and the next run goes on from there.'
      : NOTHING_WRITTEN.trimEnd();
    const place = style.dim(`record, as far as there is one: ${printable(record)}`);
    stderr.write(`${style.warn(style.bold(words))}\n${place}\n`);
  });
}

/** Has a `doctor --probe` that is interrupted name what it may leave behind. */
export function tellInterruptedProbe({ stderr, whenInterrupted }: Terminal, group: string): void {
  const words = `Interrupted. Look in Secoda for a group "${printable(group)}": if it is there, delete it.\n`;
  whenInterrupted?.(() => stderr.write(words));
}
