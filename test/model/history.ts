/** What the runs so far must have noticed, as far as it decides what the next one does. */
import type { Report } from '../../lambda/core/report/report.ts';
import type { Asked } from './asking.ts';
import type { Expected } from './expectation.ts';
import { markerIds, NOTHING, type Remembered } from './matching.ts';
import type { Seen } from './seen.ts';
import type { Stand } from './stand.ts';
import type { Night } from './world.ts';

/** More ways in which a run can have ended half-way are not told apart. */
const MOST = 8;

interface Run {
  readonly asked: Asked;
  readonly expectation: Expected;
  readonly report: Report | null;
  readonly after: Seen;
  readonly name: string;
}

/** Where something went wrong, nobody can say what was remembered: then there are several answers, each of them possible. */
export class History {
  #possible: readonly Remembered[] = [NOTHING];
  readonly #earlier: { readonly text: string | null; readonly possible: readonly Remembered[] }[] = [];

  possible(): readonly Remembered[] {
    return this.#possible;
  }

  /** Lets memory be lost, or be as old as it was before the last night. */
  async memory(fate: Night['memory'], stage: Stand): Promise<void> {
    const old = this.#earlier.at(-1) ?? { text: null, possible: [NOTHING] };
    this.#earlier.push({ text: await stage.memory(), possible: this.#possible });
    if (fate === 'guard lost') await stage.forget();
    if (fate === 'kept' || fate === 'guard lost') return;
    const { text, possible } = fate === 'lost' ? { text: null, possible: [NOTHING] } : old;
    await stage.remember(text);
    this.#possible = possible;
  }

  /** @param runs what each answer that is still possible makes of the run; `sure`: nothing went wrong in it */
  after(runs: readonly (readonly [Remembered, Run])[], sure: boolean): void {
    const next = runs.flatMap(([memory, run]) => {
      const { kind } = run.asked;
      if (kind === 'plan') return [memory];
      const noticed = afterRun(memory, run);
      // Whether what no wanted group took is known from now on is not said; nor how far a run that failed had come, which
      // remembers what is ours before its first write.
      const failed = run.report === null || run.report.status === 'failed';
      const more = new Map([
        ...takenForOurs(run.expectation, run.name),
        ...(failed ? takenByWanted(run.expectation, run.name) : []),
        ...noticed.known,
      ]);
      const after = more.size > noticed.known.size ? [noticed, { ...noticed, known: more }] : [noticed];
      return sure && (kind === 'full' || run.report?.status === 'applied') ? after : [...after, memory];
    });
    const texts = next.map(({ known, copies, puzzles, missed }) =>
      [known.keys(), copies, puzzles, missed].map((ids) => [...ids].sort().join()).join(' / '),
    );
    this.#possible = next.filter((_, n) => texts.indexOf(texts[n] ?? '') === n).slice(0, MOST);
  }
}

function afterRun(memory: Remembered, { asked, expectation, report, after, name }: Run): Remembered {
  const { matched } = expectation;
  const copies = new Set([...matched.copies].filter((id) => after.groups.has(id)));
  if (report === null || report.status === 'failed') return { ...memory, copies };
  const mine = asked.ends(expectation);
  const known = new Map([...memory.known].filter(([id]) => after.groups.has(id)));
  for (const { how, group, wanted, ids } of mine) {
    if (wanted === null) continue;
    if (how === 'managed' && group !== null) known.set(group.id, markerIds(group.description, name) ?? ids);
    const bearing = [...after.groups.values()].filter(
      (each) => markerIds(each.description, name)?.join() === ids.join() && !copies.has(each.id),
    );
    // Where a request took effect after all, only the report says which of two is the one that was seen.
    const seen = bearing.filter(({ id }) => report.changes.some((change) => change.group.secodaId === id));
    const made =
      group === null ? (bearing.length > 1 ? seen : bearing) : bearing.filter(({ id }) => id === group.id);
    for (const { id } of made) known.set(id, ids);
  }
  const puzzles = new Set([...matched.undecided].map(({ id }) => id).filter((id) => after.groups.has(id)));
  return { known, copies, puzzles, missed: asked.kind === 'full' ? matched.deferred : memory.missed };
}

/** Groups of ours that no wanted group took, and that are no copies. */
function takenForOurs({ matched }: Expected, name: string): [string, readonly string[]][] {
  const taken = [...matched.takings.values()].flatMap((taking) =>
    taking.how === 'skipped' && taking.group !== null ? [taking.group] : [],
  );
  return [...matched.rest.keys(), ...taken]
    .filter((group) => !matched.copies.has(group.id) && !matched.undecided.has(group))
    .map(({ id, description }) => [id, markerIds(description, name) ?? []]);
}

/** Groups of ours that wanted groups took. */
function takenByWanted({ matched }: Expected, name: string): [string, readonly string[]][] {
  return [...matched.takings.values()].flatMap((taking): [string, readonly string[]][] =>
    taking.how === 'managed' ? [[taking.group.id, markerIds(taking.group.description, name) ?? []]] : [],
  );
}
