import type { Change } from '../core/plan/change.ts';
import type { ChangeOutcome, Outcome } from '../core/report/report.ts';
import { lostBy } from '../core/plan/refused-write.ts';
import { changeTitle, numbersOf } from './change-text.ts';
import { printable } from './escape.ts';
import type { Style } from './style.ts';

const SIGNS: Readonly<Record<Outcome, string>> = {
  applied: '✓',
  failed: '✗',
  unsettled: '!',
  held: '‖',
  'not-attempted': '·',
};
const DONE: Readonly<Record<Change['action'], string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
};
const PEOPLE_NAMED = 5;

/** One line as soon as the fate of a change is known: `✓ 3/12 updated Finance (+2 −1)`. */
export function outcomeLine(
  change: Change,
  outcome: ChangeOutcome,
  done: number,
  total: number,
  style: Style,
): string {
  const written = outcome.written ?? change;
  const paint = {
    applied: style.good,
    failed: style.bad,
    unsettled: style.warn,
    held: style.warn,
    'not-attempted': style.dim,
  };
  const count = `${String(done).padStart(String(total).length)}/${total}`;
  const head = `${paint[outcome.outcome](SIGNS[outcome.outcome])} ${style.dim(count)} ${verb(change, outcome.outcome)} ${changeTitle(written)}`;
  const people = numbersOf(written);
  return `${head}${people === '' ? '' : ` (${people})`}${unsettled(outcome)}${lost(written)}${error(outcome)}`;
}

function verb({ action }: Change, outcome: Outcome): string {
  if (outcome === 'failed') return `could not ${action}`;
  if (outcome === 'held') return `holds the ${action} of`;
  return outcome === 'not-attempted' ? `did not ${action}` : DONE[action];
}

function unsettled({ unsettled: emails }: ChangeOutcome): string {
  return emails.length === 0 ? '' : `; Secoda did not honour it for ${names(emails)}`;
}

function lost(written: Change): string {
  const emails = lostBy(written).map(({ email, userId }) => email ?? userId);
  return emails.length === 0 ? '' : `; taken out, since Secoda refuses to have them: ${names(emails)}`;
}

function names(emails: readonly string[]): string {
  const named = emails.slice(0, PEOPLE_NAMED).map((email) => printable(email, 80));
  return `${named.join(', ')}${emails.length > named.length ? ` and ${emails.length - named.length} more` : ''}`;
}

function error({ error: message }: ChangeOutcome): string {
  return message === null ? '' : `: ${printable(message, 400)}`;
}
