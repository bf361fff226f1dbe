import { countsOf, groupsTouched, type RunLine, UNREADABLE } from '../archive/run-index.ts';
import type { StoredReport } from '../archive/runs.ts';
import { didYouMean } from '../core/model/text.ts';
import type { Verified } from '../core/report/ledger-entry.ts';
import type { About, AccessChange } from '../core/report/worklist.ts';
import { causeText } from './change-text.ts';
import { columnFor, padded, plural, someOf } from './style.ts';
import { LONGEST, printable } from './escape.ts';

/** Minutes are enough to find a night by. */
const timeOf = (iso: string) => printable(iso.slice(0, 16).replace('T', ' '));
const LACKING =
  'is of a release that did not record who asked for it, nor why people came and went: its line says what it holds';

/** Runs, one a line: when, id, what it was, how it ended, what it changed, and who asked for it. */
export function runsText(runs: readonly RunLine[]): string {
  if (runs.length === 0) return 'No run of the archive is like that.\n';
  const rows = runs.map((run) => {
    const { members, unmatched } = countsOf(run);
    const touched = groupsTouched(run);
    const changed =
      touched === 0 ? 'no change' : `${plural(touched, 'group')}, +${members.add} −${members.remove}`;
    const head = [timeOf(run.startedAt), run.runId, run.mode, run.status];
    if (run.status === UNREADABLE) return [...head, 'its record cannot be read', '', ''];
    return [...head, changed, `${unmatched} unmatched`, whoText(run)];
  });
  const old = runs.filter(({ request, status }) => request === null && status !== UNREADABLE).length;
  return `${table(rows)}${old === 0 ? '' : `${old === 1 ? '1 run' : `${old} runs`} ${LACKING.replace('is', old === 1 ? 'is' : 'are')}.\n`}`;
}

/** Who asked for a run, why, and what was approved by it. */
export function whoText({ request }: Pick<RunLine, 'request'>): string {
  if (request === null) return 'not recorded by whom';
  const { trigger, requestedBy, reason, groups, approve } = request;
  const words = [
    requestedBy === null ? trigger : `${trigger}: ${requestedBy}`,
    ...(approve === null ? [] : [`approves ${approve}`]),
    ...(groups.length === 0 ? [] : [`only ${groups.join(', ')}`]),
    ...(reason === null ? [] : [`“${reason}”`]),
  ];
  return printable(words.join('; '), LONGEST.line);
}

/** Changes of access, one a line: when, what, who, which group, why, and by which run and whose word. */
export function accessText(changes: readonly AccessChange[]): string {
  const signs = { granted: '+', revoked: '−', invited: '+' };
  const seen = {
    applied: '',
    seen: ' (seen afterwards: the run was killed)',
    'not-seen': ' (not seen in Secoda afterwards)',
    unknown: ' (not known whether it was done)',
  };
  return table(
    changes.map(({ at, change, person, group, cause, outcome, runId, requestedBy, approved }) => [
      timeOf(at),
      `${signs[change]} ${change}${seen[outcome]}`,
      person.okta === null || person.okta === person.email
        ? person.email
        : `${person.email} (Okta: ${person.okta})`,
      group.name,
      cause === null ? (change === 'invited' ? 'no account yet' : 'not recorded why') : causeText({ cause }),
      `run ${runId}`,
      [
        ...(requestedBy === null ? [] : [`asked for by ${requestedBy}`]),
        ...(approved === null
          ? []
          : [`approved by ${approved.by ?? 'somebody who did not say'} (${approved.digest})`]),
      ].join('; '),
    ]),
  );
}

/** What is said where nothing is recorded: of what, and what was probably meant instead. */
export function nothingText({ addresses, groups }: About, all: readonly AccessChange[], where: string) {
  const people = all.flatMap(({ person: { email, okta } }) => [email, ...(okta === null ? [] : [okta])]);
  const names = all.map(({ group }) => group.name);
  const asked = [
    ...(addresses ?? []).slice(0, 1).map((address) => [address, people] as const),
    ...groups.map((group) => [group, names] as const),
  ];
  const words = asked.map(([word, known]) => `${JSON.stringify(word)}${didYouMean(word, known)}`);
  return `Nothing is recorded in ${printable(where, LONGEST.ids)} of ${printable(words.join(', and of '), LONGEST.line)}\n`;
}

/** Who is without their groups since when, and who is no more. */
export function worklistText({ runId, unmatched, resolved }: StoredReport): string {
  const told: Readonly<Record<string, string>> = {
    'no-account': 'no account in Secoda',
    ambiguous: 'several accounts',
    'no-email': 'no address in Okta',
  };
  const rows = unmatched.map(({ email, since, runs, groups, reason }) => [
    email,
    since === null
      ? 'not recorded since when'
      : `since ${printable(since.slice(0, 10))}, ${plural(runs, 'run')}`,
    told[reason] ?? reason,
    `in ${someOf(groups, 5)}`,
  ]);
  const done = resolved.map(({ email, since }) => [email, `was unmatched since ${since.slice(0, 10)}`]);
  return [
    unmatched.length === 0
      ? 'Nobody is unmatched'
      : `${plural(unmatched.length, 'person', 'people')} unmatched`,
    `, as run ${printable(runId)} has it\n`,
    table(rows),
    done.length === 0 ? '' : `Resolved by it\n${table(done)}`,
  ].join('');
}

function table(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map((text) => printable(text, LONGEST.line)));
  const widths = (safe[0] ?? []).map((_, at) => {
    const column = safe.map((row) => row[at] ?? '');
    return columnFor(column, 0, LONGEST.name);
  });
  const line = (row: readonly string[]) => row.map((text, at) => padded(text, widths[at] ?? 0)).join('  ');
  return safe.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** What a walk along the ledger came to, and the line to keep: with its hash a later walk shows a chain that was written anew. */
export function verifiedText({ ok, from, to, hash, problems }: Verified): string {
  if (to === 0 && ok) return 'There is no ledger yet: no run has changed anything.\n';
  const head = ok
    ? `Entries ${from} to ${to} are whole, and so are the plans and reports they name.`
    : `Entries ${from} to ${to}: ${plural(problems.length, 'problem')}.`;
  const lines = [
    head,
    ...problems.map((each) => `  ✗ ${printable(each, LONGEST.line)}`),
    `hash of entry ${to}: ${hash}`,
  ];
  return `${lines.join('\n')}\n`;
}
