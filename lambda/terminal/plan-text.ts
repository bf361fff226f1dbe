import type { Change, Member, Plan } from '../core/change.ts';
import type { Refusal } from '../core/guard-rules.ts';
import { shown } from './escape.ts';
import { peopleText } from './people-text.ts';
import type { Style } from './style.ts';

/** What was read, for the first line. */
export interface Intake {
  readonly oktaGroups: number;
  readonly secodaGroups: number;
  readonly secodaUsers: number;
}

const LONGEST_NAME = 60;
/** So many people of a change are shown on a terminal; the record holds them all. */
const PEOPLE_SHOWN = 10;

/** A plan for people: what came in, what would change, what is skipped and why, who is unmatched, and one summary line. */
export function planText(plan: Plan, refusals: readonly Refusal[], intake: Intake, style: Style): string {
  const width = Math.min(
    36,
    Math.max(8, ...plan.changes.map(({ name }) => shown(name, LONGEST_NAME).length)),
  );
  const sections = [
    [
      `Okta    ${plan.baseline.groupsInScope} groups in scope of ${intake.oktaGroups} listed`,
      `Secoda  ${intake.secodaGroups} groups, ${plan.baseline.managedGroups} of them managed or to be taken over; ${intake.secodaUsers} accounts`,
    ],
    plan.changes.flatMap((change) => changeLines(change, width, style)),
    titled(
      'Skipped, left as they are',
      plan.skipped,
      ({ group, oktaIds, reason }) => `${name(group)} (${shown(oktaIds.join(', '))}): ${shown(reason, 400)}`,
      style,
    ),
    titled(
      'Worth knowing',
      plan.warnings,
      ({ group, message }) => `${name(group)}: ${shown(message, 400)}`,
      style,
    ),
    peopleText(plan, style),
    [summaryLine(plan, style)],
    refusalLines(plan.digest, refusals, style),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

const SIGNS = { create: '+', update: '~', delete: '-' } as const;

export function changeTitle(change: Change): string {
  const from = change.renamedFrom === null ? '' : ` (was ${name(change.renamedFrom)})`;
  return `${name(change.name)}${from}`;
}

function changeLines(change: Change, width: number, style: Style): string[] {
  const paint = { create: style.good, update: style.change, delete: style.bad }[change.action];
  const numbers = [
    ...(change.add.length > 0 ? [`+${change.add.length}`] : []),
    ...(change.remove.length > 0 ? [`−${change.remove.length}`] : []),
  ].join(' ');
  const head = `${SIGNS[change.action]} ${change.action}  ${changeTitle(change).padEnd(width)}  ${numbers.padEnd(7)}`;
  const verb = change.adopted ? `adopt: ${change.reason}` : change.reason;
  const before = change.before?.members.length ?? 0;
  const after = change.content?.userIds.length ?? 0;
  const size = change.adopted ? ` (${before} members before, ${after} after)` : '';
  return [
    `${paint(head)} ${style.dim(`${shown(verb, 300)}${size}`)}`,
    ...memberLines('+', change.add, style.good),
    ...memberLines('-', change.remove, style.bad),
  ];
}

function memberLines(sign: string, members: readonly Member[], paint: (text: string) => string): string[] {
  const lines = members
    .slice(0, PEOPLE_SHOWN)
    .map(({ email, userId }) => paint(`      ${sign} ${shown(email ?? userId, 80)}`));
  const more = members.length - PEOPLE_SHOWN;
  return more > 0 ? [...lines, paint(`      ${sign} … and ${more} more, in plan.json`)] : lines;
}

/** The one line that says it all; also what a script may look for. */
export function summaryLine(plan: Plan, style: Style): string {
  const count = (action: Change['action']) =>
    plan.changes.filter((change) => change.action === action).length;
  const add = plan.changes.reduce((sum, change) => sum + change.add.length, 0);
  const remove = plan.changes.reduce((sum, change) => sum + change.remove.length, 0);
  const groups = `${count('create')} to create, ${count('update')} to update, ${count('delete')} to delete, ${plan.unchanged} unchanged, ${plan.skipped.length} skipped`;
  return `${style.bold('Plan:')} ${groups}; members +${add} −${remove}; ${plan.unmatched.length} unmatched; digest ${plan.digest}`;
}

function refusalLines(digest: string, refusals: readonly Refusal[], style: Style): string[] {
  if (refusals.length === 0) return [];
  return [
    style.bad(style.bold('Refused by the guard, nothing is written:')),
    ...refusals.map(({ rule, message }) => `  ${style.bad('✗')} ${rule}: ${shown(message, 1_000)}`),
    'If every line of this plan is meant, approve exactly it:',
    `  npm run sync -- apply --approve ${digest}`,
  ];
}

export function titled<T>(
  title: string,
  items: readonly T[],
  line: (item: T) => string,
  style: Style,
): string[] {
  return items.length === 0 ? [] : [style.warn(`${title}:`), ...items.map((item) => `  ${line(item)}`)];
}

export function name(text: string): string {
  return shown(text, LONGEST_NAME);
}
