/** Many more worlds than the suite has time for. It ends with 1 where one of them went wrong. */
import { parseArgs } from 'node:util';
import { numbers, tryWorld } from './play.ts';

const USAGE = `npm run test:long -- [--worlds=3000] [--seed=N] [--world=NUMBER] [--shrink] [--runs]
  --worlds  how many worlds to play
  --seed    which ones; printed where none is given
  --world   this one alone, as a failure names it
  --shrink  look for the smallest world that goes wrong in the same way: a minute or two each
  --runs    print every run: both sides before, what it said, and what it left`;

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: '3000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    world: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    runs: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
} else {
  const seed = Number(values.seed);
  const chosen = values.world === undefined ? numbers(seed, Number(values.worlds)) : [Number(values.world)];
  if (values.world === undefined) console.log(`${chosen.length} worlds of --seed=${seed}`);
  const broken: number[] = [];
  for (const [n, number] of chosen.entries()) {
    const text = await tryWorld(number, {
      shrink: values.shrink,
      ...(values.runs ? { tell: (run: string) => console.log(`  ${run}\n`) } : {}),
    });
    if (text !== null) {
      broken.push(number);
      console.log(`${text}\n`);
    }
    if ((n + 1) % 500 === 0) console.log(`${n + 1} played, ${broken.length} went wrong`);
  }
  console.log(`${chosen.length} played, ${broken.length} went wrong`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}
