/**
 * Breaks the code on purpose, one place at a time, and says how often the tests noticed: a score for each folder. It works on
 * copies, and takes from minutes to hours: it is no part of `npm test`.
 *
 * The tests run unbroken once, and tell which places each test file gets to. A broken place is then tried with these alone: no
 * other can notice.
 */
import { writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseArgs } from 'node:util';
import { aCopy, type Outcome, run } from './copies.ts';
import { type Place, placesBelow } from './places.ts';
import { type Unbroken, unbroken } from './unbroken.ts';

const USAGE = `npm run mutants -- [--folder=lambda] [--each=12] [--seed=N] [--jobs=2]
  --folder  this folder, and each folder in it, gets a score; lambda/services or infra, say
  --each    how many places to break in each of them
  --seed    which ones; printed where none is given
  --jobs    how many to try at the same time`;
/** In each folder, in percent. */
const ENOUGH = 90;
/** Whatever takes so much longer than the same tests unbroken never ends. The floor is for the start, on a busy machine. */
const ENDLESS = { times: 10, atLeastMs: 60_000 };

/**
 * In shares of what all tests take: first what is close by or quick, then more. What only the slow ones would notice after that
 * needs a quick test, and counts as not noticed.
 */
const STAGES = [0.001, 0.005, 0.05, 0.2];

function stagesOf(path: string, tests: readonly string[], ms: ReadonlyMap<string, number>): string[][] {
  // `test/` mirrors `lambda/`.
  const near = `${posix.join('test', posix.dirname(path).replace(/^lambda\b/, ''))}/`;
  const worth = (test: string): number => (ms.get(test) ?? 0) * (test.startsWith(near) ? 1 : 10);
  const left = tests.toSorted((a, b) => worth(b) - worth(a));
  const allMs = [...ms.values()].reduce((sum, each) => sum + each, 0);
  return STAGES.map((share) => {
    const stage: string[] = [];
    for (let roomMs = share * allMs; roomMs > 0;) {
      const next = left.pop();
      if (next === undefined) break;
      stage.push(next);
      roomMs -= ms.get(next) ?? 0;
    }
    return stage;
  }).filter((stage) => stage.length > 0);
}

/** What the first tests say that do not pass. */
async function tried(copy: string, place: Place, { ms, reached }: Unbroken): Promise<Outcome> {
  const { path, text, at, end, broken } = place;
  const file = join(copy, path);
  writeFileSync(file, text.slice(0, at) + broken + text.slice(end));
  let outcome: Outcome = 'passed';
  for (const tests of stagesOf(path, reached.get(place) ?? [], ms)) {
    const usualMs = tests.reduce((sum, test) => sum + (ms.get(test) ?? 0), 0);
    const limitMs = Math.max(ENDLESS.atLeastMs, ENDLESS.times * usualMs);
    outcome = await run(copy, tests, limitMs, '--bail=1', '--maxWorkers=1');
    if (outcome !== 'passed') break;
  }
  writeFileSync(file, text);
  return outcome;
}

function described({ path, text, at, end, broken }: Place): string {
  const line = text.slice(0, at).split('\n').length;
  return `${path}:${line}: ${text.slice(at, end)} → ${broken}`;
}

/** A score for each folder; whether all are enough. */
function scored(outcomes: ReadonlyMap<Place, Outcome>): boolean {
  const folders = Map.groupBy(outcomes, ([{ folder }]) => folder);
  const scores = [...folders].map(([folder, tries]) => {
    const endless = tries.filter(([, outcome]) => outcome === 'endless').length;
    const noticed = tries.filter(([, outcome]) => outcome !== 'passed').length;
    const percent = Math.floor((100 * noticed) / tries.length);
    const how = endless > 0 ? `, ${endless} of them by running on for ever` : '';
    console.log(`${folder}: ${noticed} of ${tries.length} noticed (${percent} %)${how}`);
    return percent;
  });
  return scores.every((percent) => percent >= ENOUGH);
}

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: 'lambda' },
    each: { type: 'string', default: '12' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    jobs: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const places = placesBelow(values.folder, Number(values.each), Number(values.seed));
  const [first, ...others] = Array.from({ length: 1 + Number(values.jobs) }, aCopy);
  if (first === undefined || places.length === 0) throw new Error(`nothing to break in ${values.folder}`);
  console.log(`${places.length} places of --seed=${values.seed}; first, the tests run unbroken, for minutes`);
  const facts = await unbroken(first, places);
  const outcomes = new Map<Place, Outcome>();
  // All jobs take from one list.
  const list = places.values();
  const job = async (copy: string): Promise<void> => {
    for (const place of list) {
      const outcome = await tried(copy, place, facts);
      outcomes.set(place, outcome);
      if (outcomes.size % 20 === 0) console.log(`${outcomes.size} of ${places.length} tried`);
      const tests = facts.reached.get(place)?.length;
      if (outcome === 'passed') console.log(`not noticed by ${tests} files of tests: ${described(place)}`);
    }
  };
  await Promise.all(others.map(job));
  if (scored(outcomes)) return;
  console.log(`Below ${ENOUGH} % in a folder: what nobody notices needs a test, or is not needed.`);
  process.exitCode = 1;
}

if (values.help) console.log(USAGE);
else await main();
