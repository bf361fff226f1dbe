import type { StoredChange, StoredReport } from '../archive/runs.ts';
import { causeIn, numbersOf } from './change-text.ts';
import { nextStep, verdictOf } from './error-text.ts';
import { printable } from './escape.ts';
import { whoText } from './history-text.ts';
import { countsOf } from '../archive/run-index.ts';
import type { ReportLayout } from './html.ts';
import { whyUnmatched } from './people-text.ts';
import { plural, someOf } from './style.ts';

/** What GitHub takes as a comment, in characters. */
const LONGEST_COMMENT = 65_536;
/** Kept free for the last lines, which say what was left out. */
const FOR_THE_END = 2_000;
const REASONS_SHOWN = 20;
/** Of one change, and of one person's groups. */
const NAMES_SHOWN = 50;
const LONGEST_TEXT = 1_000;
const LONGEST_NAME = 200;

const SIGNS = { good: '✅', warn: '⚠️', bad: '❌' } as const;

/** A run's report as a comment on a pull request: the verdict, the numbers, and as many changes as a comment holds. */
export function markdownReport(report: StoredReport, layout: ReportLayout): string {
  const { refusals, error, skipped, warnings, unmatched } = report;
  const [tone, words] = verdictOf(report);
  const next = nextStep(report, layout.apply);
  const reasons = refusals.map(({ rule, message }) => `- **${prose(rule)}**: ${prose(message)}`);
  const head = [
    `### ${SIGNS[tone]} ${prose(words)}`,
    ...(error === null ? [] : [prose(error)]),
    ...(reasons.length === 0 ? [] : [lines(reasons, REASONS_SHOWN)]),
    ...(next === null ? [] : [next[0], fenced('sh', [printable(next[1], 4 * LONGEST_TEXT)])]),
    ...(layout.compared === undefined ? [] : [fenced('text', layout.compared)]),
    numbers(report),
  ];
  const sections: readonly Section[] = [
    ['changes', report.changes.map((change) => changeLine(change, layout.people))],
    ['skipped groups', skipped.map(({ group, reason }) => `- ${code(group)}: ${prose(reason)}`)],
    [
      'warnings',
      warnings.map(({ group, message }) => `- ${group === null ? '' : `${code(group)}: `}${prose(message)}`),
    ],
    ['unmatched people', layout.people ? unmatched.map(unmatchedLine) : []],
  ];
  const { text, leftOut } = filled(head.join('\n\n'), sections);
  const rest =
    leftOut.length === 0
      ? ''
      : `\n**Left out here, since a comment holds no more: ${leftOut.join(', ')}.** The record has them all.\n`;
  return `${text}${rest}\n${about(report, layout.record)}\n`;
}

/** Lines as they are, where Markdown sees nothing in them; of very many the first. */
function fenced(language: string, all: readonly string[]): string {
  let room = LONGEST_COMMENT / 3;
  const shown = all.filter(({ length }) => (room -= length + 1) >= 0);
  const rest = shown.length < all.length ? [`… and ${plural(all.length - shown.length, 'more line')}`] : [];
  const text = [...shown, ...rest].join('\n').replaceAll('`', '\\u0060');
  return `\`\`\`\`${language}\n${text}\n\`\`\`\``;
}

type Section = readonly [title: string, items: readonly string[]];

/** As many items as there is room for, and what there was no room for. */
function filled(head: string, sections: readonly Section[]): { text: string; leftOut: readonly string[] } {
  let text = `${head}\n`;
  const leftOut: string[] = [];
  for (const [title, items] of sections) {
    let body = `\n#### ${items.length} ${title}\n\n`;
    let shown = 0;
    for (const item of items) {
      if (text.length + body.length + item.length + 1 > LONGEST_COMMENT - FOR_THE_END) break;
      body += `${item}\n`;
      shown++;
    }
    if (shown > 0) text += body;
    if (shown < items.length) leftOut.push(`${items.length - shown} of ${items.length} ${title}`);
  }
  return { text, leftOut };
}

function numbers(report: StoredReport): string {
  const { groups, members, unmatched } = countsOf(report);
  const { create, update, unchanged, skipped } = groups;
  return [
    '| groups: create | update | delete | unchanged | skipped | members: add | remove | unmatched |',
    '| --: | --: | --: | --: | --: | --: | --: | --: |',
    `| ${[create, update, groups.delete, unchanged, skipped, members.add, members.remove, unmatched].join(' | ')} |`,
  ].join('\n');
}

/** One change, and below it its people. */
function changeLine(change: StoredChange, people: boolean): string {
  const { action, group, renamedFrom, outcome, reason, error, add, remove } = change;
  const was = renamedFrom === null ? '' : ` (was ${code(renamedFrom)})`;
  const numbers = numbersOf({ add, remove });
  const end = outcome === null ? '' : `, _${prose(outcome)}_`;
  const head = `- **${action}** ${code(group.name)}${was}${numbers === '' ? '' : ` ${numbers}`}${end}: ${prose(reason)}${error === null ? '' : `; ${prose(error)}`}`;
  if (!people) return head;
  const who = (verb: string, emails: readonly string[]) =>
    emails.length === 0 ? [] : [`  - ${verb}: ${listed(emails, (email) => named(change, email))}`];
  return [head, ...who('join', add), ...who('leave', remove)].join('\n');
}

function named({ causes, unsettled }: StoredChange, email: string): string {
  const why = causeIn(causes, email);
  const left = unsettled.includes(email) ? ' (not honoured by Secoda)' : '';
  return `${code(email)}${why === null ? '' : ` (${prose(why)})`}${left}`;
}

function unmatchedLine({ email, groups, reason, since }: StoredReport['unmatched'][number]): string {
  const when = since === null ? '' : ` since ${prose(since.slice(0, 10))}`;
  return `- ${code(email)} ${prose(whyUnmatched(reason))}${when}: ${listed(groups, code)}`;
}

function about(report: StoredReport, record: string): string {
  const { mode, runId, digest } = report;
  const parts = [`${mode} ${runId}`, ...(digest === null ? [] : [`digest ${digest}`]), whoText(report)];
  return [...parts, `record ${record}`].map((each) => prose(each)).join(' · ');
}

function listed<T>(all: readonly T[], item: (each: T) => string): string {
  return someOf(all.map(item), NAMES_SHOWN);
}

function lines(all: readonly string[], most: number): string {
  const more = all.length - most;
  return [...all.slice(0, most), ...(more > 0 ? [`- … and ${plural(more, 'more reason')}`] : [])].join('\n');
}

/**
 * A name as code: there Markdown sees no markup, no link and no HTML, and GitHub no mention. A backtick in it needs a longer fence
 * (spec.commonmark.org, “Code spans”).
 */
function code(text: string): string {
  const safe = printable(text, LONGEST_NAME);
  const runs = (safe.match(/`+/g) ?? []).map((run) => run.length);
  const fence = '`'.repeat(Math.max(0, ...runs) + 1);
  const space = /^[` ]|[` ]$/.test(safe) ? ' ' : '';
  return safe === '' ? '(no name)' : `${fence}${space}${safe}${space}${fence}`;
}

/** Words that mean nothing but themselves to Markdown and to GitHub; hexadecimal ones may name a commit, `GH-1` an issue. */
const HARMLESS =
  /^(?![\da-f]{7,40}\W*$|gh-\d)[“”"'(]*[\p{Letter}\p{Mark}\p{Number}%+−–…→-]+(?:['’/-][\p{Letter}\p{Mark}\p{Number}]+)*[”"')]*[.,:;!?]*[”"')]*$/iu;

/** A sentence that may hold names: whatever could mean something else than itself stands as code. */
function prose(text: string): string {
  const parts: { readonly plain: boolean; words: string }[] = [];
  for (const word of printable(text, LONGEST_TEXT).split(' ')) {
    const plain = word === '' || HARMLESS.test(word);
    const last = parts.at(-1);
    if (last?.plain === plain) last.words += ` ${word}`;
    else parts.push({ plain, words: word });
  }
  return parts.map(({ plain, words }) => (plain ? words : code(words))).join(' ');
}
