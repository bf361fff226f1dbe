import type { Listener, RunEvent } from '../ports.ts';
import { outcomeLine } from './outcome-text.ts';
import type { Style } from './style.ts';

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const READING = {
  'okta-groups': 'Okta groups',
  'okta-members': 'members of Okta groups',
  'secoda-users': 'Secoda accounts',
  'secoda-groups': 'Secoda groups',
} as const;

/** Shows a run as it goes on: one line that is written over on a terminal, only what lasts when piped. */
export function showProgress(output: Output, style: Style): Listener {
  const live = output.isTTY === true;
  const passing = (text: string) => live && output.write(`\r\u001b[2K${style.dim(text)}`);
  const lasting = (text: string) => output.write(`${live ? '\r\u001b[2K' : ''}${text}\n`);
  return (event: RunEvent) => {
    if (event.kind === 'read') {
      const of = event.total === null || event.total === event.done ? '' : ` of ${event.total}`;
      passing(`reading ${READING[event.what]}: ${event.done}${of}`);
    } else if (event.kind === 'waiting') {
      const seconds = Math.ceil(event.ms / 1000);
      if (event.reason === 'budget')
        lasting(style.dim(`  waiting ${seconds} s for Secoda's budget of writes a minute`));
      else lasting(style.dim('  waiting for another run to finish its slice'));
    } else if (event.kind === 'outcome') {
      lasting(outcomeLine(event.change, event.outcome, event.done, event.total, style));
    } else if (live) output.write('\r\u001b[2K');
  };
}
