import { type Listener, LONG_WAIT_MS, type RunEvent, type WaitReason } from '../ports.ts';
import { printable } from '../render/escape.ts';
import { outcomeLine } from '../render/outcome-text.ts';
import type { Output, Style } from '../render/style.ts';

const READING = {
  'okta-groups': 'Okta groups',
  'okta-members': 'members of Okta groups',
  'secoda-users': 'Secoda accounts',
  'secoda-groups': 'Secoda groups',
} as const;

const WAITING: Readonly<Record<WaitReason, (time: string) => string>> = {
  budget: (time) => `waiting ${time} for Secoda's budget of writes a minute`,
  lease: (time) => `waiting ${time} for another run to finish its slice`,
  'okta-pace': (time) => `waiting ${time} to stay within the requests a minute to Okta`,
  'okta-throttled': (time) => `Okta is throttled (429): going on in ${time}`,
  'okta-failure': (time) => `Okta does not answer as it should: trying again in ${time}`,
  'secoda-throttled': (time) => `Secoda is throttled (429): going on in ${time}`,
  'secoda-failure': (time) => `Secoda does not answer as it should: trying again in ${time}`,
};

const CLEAR_LINE = '\r\u001b[2K';

/** A terminal that does not know its width says nothing, or 0. */
function passingWidth({ columns = 0 }: Output): number {
  return (columns > 0 ? columns : 80) - 1;
}

function shortCutsText({ taken, of, note }: Extract<RunEvent, { readonly kind: 'short-cuts' }>): string {
  return note === null
    ? `${taken} of ${of} Okta groups did not change since they were read last: their members are not read again`
    : `All ${of} Okta groups are read: ${printable(note, 400)}`;
}

export interface Progress {
  readonly listen: Listener;
  /** Takes the passing line away, so that what is written next starts on a clean one. */
  readonly clear: () => void;
}

/** Shows a run as it goes on. `live`: with a passing line that is written over; otherwise only what lasts. */
export function showProgress(output: Output, style: Style, live: boolean): Progress {
  let passing = false;
  const clear = () => {
    if (passing) output.write(CLEAR_LINE);
    passing = false;
  };
  const pass = (text: string) => {
    if (!live) return;
    // A line that reaches the edge would wrap, and only its last part be written over.
    output.write(`${CLEAR_LINE}${style.dim(text.slice(0, passingWidth(output)))}`);
    passing = true;
  };
  const listen = (event: RunEvent) => {
    if (event.kind === 'read') {
      const of = event.total === null || event.total === event.done ? '' : ` of ${event.total}`;
      pass(`reading ${READING[event.what]}: ${event.done}${of}`);
    } else if (event.kind === 'waiting') {
      const text = WAITING[event.reason](`${Math.ceil(event.ms / 1000)} s`);
      if (event.ms <= LONG_WAIT_MS) pass(text);
      else {
        clear();
        output.write(`${style.warn(text)}\n`);
      }
    } else if (event.kind === 'short-cuts') {
      clear();
      output.write(`${style.dim(shortCutsText(event))}\n`);
    } else {
      clear();
      if (event.kind !== 'outcome') return;
      output.write(`${outcomeLine(event.change, event.outcome, event.done, event.total, style)}\n`);
    }
  };
  return { listen, clear };
}
