import type { Change } from '../core/plan/change.ts';
import type { Member } from '../core/model/workspace.ts';
import { columnFor, cut, hanging, padded, plural, someOf, type Style, widthOf } from './style.ts';
import { LONGEST, printable } from './escape.ts';
import type { ChangeOutcome, Outcome } from '../core/report/report.ts';
import { lostBy } from '../core/plan/refused-write.ts';

/** So many people of a change are shown on a terminal; the record holds them all. */
const PEOPLE_SHOWN = 10;

/** A plan of more changes than this is not shown whole on a terminal: nobody reads what has scrolled away. */
const LONG_PLAN = 100;
const SHOWN_OF_LONG = 40;
const INDENT = ' '.repeat(10);

export const SIGNS: Readonly<Record<Change['action'], string>> = { create: '+', update: '~', delete: '-' };

/** All changes of a plan, in columns: sign, verb, name, numbers and why; below it the people, one a line. */
export function changeLines(
  changes: readonly Change[],
  { width, people, record }: { readonly width: number; readonly people: boolean; readonly record: string },
  style: Style,
): string[] {
  const shown = shownOf(changes, width);
  const numbers = columnFor(shown.map(numbersOf), 0, 20);
  // A plan without joins or leaves has no column for them.
  const gap = numbers === 0 ? 0 : 2;
  const room = Math.min(2 * LONGEST.name + 3, width - INDENT.length - gap - numbers);
  const rows = shown.map((change) => ({ change, title: cut(changeTitle(change), room), why: whyOf(change) }));
  const all = rows.map(({ title }) => title);
  const titles = columnFor(all, 8, Math.min(LONGEST.name, room));
  const start = INDENT.length + titles + gap + numbers + 2;
  // Either every reason stands beside its change or every one below it: a mixture is hard to scan.
  const beside = rows.every(
    ({ title, why }) => start + Math.max(0, widthOf(title) - titles) + widthOf(why) <= width,
  );
  const lines = rows.flatMap(({ change, title, why }) => {
    const paint = { create: style.good, update: style.change, delete: style.bad }[change.action];
    const verb = `${SIGNS[change.action]} ${padded(verbOf(change), 6)}  `;
    const head = `${paint(verb)}${style.bold(padded(title, titles))}${' '.repeat(gap)}${padded(numbersOf(change), numbers)}`;
    const about = beside
      ? [`${head}  ${style.dim(why)}`.trimEnd()]
      : [head.trimEnd(), ...hanging(INDENT, why, width).map((line) => style.dim(line))];
    if (!people) return about;
    const joining = memberLines('+', change.add, width, style.good);
    return [...about, ...joining, ...memberLines('-', change.remove, width, style.bad)];
  });
  const more = changes.length - shown.length;
  const rest = `… and ${plural(more, 'smaller change')}: ${printable(record)}plan.json has all ${changes.length}`;
  return more === 0 ? lines : [...lines, ...hanging('', rest, width).map((line) => style.warn(line))];
}

/** All of them, or of a plan that is too long for a terminal those that concern most people, the largest first. */
function shownOf(changes: readonly Change[], width: number): readonly Change[] {
  if (width === Infinity || changes.length <= LONG_PLAN) return changes;
  const size = ({ add, remove }: Change) => add.length + remove.length;
  return changes.toSorted((a, b) => size(b) - size(a)).slice(0, SHOWN_OF_LONG);
}

/** A group by name, with the name it had before if that changes. */
function changeTitle({ name, renamedFrom }: Pick<Change, 'name' | 'renamedFrom'>): string {
  const now = printable(name, LONGEST.name);
  return renamedFrom === null ? now : `${printable(renamedFrom, LONGEST.name)} → ${now}`;
}

/** How many people join and leave, for example `+2 −1`. */
export function numbersOf({
  add,
  remove,
}: Readonly<Record<'add' | 'remove', { readonly length: number }>>): string {
  const parts = [add.length > 0 ? `+${add.length}` : '', remove.length > 0 ? `−${remove.length}` : ''];
  return parts.filter(Boolean).join(' ');
}

/** What happens to a group, in one word. */
function verbOf({ action, adopted, known, renamedFrom }: Change): string {
  if (action !== 'update') return action;
  if (adopted && !known) return 'adopt';
  return renamedFrom === null ? 'update' : 'rename';
}

function whyOf({ oktaIds, reason, adopted, known, before, content }: Change): string {
  const members =
    adopted && !known
      ? `; ${before?.members.length ?? 0} members before, ${content?.userIds.length ?? 0} after`
      : '';
  // The reason of a deletion names the ids itself.
  const told = oktaIds.every((id) => reason.includes(id));
  return `${printable(reason, LONGEST.line)}${members}${told ? '' : ` (${printable(oktaIds.join(', '), LONGEST.ids)})`}`;
}

function memberLines(
  sign: string,
  members: readonly Member[],
  width: number,
  paint: (text: string) => string,
): string[] {
  const texts = members.slice(0, PEOPLE_SHOWN).map(({ email, userId, why }) => {
    return `${printable(email ?? userId, LONGEST.address)}${why ? `  ${causeText(why)}` : ''}`;
  });
  const more = members.length - PEOPLE_SHOWN;
  if (more > 0) texts.push(`… and ${more} more, in plan.json`);
  return texts.flatMap((text) => hanging(`${INDENT}${sign} `, text, width).map(paint));
}

const WORDS: Readonly<Record<string, string>> = {
  'group-gone': 'their Okta group is gone',
  'group-excluded': 'their Okta group is left out by include/exclude',
  'mapping-changed': 'their Okta group is mapped elsewhere now',
  'before-adoption': 'was there before the group was adopted',
  'added-by-hand': 'was added by hand in Secoda',
  'not-in-group': 'not in the Okta group',
  'refused-by-secoda': 'Secoda refuses to keep them',
  'account-appeared': 'has an account in Secoda now',
  restored: 'was taken out in Secoda',
  'in-group': 'in the Okta group',
  'status:DEPROVISIONED': 'deactivated in Okta',
  'status:SUSPENDED': 'suspended in Okta',
  'status:STAGED': 'not activated in Okta yet',
};

/** Why somebody comes or goes, in a few words. */
export function causeText({ cause }: { readonly cause: string }): string {
  return (
    (Object.hasOwn(WORDS, cause) ? WORDS[cause] : null) ??
    printable(cause.replace(/^status:/, 'has the status '), LONGEST.address)
  );
}

/** Why this person of a recorded change comes or goes; `null` where nothing is noted. A person may be called `constructor`. */
export function causeIn(causes: Readonly<Record<string, { readonly cause: string }>>, who: string) {
  const why = Object.hasOwn(causes, who) ? causes[who] : undefined;
  return why === undefined ? null : causeText(why);
}

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
  const [paint, sign] = {
    applied: [style.good, '✓'] as const,
    failed: [style.bad, '✗'] as const,
    unsettled: [style.warn, '!'] as const,
    held: [style.warn, '‖'] as const,
    'not-attempted': [style.dim, '·'] as const,
  }[outcome.outcome];
  const count = `${String(done).padStart(String(total).length)}/${total}`;
  const people = numbersOf(written);
  const lost = lostBy(written).map(({ email, userId }) => email ?? userId);
  return [
    `${paint(sign)} ${style.dim(count)} ${verb(change, outcome.outcome)} ${changeTitle(written)}`,
    people === '' ? '' : ` (${people})`,
    outcome.unsettled.length === 0 ? '' : `; Secoda did not honour it for ${names(outcome.unsettled)}`,
    lost.length === 0 ? '' : `; taken out, since Secoda refuses to have them: ${names(lost)}`,
    outcome.error === null ? '' : `: ${printable(outcome.error, LONGEST.line)}`,
  ].join('');
}

function verb({ action }: Change, outcome: Outcome): string {
  if (outcome === 'failed') return `could not ${action}`;
  if (outcome === 'held') return `holds the ${action} of`;
  return outcome === 'not-attempted' ? `did not ${action}` : `${action}d`;
}

function names(emails: readonly string[]): string {
  const safe = emails.map((email) => printable(email, LONGEST.address));
  return someOf(safe, PEOPLE_NAMED);
}
