/** `npm run bench`: measures the sync beside a plain loop, prints the figures, and writes docs/benchmark.md and its chart. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chart } from './chart.ts';
import { clearBundles } from './launch.ts';
import { markdown, terminalText } from './pages.ts';
import { carryOut, LONG, QUICK, WHOLE } from './programme.ts';

const options = {
  quick: { type: 'boolean', default: false },
  long: { type: 'boolean', default: false },
} as const;
const { values } = parseArgs({ options });
const programme = values.quick ? QUICK : values.long ? LONG : WHOLE;
const results = await carryOut(programme, (line) => process.stderr.write(`… ${line}\n`)).finally(
  clearBundles,
);
process.stdout.write(terminalText(results));
// What the quick programme finds is not worth keeping.
if (!values.quick) {
  await writeFile(pathOf('benchmark.md'), await markdown(results));
  await writeFile(pathOf('benchmark.svg'), chart(results));
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
}
