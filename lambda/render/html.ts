import type { StoredChange, StoredReport } from '../archive/runs.ts';
import { byText } from '../core/model/text.ts';
import { causeIn, numbersOf } from './change-text.ts';
import { nextStep, verdictOf } from './error-text.ts';
import { whoText } from './history-text.ts';
import { countsOf } from '../archive/run-index.ts';
import { heads, htmlPage, list, name, safe, SEARCH, type Section, table } from './html-page.ts';
import { whyUnmatched } from './people-text.ts';
import { plural } from './style.ts';

/** What a report on paper or on a page is given beside the report. */
export interface ReportLayout {
  /** Whether people are named, or only counted. */
  readonly people: boolean;
  /** The command line that applies the plan (see `applyCommand`); `null` where none does. */
  readonly apply: string | null;
  /** Where the run's record is. */
  readonly record: string;
  /** How a plan that was made again differs from its run's own (see `comparedLines`). */
  readonly compared?: readonly string[];
}

const SIGNS = { good: '✓', warn: '!', bad: '✗' } as const;
const ACTIONS = { create: ['+', 'good'], update: ['~', 'change'], delete: ['−', 'bad'] } as const;

/** A run's report as one file that needs nothing else: for a browser, for paper, or to be sent to whoever decides. */
export function htmlReport(report: StoredReport, layout: ReportLayout): string {
  const { runId, mode, refusals, error } = report;
  const [tone, words] = verdictOf(report);
  const next = nextStep(report, layout.apply);
  const top = `<p class="dim">okta-secoda-sync, ${safe(mode)} ${safe(runId)}</p>
<h1 class="${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${safe(words)}</h1>
${error === null ? '' : `<p class="bad">${safe(error)}</p>`}
${list(refusals.map(({ rule, message }) => `<b>${safe(rule)}</b>: ${safe(message)}`))}
${next === null ? '' : `<p>${next[0]}</p>\n<code>${safe(next[1])}</code>`}`;
  return htmlPage(`${words} ${mode} ${runId}`, top, sectionsOf(report, layout));
}

function sectionsOf(
  report: StoredReport,
  { people, record, compared = [] }: ReportLayout,
): readonly Section[] {
  const { changes, unmatched, resolved, unsettled, invited, skipped, frozen, warnings } = report;
  const persons = people ? personRows(changes) : [];
  const parts: readonly (Section | null)[] = [
    compared.length === 0
      ? null
      : { id: 'compared', title: 'Beside the run', body: `<pre>${compared.map(safe).join('\n')}</pre>` },
    { id: 'numbers', title: 'In numbers', body: numbers(report) },
    { id: 'changes', title: 'Changes by group', body: `${SEARCH}\n${groupTable(changes, people)}` },
    part('people', 'Changes by person', persons, (rows) =>
      table(
        `${plural(rows.length, 'person', 'people')} who join or leave a group`,
        ['Person', 'Groups'],
        rows,
      ),
    ),
    part('unmatched', 'Unmatched people', unmatched, (all) =>
      table(
        `${plural(all.length, 'person', 'people')} in a mapped Okta group who cannot be put into its Secoda group`,
        ['Person', 'Why, since when, and the groups'],
        all.map(({ email, groups, reason, since, runs }) => [
          name(email),
          `<p>${safe(whyUnmatched(reason))}; ${since === null ? 'not recorded since when' : `since ${day(since)}, ${plural(runs, 'run')}`}</p>${list(groups.map(name))}`,
        ]),
      ),
    ),
    part('resolved', 'No longer unmatched', resolved, (all) =>
      list(all.map(({ email, since }) => `${name(email)}, unmatched since ${day(since)}`)),
    ),
    part('unsettled', 'Unsettled people', unsettled, (all) =>
      list(
        all.map(
          ({ email, groups }) => `${name(email)}: Secoda did not honour ${groups.map(name).join(', ')}`,
        ),
      ),
    ),
    part('invited', 'Invited people', invited, (all) =>
      list(
        all.map(
          ({ email, outcome, groups }) =>
            `${name(email)}: ${safe(outcome ?? 'to be invited')}, for ${groups.map(name).join(', ')}`,
        ),
      ),
    ),
    part('skipped', 'Skipped groups', skipped, (all) =>
      list(all.map(({ group, reason }) => `${name(group)}: ${safe(reason)}`)),
    ),
    part('frozen', 'Frozen groups', frozen, (all) =>
      list(
        all.map(
          ({ group, wouldRemove }) =>
            `${name(group)}: ${wouldRemove.length === 0 ? 'nobody would lose access' : `would lose access: ${wouldRemove.map(name).join(', ')}`}`,
        ),
      ),
    ),
    part('warnings', 'Worth knowing', warnings, (all) =>
      list(all.map(({ group, message }) => `${group === null ? '' : `${name(group)}: `}${safe(message)}`)),
    ),
    { id: 'run', title: 'The run', body: run(report, record) },
  ];
  return parts.filter((each) => each !== null);
}

/** A section about these, where there are any. */
function part<T>(
  id: string,
  title: string,
  all: readonly T[],
  body: (all: readonly T[]) => string,
): Section | null {
  return all.length === 0 ? null : { id, title: `${title} (${all.length})`, body: body(all) };
}

function numbers(report: StoredReport): string {
  const { groups, members, unmatched } = countsOf(report);
  const pairs = [
    ...Object.entries(groups).map(([word, count]) => [`groups: ${word}`, count] as const),
    ...Object.entries(members).map(([word, count]) => [`members: ${word}`, count] as const),
    ['unmatched', unmatched] as const,
  ];
  const each = pairs.map(([word, count]) => `<div><dt>${word}</dt><dd>${count}</dd></div>`);
  return `<dl class="numbers">${each.join('')}</dl>`;
}

function groupTable(changes: readonly StoredChange[], people: boolean): string {
  if (changes.length === 0) return '<p>No change.</p>';
  const rows = changes.map((change): readonly [string, string] => {
    const { action, group, renamedFrom, outcome, reason, error, add, remove } = change;
    const [sign, tone] = ACTIONS[action];
    const was = renamedFrom === null ? '' : `<br><small>was ${name(renamedFrom)}</small>`;
    const head = `<span class="${tone}">${sign} ${action}</span> ${name(group.name)}${was}${outcomeOf(outcome)}`;
    const why = `<p class="dim">${safe(reason)}${group.oktaIds.length === 0 ? '' : ` (${safe(group.oktaIds.join(', '))})`}</p>`;
    const failed = error === null ? '' : `<p class="bad">✗ ${safe(error)}</p>`;
    const who = people
      ? `${members(change, '+', 'join', add)}${members(change, '−', 'leave', remove)}`
      : `<p>${numbersOf({ add, remove })}</p>`;
    return [head, `${why}${failed}${who}`];
  });
  const caption = `${plural(rows.length, 'group')}: what happens to it and why, who joins (+) and who leaves (−)`;
  return table(caption, ['Group', 'Why, and its people'], rows);
}

const OUTCOMES: Readonly<Record<string, readonly [sign: string, tone: string]>> = {
  applied: ['✓', 'good'],
  failed: ['✗', 'bad'],
  unsettled: ['!', 'warn'],
  held: ['!', 'warn'],
};

function outcomeOf(outcome: string | null): string {
  if (outcome === null) return '';
  const [sign, tone] = OUTCOMES[outcome] ?? ['·', 'dim'];
  return `<br><small class="${tone}">${sign} ${safe(outcome)}</small>`;
}

function members(change: StoredChange, sign: string, verb: string, emails: readonly string[]): string {
  if (emails.length === 0) return '';
  const items = emails.map((email) => {
    const left = change.unsettled.includes(email)
      ? ' <small class="warn">not honoured by Secoda</small>'
      : '';
    return `${name(email)}${causeOf(change, email)}${left}`;
  });
  return `<p class="${sign === '+' ? 'good' : 'bad'}">${sign}${emails.length} ${verb}</p>${list(items)}`;
}

function causeOf({ causes }: StoredChange, email: string): string {
  const why = causeIn(causes, email);
  return why === null ? '' : ` <small>${safe(why)}</small>`;
}

/** Everybody who joins or leaves a group, by address, each with all of their groups. */
function personRows(changes: readonly StoredChange[]): readonly (readonly [string, string])[] {
  const groups = new Map<string, string[]>();
  for (const change of changes)
    for (const [verb, tone, emails] of [
      ['+ joins', 'good', change.add],
      ['− leaves', 'bad', change.remove],
    ] as const)
      for (const email of emails) {
        const line = `<span class="${tone}">${verb}</span> ${name(change.group.name)}${causeOf(change, email)}`;
        const lines = groups.get(email);
        if (lines === undefined) groups.set(email, [line]);
        else lines.push(line);
      }
  return [...groups].sort(([a], [b]) => byText(a, b)).map(([email, lines]) => [name(email), list(lines)]);
}

function run(report: StoredReport, record: string): string {
  const { startedAt, durationMs, digest, requests } = report;
  const facts = [
    ['Started', safe(startedAt)],
    ['Took', durationMs === null ? 'not recorded' : `${(durationMs / 1000).toFixed(1)} s`],
    ['Asked for by', safe(whoText(report))],
    ['Digest', digest === null ? 'none' : safe(digest)],
    ['Record', safe(record)],
  ];
  const list = facts.map(([what, value]) => `<dt>${what}</dt><dd>${value}</dd>`).join('');
  const asked = Object.entries({ Okta: requests?.okta, Secoda: requests?.secoda }).flatMap(([side, each]) =>
    each === undefined
      ? []
      : [
          `<tr><th scope="row">${side}</th>${[each.reads, each.writes, each.throttled, each.retries].map((count) => `<td>${count}</td>`).join('')}</tr>`,
        ],
  );
  const head = ['Side', 'Reads', 'Writes', 'Throttled', 'Retries'];
  return `<dl class="facts">${list}</dl>${asked.length === 0 ? '' : `<table class="counts"><caption>Requests; each that was throttled or repeated was waited for</caption>${heads(head)}<tbody>${asked.join('')}</tbody></table>`}`;
}

function day(iso: string): string {
  return safe(iso.slice(0, 10));
}
