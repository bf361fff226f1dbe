import { countGroups, harmOf, type Plan } from '../core/plan/change.ts';
import { nothingToDo } from '../core/plan/plan.ts';
import { canBeApproved } from '../core/guard/guard.ts';
import type { GuardRefusal } from '../core/guard/guard-rules.ts';
import { countInvited } from '../core/people/invitations.ts';
import { changeLines } from './change-text.ts';
import { hanging, plural, type Style } from './style.ts';
import { LONGEST, printable } from './escape.ts';
import { peopleSections } from './people-text.ts';
import type { ReportLayout } from './html.ts';

/** What was read, for the first lines. */
export interface Intake {
  readonly oktaGroups: number;
  readonly secodaGroups: number;
  readonly secodaUsers: number;
}

interface PlanLayout extends ReportLayout {
  /** Columns of the terminal; `Infinity` where lines are not to be broken. */
  readonly width: number;
}

/** A plan for people, with the command that approves it. Whatever is shortened here stands whole in `plan.json`. */
export function planText(
  plan: Plan,
  refusals: readonly GuardRefusal[],
  intake: Intake,
  style: Style,
  layout: PlanLayout,
): string {
  const { width } = layout;
  const sections = [
    intakeLines(plan, intake, width),
    changeLines(plan.changes, layout, style),
    ...notes(plan, width, style),
    ...(layout.people ? peopleSections(plan, width, style) : []),
    [summaryLine(plan, refusals.length > 0, style)],
    refusals.length === 0 ? [] : refusalLines(plan, refusals, layout, style),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function intakeLines({ baseline }: Plan, intake: Intake, width: number): string[] {
  const { oktaGroups, secodaGroups, secodaUsers } = intake;
  const managed = `${baseline.managedGroups} of them managed or about to be adopted`;
  const okta = `${plural(oktaGroups, 'group')} listed, ${baseline.groupsInScope} in scope`;
  const secoda = `${plural(secodaGroups, 'group')}, ${managed}; ${plural(secodaUsers, 'account')}`;
  return [...hanging('Okta    ', okta, width), ...hanging('Secoda  ', secoda, width)];
}

/** What is skipped, and what else somebody should know, with the groups concerned. */
function notes({ skipped, frozen, warnings }: Plan, width: number, style: Style): string[][] {
  const line = (group: string | null, oktaIds: readonly string[], text: string) => {
    const ids = oktaIds.length === 0 ? '' : ` (${printable(oktaIds.join(', '), LONGEST.ids)})`;
    const about = group === null ? '' : `${printable(group, LONGEST.name)}${ids}: `;
    return hanging('  ', `${about}${printable(text, LONGEST.message)}`, width);
  };
  const titled = (title: string, lines: string[]) =>
    lines.length === 0 ? [] : [style.warn(title), ...lines];
  const left = (all: readonly unknown[]) =>
    plural(all.length, 'group is left as it is', 'groups are left as they are');
  const loss = (who: readonly string[]) =>
    who.length === 0 ? 'nobody would lose access' : `would lose access: ${who.join(', ')}`;
  return [
    titled(
      `Skipped: ${left(skipped)}`,
      skipped.flatMap(({ group, oktaIds, reason }) => line(group, oktaIds, reason)),
    ),
    titled(
      `Frozen: ${left(frozen)}`,
      frozen.flatMap(({ group, oktaIds, wouldRemove }) => line(group, oktaIds, loss(wouldRemove))),
    ),
    titled(
      'Worth knowing',
      warnings.flatMap(({ group, oktaIds, message }) => line(group, oktaIds, message)),
    ),
  ];
}

/** What a plan writes that passed, and how long that takes: the limit of writes a minute is what a run waits for. */
export function writingText({ changes, invitations }: Plan, writesPerMinute: number): string {
  const passing = changes.filter(({ held }) => held !== true);
  const count = countGroups(passing);
  const people = countInvited(invitations);
  const parts = [
    [count.create, 'to create'],
    [count.update, 'to update'],
    [count.delete, 'to delete'],
  ] as const;
  const some = parts.filter(([number]) => number > 0);
  const groups = some.map(([number, what], n) => `${n === 0 ? plural(number, 'group') : number} ${what}`);
  const what = [
    ...(groups.length === 0 ? [] : [groups.join(', ')]),
    ...(people === 0 ? [] : [`${plural(people, 'person', 'people')} to invite`]),
  ].join('; ');
  // A DELETE does not count against Secoda's limit, and some groups are written twice.
  const metered = passing.filter(({ action }) => action !== 'delete');
  const writes = metered.length + metered.filter(({ again }) => again).length + people;
  const minutes = leastMinutes(writes, writesPerMinute);
  const time =
    minutes === 0
      ? 'less than a minute'
      : minutes < 120
        ? `about ${plural(minutes, 'minute')}`
        : `about ${Math.round(minutes / 60)} hours`;
  return `This writes to Secoda: ${what}. It takes ${time}, at ${writesPerMinute} writes a minute.`;
}

/** How many minutes so many requests take at least: the first minute's share goes out at once. */
export function leastMinutes(count: number, perMinute: number): number {
  return Math.floor(Math.max(0, count - 1) / perMinute);
}

/** The one line that says it all; also what a script may look for. */
function summaryLine(plan: Plan, refused: boolean, style: Style): string {
  const count = countGroups(plan.changes);
  const add = plan.changes.reduce((sum, change) => sum + change.add.length, 0);
  const remove = plan.changes.reduce((sum, change) => sum + change.remove.length, 0);
  const groups = [
    `${count.create} to create`,
    `${count.update} to update`,
    `${count.delete} to delete`,
    `${plan.unchanged} unchanged`,
    `${plan.skipped.length} skipped`,
  ].join(', ');
  const inviting = countInvited(plan.invitations);
  const invited = inviting === 0 ? '' : `; ${inviting} to invite`;
  // Of additions alone it would be that of an empty plan: there is nothing to approve.
  const digest = inviting > 0 || refused || harmOf(plan.changes).length > 0 ? `; digest ${plan.digest}` : '';
  return `${style.bold('Plan:')} ${groups}; members +${add} −${remove}; ${plan.unmatched.length} unmatched${invited}${digest}`;
}

/** Of each rule: one about members can be broken in every group. */
const REASONS_SHOWN = 5;

function refusalLines(
  plan: Plan,
  refusals: readonly GuardRefusal[],
  { width, apply }: PlanLayout,
  style: Style,
): string[] {
  const reasons = [...Map.groupBy(refusals, ({ rule }) => rule)].flatMap(([rule, each]) => {
    const more = each.length - REASONS_SHOWN;
    return [
      ...each
        .slice(0, REASONS_SHOWN)
        .flatMap(({ message }) => hanging('  ✗ ', `${rule}: ${printable(message, LONGEST.message)}`, width)),
      ...(more > 0 ? [`  ✗ ${rule}: ${more} more, in plan.json`] : []),
    ].map((line) => style.bad(line));
  });
  // Without a change there is nothing that an approval could let through.
  const approval =
    apply === null || nothingToDo(plan) || !canBeApproved(refusals)
      ? []
      : [
          plan.changes.some(({ held }) => held)
            ? 'If what is held is intended, approve exactly that:'
            : 'If every line above is intended, approve exactly this plan:',
          `  ${style.bold(`${apply} --approve ${plan.digest}`)}`,
        ];
  const slips = refusals.some(({ rule, count }) => rule === 'minimumGroups' && count === 0)
    ? plan.warnings.filter(
        ({ kind, message }) => kind === 'matches-nothing' && message.startsWith('groups.include'),
      )
    : [];
  const look = slips
    .slice(0, REASONS_SHOWN)
    .flatMap(({ message }) => hanging('  → ', printable(message, LONGEST.line), width));
  const held = plan.changes.filter((change) => change.held);
  const head =
    held.length === 0
      ? 'Refused by the guard, nothing is written:'
      : `Held by the guard, in ${plural(held.length, 'group')}; all else goes on:`;
  return [style.bad(style.bold(head)), ...reasons, ...look, ...approval];
}
