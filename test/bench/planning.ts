import type { PlanInput } from '../../lambda/core/plan/change.ts';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { makePlan } from '../../lambda/core/plan/plan.ts';
import { handMade, inputOf, managed, person, user } from '../core/world.ts';
import { median } from './figures.ts';
import type { WorldSize } from './world.ts';

/** What Secoda holds when a world is planned that Okta holds whole: nothing, all, most of it, or all beside as much made by hand. */
export const PLANNINGS = ['first sync', 'quiet night', 'drifted', 'beside hand-made'] as const;
export type Planning = (typeof PLANNINGS)[number];

const Planned = z.object({
  case: z.enum(PLANNINGS),
  memberships: z.number(),
  changes: z.number(),
  /** User and system time of one plan, the median of several. */
  cpuMs: z.number(),
});
export type Planned = Readonly<z.infer<typeof Planned>>;

/** Plans worlds of several sizes in a process of its own. */
export async function planInChild(sizes: readonly WorldSize[], times: number): Promise<readonly Planned[]> {
  const child = fileURLToPath(new URL('./planning-child.ts', import.meta.url));
  const args = ['--expose-gc', child, JSON.stringify(sizes), String(times)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return z.array(Planned).parse(JSON.parse(stdout));
}

/** Plans a world that lies in memory, without reading or writing anything. */
export function measurePlanning(size: WorldSize, kind: Planning, times: number): Planned {
  const input = worldOf(size, kind);
  let changes = 0;
  const cpu = Array.from({ length: times }, () => {
    globalThis.gc?.();
    const before = process.cpuUsage();
    changes = makePlan(input).changes.length;
    const { user: own, system } = process.cpuUsage(before);
    return (own + system) / 1000;
  });
  return { case: kind, memberships: size.groups * size.members, changes, cpuMs: median(cpu) };
}

/** As the edges leave it: one object for each person, one string for each id. */
function worldOf({ groups, people, members }: WorldSize, kind: Planning): PlanInput {
  const persons = Array.from({ length: people }, (_, n) => person(`person.${n}@example.com`));
  const accounts = persons.map(({ email }, n) => user(`5ec0da00-0000-4000-8000-${1e11 + n}`, email));
  const of = <T>(rows: readonly T[], group: number): T[] =>
    Array.from({ length: members }, (_, m) => rows[(group * 7 + m * 13) % people]).filter(
      (row) => row !== undefined,
    );
  const numbers = Array.from({ length: groups }, (_, n) => n);
  const idOf = (n: number) => `00g${String(n).padStart(17, '0')}`;
  const standing = kind === 'first sync' ? [] : numbers;
  const others = kind === 'beside hand-made' ? numbers : [];
  return inputOf({
    okta: numbers.map((n) => ({ id: idOf(n), name: `Team ${n}`, people: of(persons, n) })),
    users: accounts,
    groups: [
      ...standing.map((n) => {
        // One group in ten misses two of its people.
        const shift = kind === 'drifted' && n % 10 === 0 ? 2 : 0;
        const ids = of(accounts, n).map(({ id }) => id);
        return managed(`5ec0da01-${n}`, `Team ${n}`, [idOf(n)], ids.slice(shift));
      }),
      ...others.map((n) => handMade(`5ec0da02-${n}`, `Project ${n}`, ['5ec0da00'])),
    ],
  });
}
