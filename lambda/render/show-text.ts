import type { Compared, Comparison, Difference, KeyDifference } from '../core/report/difference.ts';
import type { StoredChange, StoredReport } from '../archive/runs.ts';
import { causeIn, numbersOf, SIGNS } from './change-text.ts';
import { verdictOf } from './error-text.ts';
import { hanging, plural, someOf, type Style } from './style.ts';
import { LONGEST, printable } from './escape.ts';
import { whoText } from './history-text.ts';
import { countsOf } from '../archive/run-index.ts';
import type { ReportLayout } from './html.ts';

type ShowLayout = Pick<ReportLayout, 'people' | 'record'> & { readonly width: number };

/** A run as its record has it: what it was, who asked for it, and every change with its people and what became of it. */
export function showText(report: StoredReport, layout: ShowLayout, style: Style): string {
  const { record, width } = layout;
  const { runId, startedAt, mode, status, digest, refusals, error } = report;
  const { skipped, changes, unmatched, resolved, warnings } = report;
  const { add, remove } = countsOf(report).members;
  const { unchanged } = report.summary.groups;
  const [tone, words] = verdictOf(report);
  const requestId = report.request?.awsRequestId ?? null;
  const lines = [
    `${style.bold(printable(runId))}  ${printable(startedAt)}  ${printable(mode)}: ${style.bold(printable(status))}`,
    `  asked for by  ${whoText(report)}`,
    ...(requestId === null
      ? []
      : [`  request id    ${printable(requestId)} (CloudTrail knows by it who that was)`]),
    ...(digest === null ? [] : [`  digest        ${printable(digest)}`]),
    ...(error === null ? [] : hanging('  error         ', printable(error, LONGEST.message), width)),
    ...refusals.flatMap(({ rule, message }) =>
      hanging('  ✗ ', printable(`${rule}: ${message}`, LONGEST.message), width),
    ),
    '',
    ...changes.flatMap((change) => changeLines(change, layout, style)),
    ...(skipped.length === 0
      ? []
      : [`Skipped: ${printable(skipped.map(({ group }) => group).join(', '), LONGEST.line)}`]),
    ...(warnings.length === 0 ? [] : [style.warn('Worth knowing')]),
    ...warnings.flatMap(({ group, message }) =>
      hanging('  ', printable(`${group === null ? '' : `${group}: `}${message}`, LONGEST.message), width),
    ),
    ...(changes.length === 0 ? [style[tone](words)] : []),
    `${plural(changes.length, 'change')}${unchanged === undefined ? '' : `; ${plural(unchanged, 'group')} unchanged`}; members +${add} −${remove}; ${unmatched.length} unmatched, ${resolved.length} resolved`,
    style.dim(`record: ${printable(record)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** One change with all of its people. */
function changeLines(change: StoredChange, { width, people: named }: ShowLayout, style: Style): string[] {
  const { action, group, renamedFrom, outcome, reason, unsettled, error } = change;
  const title = renamedFrom === null ? group.name : `${renamedFrom} → ${group.name}`;
  const people = (sign: string, emails: readonly string[]) =>
    emails.map((email) => {
      const why = causeIn(change.causes, email);
      const left = unsettled.includes(email) ? '  (not honoured by Secoda)' : '';
      return `    ${sign} ${printable(email, LONGEST.address)}${why === null ? '' : `  ${why}`}${left}`;
    });
  const counts = [numbersOf(change)].flatMap((numbers) => (numbers === '' ? [] : [`    ${numbers}`]));
  return [
    `${SIGNS[action]} ${action}  ${style.bold(printable(title, 2 * LONGEST.name))}  ${outcome === null ? 'not written' : printable(outcome)}`,
    ...hanging('    ', printable(`${reason} (${group.oktaIds.join(', ')})`, LONGEST.line), width).map(
      (line) => style.dim(line),
    ),
    ...(error === null ? [] : hanging('    ✗ ', printable(error, LONGEST.message), width)),
    ...(named ? [...people('+', change.add), ...people('-', change.remove)] : counts),
  ];
}

/** How a plan that was made again differs from its run's own, in plain lines: for a terminal, a page or a comment. */
export function comparedLines({ runId, digest, comparison, keys, unknown }: Compared, people: boolean) {
  const { same, groups, breaks, keeps, invite, notInvite } = comparison;
  const verdict = [
    ...(breaks.length === 0 ? [] : [`it breaks ${breaks.join(', ')}, which the run's own plan did not`]),
    ...(keeps.length === 0 ? [] : [`it no longer breaks ${keeps.join(', ')}`]),
    ...(invite.length === 0 ? [] : [`${plural(invite.length, 'more person is', 'more people are')} invited`]),
    ...(notInvite.length === 0 ? [] : [`${plural(notInvite.length, 'person is', 'people are')} not invited`]),
  ];
  return [
    `Compared with run ${printable(runId)} (digest ${printable(digest)}): ${same ? 'the same plan and verdict.' : `${differenceText(comparison)}.`}`,
    ...verdict.map((line) => `  ${line}`),
    ...groups.flatMap((each) => groupLines(each, people)),
    ...(keys.length === 0
      ? []
      : ['', `The configuration differs from the run's own in ${plural(keys.length, 'key')}:`]),
    ...keys.flatMap((each) => keyLines(each)),
    ...(unknown.length === 0 ? [] : ['', 'Not known from this snapshot:']),
    ...unknown.map((each) => `  ${printable(each, LONGEST.message)}`),
  ];
}

/** In one line; of the first groups by their names. */
function differenceText({ same, groups, breaks, keeps, invite, notInvite }: Comparison): string {
  if (same) return 'nothing differs';
  const sum = (which: 'add' | 'remove' | 'notAdd' | 'notRemove') =>
    groups.reduce((total, each) => total + each[which].length, 0);
  const numbers = [
    ...(groups.length === 0 ? [] : [plural(groups.length, 'group differs', 'groups differ')]),
    ...peopleCounts(sum('add'), sum('notAdd'), sum('remove'), sum('notRemove')),
    ...(breaks.length + keeps.length === 0 ? [] : ['the verdict differs']),
    ...(invite.length + notInvite.length === 0 ? [] : ['the invitations differ']),
  ];
  return numbers.length === 0 ? 'its digest differs' : numbers.join(', ');
}

function peopleCounts(add: number, notAdd: number, remove: number, notRemove: number): string[] {
  return [
    ...(add === 0 ? [] : [`${add} more added`]),
    ...(notAdd === 0 ? [] : [`${notAdd} not added`]),
    ...(remove === 0 ? [] : [`${remove} more removed`]),
    ...(notRemove === 0 ? [] : [`${notRemove} not removed`]),
  ];
}

const FATES = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  adopt: 'adopted',
  rename: 'renamed',
  hold: 'held',
  skip: 'skipped',
} as const;

/** Of each list of people. */
const PEOPLE_SHOWN = 50;

function groupLines({ group, was, is, ...who }: Difference, people: boolean): string[] {
  const fate = (word: Difference['was']) => (word === null ? 'left as it is' : FATES[word]);
  const { add, notAdd, remove, notRemove } = who;
  const counts = peopleCounts(add.length, notAdd.length, remove.length, notRemove.length);
  const head = was === is ? fate(is) : `${fate(was)} → ${fate(is)}`;
  const ids = group.oktaIds.length === 0 ? '' : ` (${printable(group.oktaIds.join(', '), LONGEST.ids)})`;
  const lists = [
    ['added', add],
    ['not added', notAdd],
    ['removed', remove],
    ['not removed', notRemove],
  ] as const;
  return [
    `  ${printable(group.name, LONGEST.name)}${ids}: ${[head, ...counts].join('; ')}`,
    ...lists.flatMap(([word, some]) => {
      if (!people || some.length === 0) return [];
      const safe = some.map((each) => printable(each, LONGEST.address));
      return [`      ${word}: ${someOf(safe, PEOPLE_SHOWN)}`];
    }),
  ];
}

function keyLines({ key, was, is, alone, why }: KeyDifference): string[] {
  const value = (text: string | null) => (text === null ? 'not set' : printable(text, LONGEST.ids));
  const names = alone?.groups.map(({ group }) => printable(group.name, LONGEST.name)) ?? [];
  const which = names.length === 0 ? '' : `: ${someOf(names, 5)}`;
  const told = alone === null ? why : `alone: ${differenceText(alone)}${which}`;
  return [`  ${printable(key)}: ${value(was)} → ${value(is)}`, ...(told === null ? [] : [`      ${told}`])];
}
