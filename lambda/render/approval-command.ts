import { safeJson } from '../core/model/unsafe.ts';

export interface Approved {
  readonly digest: string;
  /** The only groups that the refused run was asked for; empty for all. */
  readonly groups: readonly string[];
  /** The refused run was a dry run, so that its repetition has to be told to write. */
  readonly dryRun: boolean;
}

/** In characters. A command that is longer is cut off by shells and mail programs. */
const LONGEST = 30_000;

/** The command line that approves a plan; `null` when it names too many groups to be one. */
export function approvalCommand(functionName: string, { digest, groups, dryRun }: Approved): string | null {
  const event = {
    approve: digest,
    ...(groups.length === 0 ? {} : { groups }),
    ...(dryRun ? { dryRun: false } : {}),
  };
  const command = [
    'aws lambda invoke',
    `--function-name ${quoted(functionName)}`,
    '--cli-binary-format raw-in-base64-out',
    // The function answers within 50 seconds; a client that gives up early would ask again.
    '--cli-read-timeout 70',
    // JSON's own escapes keep whatever is unsafe out of the command, and mean the same to whoever reads the event.
    `--payload ${quoted(safeJson(event, 0))}`,
    'answer.json',
  ].join(' ');
  return command.length <= LONGEST ? command : null;
}

/** One word to a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
