import { type Listener, LONG_WAIT_MS, type RunEvent, type WaitReason } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { Terminal } from './terminal.ts';
import { LONGEST, printable } from '../render/escape.ts';
import { outcomeLine } from '../render/change-text.ts';
import { leastMinutes } from '../render/plan-text.ts';
import { USUAL_PER_MINUTE } from '../services/okta/pace.ts';
import { cut, isTerminal, type Output, styleFor, timeText } from '../render/style.ts';

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
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Where nothing can be written over, the first line of what goes on comes after so long, and each later one after twice as long. */
const FIRST_LINE_MS = 5_000;

/** What both services may be asked for a minute, by a configuration. */
export function ratesOf({ okta, secoda }: Settings) {
  const { requestsPerMinute } = okta;
  return {
    requestsPerMinute: requestsPerMinute === 'auto' ? USUAL_PER_MINUTE : requestsPerMinute,
    writesPerMinute: secoda.writesPerMinute,
  };
}

type Rates = ReturnType<typeof ratesOf>;

/** What is being done. `perMinute`: how many of it, at most. */
interface Work {
  readonly what: string;
  readonly done: number;
  readonly total: number | null;
  readonly perMinute: number;
}

/** What an event tells of the work; `null` where it is about something else. */
function workOf(event: RunEvent, { requestsPerMinute, writesPerMinute }: Rates): Work | null {
  if (event.kind === 'read') {
    const perMinute = event.what === 'okta-members' ? requestsPerMinute : Infinity;
    return { ...event, what: `reading ${READING[event.what]}`, perMinute };
  }
  if (event.kind === 'outcome') return { ...event, what: 'writing', perMinute: writesPerMinute };
  return event.kind === 'invited' ? { ...event, what: 'inviting', perMinute: writesPerMinute } : null;
}

/** How long the rest of it takes, in milliseconds: as what was done so far, and no less than the limit on it allows. */
export function leftMs(
  { done, total, perMinute }: Pick<Work, 'done' | 'total' | 'perMinute'>,
  begun: { readonly done: number; readonly at: number },
  now: number,
): number {
  const left = (total ?? done) - done;
  const since = done - begun.done;
  const measured = since === 0 ? 0 : ((now - begun.at) / since) * left;
  return Math.max(measured, leastMinutes(left, perMinute) * MINUTE_MS);
}

/** Where a run is shown; nothing that passes is written any more once it is interrupted. */
interface Surroundings extends Pick<Terminal, 'environment' | 'clock' | 'interruption'> {
  /** Where what lasts is written. */
  readonly text: Output;
  /** Where what passes is written, unless `text` is a terminal. */
  readonly stderr: Output;
  readonly rates: Rates;
  /** What is said before the first event. */
  readonly first: string;
}

/**
 * Shows a run as it goes on: on a terminal by a line that is written over, with a countdown while it waits; in a log by a
 * line now and then. `clear` takes the passing line away, so that what is written next starts on a clean one.
 */
export function showProgress(surroundings: Surroundings): {
  readonly listen: Listener;
  readonly clear: () => void;
} {
  const { text, stderr, environment, clock, rates, first, interruption } = surroundings;
  const output = isTerminal(text, environment) ? text : stderr;
  const live = isTerminal(output, environment);
  const style = styleFor(text, environment);
  const dim = styleFor(output, environment).dim;
  let work: Work = { what: first, done: 0, total: null, perMinute: Infinity };
  let begun = { done: work.done, at: clock.now() };
  let wait: { readonly reason: WaitReason; readonly until: number } | null = null;
  let counting = new AbortController();
  let passing = false;
  let [nextLine, between] = [clock.now() + FIRST_LINE_MS, FIRST_LINE_MS];

  const wipe = () => {
    if (passing) output.write(CLEAR_LINE);
    passing = false;
  };
  const status = (now: number): string => {
    const { what, done, total } = work;
    const left = leftMs(work, begun, now);
    const count = done === 0 ? '' : `: ${done}${total === null || total === done ? '' : ` of ${total}`}`;
    const doing = `${what}${count}${left < FIRST_LINE_MS ? '' : `, about ${timeText(left)} left`}`;
    return wait === null ? doing : `${WAITING[wait.reason](timeText(wait.until - now))}; ${doing}`;
  };
  const show = () => {
    if (interruption?.aborted === true) return;
    const now = clock.now();
    if (wait !== null && wait.until <= now) wait = null;
    if (live) {
      // A line that reaches the edge would wrap, and only its last part be written over. A terminal may not know its width, or say 0.
      output.write(`${CLEAR_LINE}${dim(cut(status(now), (output.columns || 80) - 1))}`);
      passing = true;
    } else if (now >= nextLine) {
      output.write(`${status(now)}\n`);
      between = Math.min(2 * between, MINUTE_MS);
      nextLine = now + between;
    }
  };
  /** Goes on until the wait is over, whatever else is told meanwhile. */
  const countDown = async ({ signal }: AbortController) => {
    while (wait !== null) {
      await clock.sleep(SECOND_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      show();
    }
  };
  const last = (line: string) => {
    wipe();
    text.write(`${line}\n`);
  };
  const waiting = (reason: WaitReason, ms: number) => {
    const until = clock.now() + ms;
    if (ms > LONG_WAIT_MS) last(style.warn(WAITING[reason](timeText(ms))));
    // Of several, the one that lasts longest.
    if (wait !== null && wait.until >= until) return;
    wait = { reason, until };
    if (!live) return;
    counting.abort();
    counting = new AbortController();
    void countDown(counting);
  };
  const listen = (event: RunEvent) => {
    const now = workOf(event, rates);
    if (now !== null) {
      if (now.what !== work.what) begun = { done: now.done, at: clock.now() };
      work = now;
    }
    if (event.kind === 'waiting') waiting(event.reason, event.ms);
    else if (event.kind === 'short-cuts') last(style.dim(shortCutsText(event)));
    else if (event.kind === 'outcome') {
      last(outcomeLine(event.change, event.outcome, event.done, event.total, style));
      // What was written did not wait any more.
      if (wait?.reason === 'budget' || wait?.reason === 'lease') wait = null;
      if (event.done === event.total) return;
    }
    if (event.kind === 'planned') wipe();
    else show();
  };
  const clear = () => {
    counting.abort();
    wipe();
  };
  interruption?.addEventListener('abort', clear);
  if (live) show();
  return { listen, clear };
}

function shortCutsText({ taken, of, note }: Extract<RunEvent, { readonly kind: 'short-cuts' }>): string {
  return note === null
    ? `${taken} of ${of} Okta groups did not change since they were read last: their members are not read again`
    : `All ${of} Okta groups are read: ${printable(note, LONGEST.line)}`;
}
