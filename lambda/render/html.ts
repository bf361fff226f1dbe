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

function sectionsOf(report: StoredReport, { people, record, compared = [] }: ReportLayout) {
  const { changes, unmatched, resolved, unsettled, invited, skipped, frozen, warnings } = report;
  const persons = people ? personRows(changes) : [];
  const gone = resolved.map(({ email, since }) => `${name(email)}, unmatched since ${day(since)}`);
  const refused = unsettled.map(
    ({ email, groups }) => `${name(email)}: Secoda did not honour ${names(groups)}`,
  );
  const asked = invited.map(({ email, outcome, groups }) => {
    return `${name(email)}: ${safe(outcome ?? 'to be invited')}, for ${names(groups)}`;
  });
  const left = skipped.map(({ group, reason }) => `${name(group)}: ${safe(reason)}`);
  const kept = frozen.map(({ group, wouldRemove: who }) => {
    const lost = who.length === 0 ? 'nobody would lose access' : `would lose access: ${names(who)}`;
    return `${name(group)}: ${lost}`;
  });
  const known = warnings.map(({ group, message }) => {
    return `${group === null ? '' : `${name(group)}: `}${safe(message)}`;
  });
  const waiting = unmatched.map(({ email, groups, reason, since, runs }): [string, string] => {
    const when = since === null ? 'not recorded since when' : `since ${day(since)}, ${plural(runs, 'run')}`;
    return [name(email), `<p>${safe(whyUnmatched(reason))}; ${when}</p>${list(groups.map(name))}`];
  });
  const parts: readonly (Section | null)[] = [
    compared.length === 0
      ? null
      : { id: 'compared', title: 'Beside the run', body: `<pre>${compared.map(safe).join('\n')}</pre>` },
    { id: 'numbers', title: 'In numbers', body: numbers(report) },
    { id: 'changes', title: 'Changes by group', body: `${SEARCH}\n${groupTable(changes, people)}` },
    part('people', 'Changes by person', persons, peopleTable('who join or leave a group', 'Groups', persons)),
    part('unmatched', 'Unmatched people', waiting, peopleTable(LACKING, WHY, waiting)),
    part('resolved', 'No longer unmatched', gone, list(gone)),
    part('unsettled', 'Unsettled people', refused, list(refused)),
    part('invited', 'Invited people', asked, list(asked)),
    part('skipped', 'Skipped groups', left, list(left)),
    part('frozen', 'Frozen groups', kept, list(kept)),
    part('warnings', 'Worth knowing', known, list(known)),
    { id: 'run', title: 'The run', body: run(report, record) },
  ];
  return parts.filter((each) => each !== null);
}

/** A section about these, where there are any. */
function part(id: string, title: string, { length }: { readonly length: number }, body: string) {
  return length === 0 ? null : { id, title: `${title} (${length})`, body };
}

const LACKING = 'in a mapped Okta group who cannot be put into its Secoda group';
const WHY = 'Why, since when, and the groups';

function peopleTable(who: string, what: string, rows: readonly (readonly [string, string])[]): string {
  return table(`${plural(rows.length, 'person', 'people')} ${who}`, ['Person', what], rows);
}

function names(all: readonly string[]): string {
  return all.map(name).join(', ');
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
  const lines = changes.flatMap((change) => {
    const line = (verb: string, tone: string) => (email: string) => {
      const group = `${name(change.group.name)}${causeOf(change, email)}`;
      return { email, line: `<span class="${tone}">${verb}</span> ${group}` };
    };
    return [...change.add.map(line('+ joins', 'good')), ...change.remove.map(line('− leaves', 'bad'))];
  });
  return [...Map.groupBy(lines, ({ email }) => email)]
    .sort(([a], [b]) => byText(a, b))
    .map(([email, all]) => [name(email), list(all.map(({ line }) => line))]);
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
