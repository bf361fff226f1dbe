import type { Change } from '../core/plan/change.ts';
import type { Member } from '../core/model/workspace.ts';
import { columnFor, hanging, padded, type Style, widthOf } from './style.ts';
import { printable } from './escape.ts';

/** Characters of a name or an address that are shown at most; the record holds them whole. */
export const LONGEST_NAME = 60;
const LONGEST_ADDRESS = 80;
/** So many people of a change are shown on a terminal; the record holds them all. */
const PEOPLE_SHOWN = 10;

const INDENT = ' '.repeat(10);

/** What happens to a group, in one word. */
type Verb = 'create' | 'adopt' | 'rename' | 'update' | 'delete';

const SIGNS: Readonly<Record<Change['action'], string>> = { create: '+', update: '~', delete: '-' };

/** All changes of a plan, in columns: sign, verb, name, numbers and why; below it the people, one a line. */
export function changeLines(
  changes: readonly Change[],
  { width, people }: { readonly width: number; readonly people: boolean },
  style: Style,
): string[] {
  const rows = changes.map((change) => ({ change, title: changeTitle(change), why: whyOf(change) }));
  const titles = columnFor(
    rows.map(({ title }) => title),
    8,
    LONGEST_NAME,
  );
  const numbers = columnFor(
    rows.map(({ change }) => numbersOf(change)),
    0,
    20,
  );
  // A plan without joins or leaves has no column for them.
  const gap = numbers === 0 ? 0 : 2;
  const start = INDENT.length + titles + gap + numbers + 2;
  // Either every reason stands beside its change or every one below it: a mixture is hard to scan.
  const beside = rows.every(
    ({ title, why }) => start + Math.max(0, widthOf(title) - titles) + widthOf(why) <= width,
  );
  return rows.flatMap(({ change, title, why }) => {
    const paint = { create: style.good, update: style.change, delete: style.bad }[change.action];
    const verb = `${SIGNS[change.action]} ${padded(verbOf(change), 6)}  `;
    const head = `${paint(verb)}${style.bold(padded(title, titles))}${' '.repeat(gap)}${padded(numbersOf(change), numbers)}`;
    const lines = beside
      ? [`${head}  ${style.dim(why)}`.trimEnd()]
      : [head.trimEnd(), ...hanging(INDENT, why, width).map((line) => style.dim(line))];
    if (!people) return lines;
    return [
      ...lines,
      ...memberLines('+', change.add, style.good),
      ...memberLines('-', change.remove, style.bad),
    ];
  });
}

/** A group by name, with the name it had before if that changes. */
export function changeTitle({ name, renamedFrom }: Pick<Change, 'name' | 'renamedFrom'>): string {
  const now = printable(name, LONGEST_NAME);
  return renamedFrom === null ? now : `${printable(renamedFrom, LONGEST_NAME)} → ${now}`;
}

/** How many people join and leave, for example `+2 −1`. */
export function numbersOf({
  add,
  remove,
}: Readonly<Record<'add' | 'remove', { readonly length: number }>>): string {
  return [add.length > 0 ? `+${add.length}` : '', remove.length > 0 ? `−${remove.length}` : '']
    .filter((part) => part !== '')
    .join(' ');
}

function verbOf({ action, adopted, known, renamedFrom }: Change): Verb {
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
  return `${printable(reason, 300)}${members}${told ? '' : ` (${printable(oktaIds.join(', '), 200)})`}`;
}

function memberLines(sign: string, members: readonly Member[], paint: (text: string) => string): string[] {
  const lines = members
    .slice(0, PEOPLE_SHOWN)
    .map(({ email, userId, why }) =>
      paint(
        `${INDENT}${sign} ${printable(email ?? userId, LONGEST_ADDRESS)}${why ? `  ${causeText(why)}` : ''}`,
      ),
    );
  const more = members.length - PEOPLE_SHOWN;
  return more > 0 ? [...lines, paint(`${INDENT}${sign} … and ${more} more, in plan.json`)] : lines;
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
    printable(cause.replace(/^status:/, 'has the status '), 80)
  );
}

/** Why this person of a recorded change comes or goes; `null` where nothing is noted. A person may be called `constructor`. */
export function causeIn(
  causes: Readonly<Record<string, { readonly cause: string }>>,
  who: string,
): string | null {
  const why = Object.hasOwn(causes, who) ? causes[who] : undefined;
  return why === undefined ? null : causeText(why);
}
