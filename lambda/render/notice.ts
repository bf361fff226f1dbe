import { shellWord } from './escape.ts';
import type { Report, ReportedChange } from '../core/report/report.ts';
import { APPROVE_ALIAS } from '../names.ts';
import { canBeApproved } from '../core/guard/guard.ts';
import { safeJson, safeText } from '../core/model/json.ts';

/** As SNS takes it: the subject has at most 99 characters of ASCII, the message at most 256 KB. */
export interface Notice {
  readonly subject: string;
  readonly message: string;
}

/** Where the run ran, and what it was asked for. */
export interface NoticeContext {
  readonly stack: string;
  /** What a person invokes to approve. */
  readonly startFunctionName: string;
  /** Where the plan is found: `s3://bucket/<runId>/plan.json`. */
  readonly plan: string;
}

const LONGEST_SUBJECT = 99;
/** So many reasons and so many groups are named; the plan has them all. */
const MOST_LINES = 30;
const LONGEST_NAME = 100;
const LONGEST_REASON = 500;

/** Of a refused plan: the reasons, what it would do, where it is, and the command that approves it. People are counted, not named. */
export function refusalNotice(report: Report, context: NoticeContext): Notice {
  const { refusals, runId, mode } = report;
  const { stack, plan } = context;
  const isHeld = report.status === 'held';
  const ofRun = `the plan of the run ${safeText(runId)} (${safeText(stack)})`;
  const since = report.warnings.filter(({ kind }) => kind === 'held');
  const lines = [
    isHeld
      ? `The guard holds a part of ${ofRun}. The rest is not kept from being written.`
      : `The guard refused ${ofRun}. Nothing was written.`,
    ...since.map(({ message }) => `${reason(message)}.`),
    ...(mode === 'plan' ? ['It was a dry run.'] : []),
    '',
    'Why:',
    ...listed(refusals, ({ rule, message }) => `${rule}: ${reason(message)}`),
    '',
    ...(isHeld ? ['What is held:'] : [`What it would do: ${summary(report)}`]),
    ...harmLines(isHeld ? report.changes.filter(({ outcome }) => outcome === 'held') : report.changes),
    '',
    ...idleRules(report),
    `The whole plan: ${safeText(plan)}`,
    ...ledgerLine(report),
    '',
    ...approval(report, context),
  ];
  const title = isHeld ? 'Held by the guard, in part' : 'Refused by the guard, nothing was written';
  return notice(stack, title, lines);
}

function notice(stack: string, what: string, lines: readonly string[]): Notice {
  const name = stack.replace(/[^\x21-\x7e]+/g, '-');
  return { subject: `${what}: ${name}`.slice(0, LONGEST_SUBJECT), message: `${lines.join('\n')}\n` };
}

/** Of a run over everything that failed or was partial: what was not done, and how to look. No people are named. */
export function troubleNotice(report: Report, context: Pick<NoticeContext, 'stack' | 'plan'>): Notice {
  const { status, runId, error, changes, skipped } = report;
  const undone = [
    ...changes.flatMap(({ group, outcome }) =>
      outcome === null || outcome === 'applied' ? [] : [`${named(group.name)}: ${outcome}`],
    ),
    ...skipped.map(({ group }) => `${named(group)}: skipped`),
  ];
  const lines = [
    `The run ${safeText(runId)} (${safeText(context.stack)}) ${status === 'failed' ? 'failed' : 'was partial: not everything could be done'}.`,
    '',
    ...(error === null ? [] : [`Why: ${reason(error)}`, '']),
    ...(undone.length === 0 ? [] : ['What was not done:', ...listed(undone, (line) => line), '']),
    ...looking(report, context.plan),
    `How to fix: docs/alarms.md, "${status === 'failed' ? 'SyncFailing' : 'SyncPartial'}".`,
  ];
  const what = status === 'failed' ? 'Failed' : 'Partial, not everything could be done';
  return notice(context.stack, what, lines);
}

/** Of the first run over everything that ended well after some that did not. `badRunId`: the last of those. */
export function recoveryNotice(
  report: Report,
  badRunId: string,
  { stack, plan }: Pick<NoticeContext, 'stack' | 'plan'>,
): Notice {
  const { runId, status } = report;
  const lines = [
    `The run ${safeText(runId)} (${safeText(stack)}) ended well: ${status}. The last one that did not was ${safeText(badRunId)}.`,
    '',
    ...looking(report, plan),
  ];
  return notice(stack, 'All is well again', lines);
}

/** The end of the ledger, kept where nobody who can write to the archive reaches it: a chain written anew shows by it. */
function ledgerLine({ ledger }: Report): readonly string[] {
  return ledger === null
    ? []
    : [`The ledger stands at entry ${ledger.number}, hash ${safeText(ledger.hash)}`];
}

/** The commands that show the run, and those around it. */
function looking(report: Report, plan: string): readonly string[] {
  const { runId } = report;
  const runs = shellWord(plan.slice(0, plan.lastIndexOf(`/${runId}/`)));
  return [
    'How to look:',
    `  npm run sync -- show ${shellWord(runId)} --runs ${runs}`,
    `  npm run sync -- history --runs ${runs}`,
    ...ledgerLine(report),
  ];
}

function summary({ summary: { groups, members, unmatched, invited } }: Report): string {
  const counts = [
    `${groups.create} to create`,
    `${groups.update} to update`,
    `${groups.delete} to delete`,
    `${groups.unchanged} unchanged`,
    `${groups.skipped} skipped`,
  ];
  const seats = invited === 0 ? '' : `; ${invited} to invite`;
  return `${counts.join(', ')}; members +${members.add} -${members.remove}; ${unmatched} unmatched${seats}`;
}

/** What can harm, and what is held: deletions, removals, take-overs and renames. Other additions are in the plan. */
function harmLines(changes: readonly ReportedChange[]): readonly string[] {
  const harmful = changes.filter(
    ({ action, remove, adopted, renamedFrom, outcome }) =>
      action === 'delete' || remove.length > 0 || adopted || renamedFrom !== null || outcome === 'held',
  );
  return listed(harmful, ({ action, group, add, remove, adopted, renamedFrom, before, outcome }) => {
    const parts = [
      ...(action === 'delete' ? ['delete'] : []),
      ...(adopted ? ['adopt'] : []),
      ...(renamedFrom === null ? [] : [`rename from ${named(renamedFrom)}`]),
      ...(outcome === 'held' && action === 'create' ? ['create'] : []),
      ...(outcome === 'held' && add.length > 0 ? [`add ${add.length}`] : []),
      ...(remove.length > 0 ? [`remove ${remove.length} of ${before?.members.length ?? remove.length}`] : []),
    ];
    return `${named(group.name)}: ${parts.join(', ')}`;
  });
}

/** A slip in the configuration is often what was refused. */
function idleRules({ warnings }: Report): readonly string[] {
  const idle = warnings.filter(({ kind }) => kind === 'matches-nothing');
  if (idle.length === 0) return [];
  return ['Rules that match nothing:', ...listed(idle, ({ message }) => reason(message)), ''];
}

function approval(
  { digest, status, changes, refusals, summary: { invited } }: Report,
  { startFunctionName }: NoticeContext,
): readonly string[] {
  if (digest === null || (changes.length === 0 && invited === 0)) {
    return ['There is no change in it, so that an approval would let nothing through: see to the reasons.'];
  }
  if (!canBeApproved(refusals)) return ['No approval is offered: see to the reasons.'];
  const command = approvalCommand(startFunctionName, digest);
  if (status === 'held')
    return [
      'If what is held is intended, approve exactly that:',
      '',
      command,
      '',
      'The approval is good for what is held, until seven days after a run last held it; anything new is judged by itself. Until then each run holds it again.',
    ];
  const seats = refusals.some(({ rule }) => rule === 'invitations')
    ? ', or other people are to be invited'
    : '';
  return [
    'If all of it is intended, approve exactly this plan:',
    '',
    command,
    '',
    `The approval is good for exactly this harm: it expires when the deletions, removals, take-overs or renames change${seats}. The runs until then are refused like this one.`,
  ];
}

function listed<T>(items: readonly T[], line: (item: T) => string): readonly string[] {
  const lines = items.slice(0, MOST_LINES).map((item) => `  - ${line(item)}`);
  const more = items.length - lines.length;
  return more > 0 ? [...lines, `  - and ${more} more, in the plan`] : lines;
}

function reason(message: string): string {
  // Cut twice: escapes make a text longer, and an endless one takes long to look through.
  return cut(safeText(cut(message, LONGEST_REASON)), LONGEST_REASON);
}

/** A name as somebody chose it, in quotes, so that it cannot pass for a line of the notice. */
function named(name: string): string {
  return safeJson(cut(name, LONGEST_NAME), 0);
}

function cut(text: string, longest: number): string {
  const letters = Array.from(text);
  return letters.length <= longest ? text : `${letters.slice(0, longest).join('')}…`;
}

/** The command line that approves a plan. */
export function approvalCommand(functionName: string, digest: string): string {
  return [
    'aws lambda invoke',
    `--function-name ${shellWord(`${functionName}:${APPROVE_ALIAS}`)}`,
    '--cli-binary-format raw-in-base64-out',
    // The function answers within 50 seconds; a client that gives up early would ask again.
    '--cli-read-timeout 70',
    `--payload ${shellWord(safeJson({ approve: digest }, 0))}`,
    'answer.json',
  ].join(' ');
}
