/** Plans worlds of several sizes in a process of its own: node --expose-gc planning-child.ts SIZES TIMES. */
import * as z from 'zod';
import { measurePlanning, PLANNINGS } from './planning.ts';

const [sizes, times] = process.argv.slice(2);
const Sizes = z.array(z.object({ groups: z.int(), people: z.int(), members: z.int() }));
const planned = Sizes.parse(JSON.parse(sizes ?? '[]')).flatMap((size) =>
  PLANNINGS.map((kind) => measurePlanning(size, kind, Number(times))),
);
process.stdout.write(JSON.stringify(planned));
