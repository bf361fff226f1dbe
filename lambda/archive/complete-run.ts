import * as z from 'zod';
import type { CompleteRun } from '../core/groups/onboarding-basis.ts';
import { jsonOf } from '../core/model/json.ts';
import type { Archive } from '../ports.ts';
import { READS } from '../names.ts';
import { editFile, readAs } from './state-file.ts';

/** What makes the way of later runs shorter: what cannot be read of it costs them requests, never more. */
const shape = z.object({
  complete: z
    .object({
      basis: z.string(),
      seenUntil: z.number(),
      leftAlone: z.array(z.string()),
      idle: z.array(z.string()),
    })
    .nullable()
    .catch(null),
  /** Rows of a page, by the list. */
  pageSizes: z.record(z.string(), z.int()).catch({}),
});
interface ShortWay {
  readonly complete: CompleteRun | null;
  readonly pageSizes: Readonly<Record<string, number>>;
}

const NOTHING: ShortWay = { complete: null, pageSizes: {} };

/** The last complete run of this deployment; `null` where nothing is known of it that another could build on. */
export async function lastComplete(archive: Archive, name: string): Promise<CompleteRun | null> {
  return (await readAs(archive, keyOf(name), shape))?.complete ?? null;
}

/** Notes what a complete run leaves behind; `null` where nothing can be built on it. */
export async function noteComplete(archive: Archive, name: string, complete: CompleteRun | null) {
  await edit(archive, name, (before) => ({ ...before, complete }));
}

/** How large pages of Secoda's lists are asked for, as earlier runs of this deployment found out. */
export function pageSizesIn(archive: Archive, name: string) {
  return {
    load: async (): Promise<Readonly<Record<string, number>>> =>
      (await readAs(archive, keyOf(name), shape))?.pageSizes ?? {},
    /** `null`: larger pages of this list were refused. */
    save: (list: string, rows: number | null): Promise<void> =>
      edit(archive, name, ({ pageSizes, ...rest }) => {
        const others = Object.entries(pageSizes).filter(([of]) => of !== list);
        return { ...rest, pageSizes: Object.fromEntries(rows === null ? others : [...others, [list, rows]]) };
      }),
  };
}

function edit(archive: Archive, name: string, change: (before: ShortWay) => ShortWay): Promise<void> {
  return editFile(archive, keyOf(name), (text) => `${JSON.stringify(change(parse(text)))}\n`);
}

function parse(text: string | null): ShortWay {
  return shape.safeParse(jsonOf(text ?? '')).data ?? NOTHING;
}

/** A dot is in no deployment's name. */
function keyOf(name: string): string {
  return `${READS}${name}.short-way.json`;
}
