import { appendFileSync, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import * as z from 'zod';
import { run } from './copies.ts';
import { type Place, ROOT } from './places.ts';

const HOUR_MS = 3_600_000;
/** Too slow to run for each place; what they alone would notice needs a fast test. */
const SLOW = /^test\/(artefact|model|bench|demo|docs)\b/;

const FILES = new Set(
  globSync('{lambda,infra,test}/**/*.ts', { cwd: ROOT }).filter((path) => !SLOW.test(path)),
);

/** What each file names, be it to import it or to run it in a process of its own. */
const NAMED = new Map(
  [...FILES].map((path) => {
    const names = readFileSync(join(ROOT, path), 'utf8').matchAll(/['"`/]([\w./-]+\.ts)['"`]/g);
    const near = posix.dirname(path);
    return [path, [...names].flatMap(([, name = '']) => [posix.join(near, name), name])];
  }),
);

/** All test files that use a file, in whatever way. */
function testsOf(path: string): string[] {
  const users = new Set([path]);
  // A set that grows while it is walked through is walked through to its end.
  for (const user of users) for (const [file, named] of NAMED) if (named.includes(user)) users.add(file);
  return [...users].filter((user) => user.endsWith('.test.ts'));
}

const reportShape = z.object({
  testResults: z.array(
    z.object({ name: z.string(), status: z.string(), startTime: z.number(), endTime: z.number() }),
  ),
});

/** How long each test file takes unbroken, in milliseconds, and which of them get to each place. */
export interface Unbroken {
  readonly ms: ReadonlyMap<string, number>;
  readonly reached: ReadonlyMap<Place, readonly string[]>;
}

/** In each process that the tests start: notes the place and the test file. */
const noting = (notes: string): string => `import { appendFileSync } from 'node:fs';
const seen = new Set();
globalThis.reached = (place) => {
  const line = place + ' ' + process.env.REACHED_BY + '\\n';
  if (!seen.has(line)) appendFileSync('${notes}', line);
  seen.add(line);
};
`;

/** Makes each place of a copy note which test file gets there. */
function prepare(copy: string, notes: string, places: readonly Place[]): void {
  writeFileSync(notes, '');
  writeFileSync(join(copy, 'noting.mjs'), noting(notes));
  const options = JSON.stringify(`--import=${join(copy, 'noting.mjs')}`);
  appendFileSync(
    join(copy, 'test/compiled.ts'),
    `process.env['NODE_OPTIONS'] = ${options};
     Object.defineProperty(COMPILED, 'NODE_OPTIONS', { enumerable: true, value: ${options} });
     Object.defineProperty(COMPILED, 'REACHED_BY', { enumerable: true, get: () => process.env['REACHED_BY'] });`,
  );
  appendFileSync(
    join(copy, 'test/seed.ts'),
    `import { expect } from 'vitest';
     process.env['REACHED_BY'] = expect.getState().testPath;`,
  );
  for (const [path, here] of Map.groupBy([...places.entries()], ([, place]) => place.path)) {
    const marks = here.flatMap(([index, { at, end }]) => [
      { at, mark: `(globalThis.reached?.(${index}), ` },
      { at: end, mark: ')' },
    ]);
    let text = here[0]?.[1].text ?? '';
    for (const { at, mark } of marks.sort((a, b) => b.at - a.at))
      text = text.slice(0, at) + mark + text.slice(at);
    writeFileSync(join(copy, path), text);
  }
}

/** Runs all tests that use what is to be broken, once. */
export async function unbroken(copy: string, places: readonly Place[]): Promise<Unbroken> {
  const [notes, file] = [join(copy, 'notes'), join(copy, 'report.json')];
  prepare(copy, notes, places);
  const tests = [...new Set(places.flatMap(({ path }) => testsOf(path)))];
  const outcome = await run(copy, tests, HOUR_MS, '--reporter=json', `--outputFile=${file}`);
  if (outcome === 'endless') throw new Error('unbroken, the tests do not end within an hour');
  if (!existsSync(file)) throw new Error('unbroken, the tests do not even begin: npm test says why');
  const { testResults } = reportShape.parse(JSON.parse(readFileSync(file, 'utf8')));
  const failed = testResults
    .filter(({ status }) => status !== 'passed')
    .map(({ name }) => relative(copy, name));
  if (outcome === 'failed') throw new Error(`unbroken, tests fail: ${failed.join(', ')}`);
  const noted = new Set(readFileSync(notes, 'utf8').split('\n'));
  const gets = (test: string, index: number): boolean =>
    noted.has(`${index} ${join(copy, test)}`) || noted.has(`${index} undefined`);
  const reached = places.map((place, index): [Place, string[]] => [
    place,
    testsOf(place.path).filter((test) => place.onLoad || gets(test, index)),
  ]);
  const ms = testResults.map(({ name, startTime, endTime }): [string, number] => [
    relative(copy, name),
    endTime - startTime,
  ]);
  return { ms: new Map(ms), reached: new Map(reached) };
}
