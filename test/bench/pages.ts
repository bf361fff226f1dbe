import { cpus } from 'node:os';
import { format, resolveConfig } from 'prettier';
import { NODE_OPTIONS } from './launch.ts';
import type { Results } from './programme.ts';
import type { Section } from './section.ts';
import { sectionsOf } from './sections.ts';

/** Characters in a row of a table. */
const WIDEST = 125;

/** For a terminal. */
export function terminalText(results: Results): string {
  return `${sectionsOf(results).map(sectionText).join('\n')}\n${footnote(results)}\n`;
}

function sectionText({ title, text, head, rows }: Section): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const table = lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [`\n━━ ${title}`, ...(text === '' ? [] : [text]), '', ...table].join('\n');
}

/** For `docs/benchmark.md`, formatted as everything else in the project. */
export async function markdown(results: Results): Promise<string> {
  const [short = '', ...parts] = sectionsOf(results).map(
    ({ title, text, names = 1, head, rows }) =>
      `## ${title}\n\n${text}\n\n${tables([head, ...rows], names)}\n`,
  );
  const page = `# Benchmark

Written by \`npm run bench\`; every figure below comes from that command.

${short}
![Time and requests of the sync and of a plain loop, beside the least possible](benchmark.svg)

The sync's real command line and a plain loop over Okta's SDK, each bundled into a process of its own, play the same four nights against emulators of Okta and
Secoda over HTTP, which keep the limits of the real services: 600 requests a minute to Okta, of which the sync takes its default share of 240, and 30
writes a minute to Secoda. **The plain loop** ([test/bench/plain-loop.ts](../test/bench/plain-loop.ts)) is what a careful engineer writes in an afternoon: the SDK's collections,
\`p-retry\`, one group after the other, a PATCH for each group whose members differ.

- **Least requests**: the pages of the list of groups, 200 rows a page, and of all members, 500 rows a page (the plain loop asks for 200). Short cuts go below it, since they do not read what did not change.
- **Least writes**: one for each group that differs.
- **Minutes**: time that is spent waiting. It stands still while anything is computed or sent, and leaps to whoever is to wake first when all wait:
  what the limits cost, whatever the machine. Computing is in the column “CPU”.
- **Bound**: the minutes in which the limits (240 reads, 30 writes a minute) let the least requests through.
- **Groups right**: of those in Okta, how many Secoda shows under their names with just their people at the end; “too many” are groups that nobody wants any more.
- **The nights**: a first sync into an empty workspace; a quiet night; two percent of the groups with people who left and joined; a workspace
  of which a quarter has drifted: groups renamed in Okta, edited or deleted by hand in Secoda, new members.
- **Peak memory** is the most that the operating system counted for the process (its resident set), Node itself included, on Node with \`${NODE_OPTIONS.join(' ')}\`.
- Figures are medians of ${results.programme.repeats} runs, with the least and the largest in brackets where they differ.

${parts.join('\n')}
${footnote(results)}
`;
  const options = await resolveConfig(new URL('../../docs/benchmark.md', import.meta.url));
  return format(page, { ...options, parser: 'markdown' });
}

/** As many tables as it takes for each to fit a screen, all with the columns that name a row. */
function tables(lines: readonly (readonly string[])[], names: number): string {
  const widths = (lines[0] ?? []).map((_, n) => Math.max(...lines.map((cells) => cells[n]?.length ?? 0)) + 3);
  const named = widths.slice(0, names).reduce((sum, width) => sum + width, 1);
  const parts: number[][] = [[]];
  let left = WIDEST - named;
  for (const [n, width] of [...widths.entries()].slice(names)) {
    if (width > left) {
      parts.push([]);
      left = WIDEST - named;
    }
    parts.at(-1)?.push(n);
    left -= width;
  }
  return parts.map((columns) => table(lines, [...Array(names).keys(), ...columns])).join('\n\n');
}

function table(lines: readonly (readonly string[])[], columns: readonly number[]): string {
  const [head = '', ...rows] = lines.map((cells) => `| ${columns.map((n) => cells[n]).join(' | ')} |`);
  return [head, `| ${columns.map(() => '---').join(' | ')} |`, ...rows].join('\n');
}

function footnote({ programme, seconds }: Results): string {
  const [cpu] = cpus();
  const quick = programme.name === 'quick' ? ', the quick programme' : '';
  return `Node ${process.version}, ${cpus().length} × ${cpu?.model.trim() ?? 'an unknown processor'}${quick}; it took ${Math.round(seconds)} s.`;
}
