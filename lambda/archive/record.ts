import * as z from 'zod';
import type { OperatorWord } from '../core/guard/judge-plan.ts';
import type { Baseline, Refused } from '../core/plan/change.ts';
import { jsonOf, jsonPieces } from '../core/model/json.ts';
import type { Scope } from '../core/model/request.ts';
import type { Archive } from '../ports.ts';
import { noteRun } from './run-index.ts';

const harmsShape = z.array(
  z.object({
    action: z.enum(['create', 'update', 'delete']),
    secodaId: z.string(),
    oktaIds: z.array(z.string()),
    adopted: z.boolean(),
    renamedTo: z.string().nullable(),
    membersBefore: z.array(z.string()),
    remove: z.array(z.string()),
  }),
);

const ids = z.array(z.string());
const EVERYTHING: Scope = { groups: [], hints: null };
const hints = z.object({
  oktaGroupIds: ids,
  oktaUserIds: ids,
  emails: ids,
  leaverIds: ids,
  deletedGroupIds: ids,
});

/** Earlier releases kept the harm alone. */
export const refusedShape = z.union([
  harmsShape.transform((harm): Refused => ({
    harm,
    rules: [],
    scope: EVERYTHING,
    held: null,
    onboard: null,
  })),
  z.object({
    harm: harmsShape,
    rules: ids,
    scope: z.object({ groups: ids, hints: hints.nullable() }),
    held: z
      .object({ since: z.number(), at: z.number(), removed: ids, added: ids, deleted: ids })
      .nullable()
      .default(null),
    onboard: z.object({ emails: ids, inviteAgain: z.boolean() }).nullable().default(null),
  }),
]);

/**
 * The record of one run, below its id in the archive: `plan.json` before the first write, `report.json` at the end, which notes the
 * run for `history`, too. `address`: where people find it, for example `runs/20260102T030405Z-1a2b/`.
 */
export function recordOf(archive: Archive, runId: string) {
  const write = (name: string, content: unknown) => archive.write(`${runId}/${name}`, lines(content));
  return {
    address: `${archive.address}${runId}/`,
    plan: (content: unknown) => write('plan.json', content),
    async report(content: unknown) {
      await write('report.json', content);
      await noteRun(archive, content);
    },
  };
}

/** Keeps what a refused plan would have done, so that a later approval can repeat it and be compared with it. */
export async function keepRefused(archive: Archive, digest: string, refused: Refused): Promise<void> {
  await archive.write(keyOf(digest), lines(refused));
}

/** A plan refused earlier; `null` when no record of it can be read. */
export async function readRefused(archive: Archive, digest: string): Promise<Refused | null> {
  if (!/^[0-9a-f]{16}$/.test(digest)) return null;
  const stored = await archive.read(keyOf(digest));
  return stored === null ? null : (refusedShape.safeParse(jsonOf(stored.text)).data ?? null);
}

/** The word that a run goes by; `null` where nothing was approved. */
export async function wordFor(archive: Archive, approve: string | null): Promise<OperatorWord | null> {
  return approve === null ? null : { digest: approve, refused: await readRefused(archive, approve) };
}

function keyOf(digest: string): string {
  return `refused/${digest}.json`;
}

const leftOut = z.array(z.object({ email: z.string(), groups: z.array(z.string()) }));
const lastShape = z.object({
  unmatched: leftOut,
  unsettled: leftOut,
  changes: z
    .array(z.object({ group: z.object({ name: z.string() }), add: ids, outcome: z.string().nullable() }))
    .default([]),
});
const dueShape = z.object({ due: z.array(z.tuple([z.string(), ids])) });

/**
 * Who was wanted in which group (by its name) by a run and could not be put there, as unmatched or unsettled, or for a write that
 * failed if they were due in it already. Nobody where its report cannot be read.
 */
export async function leftOutBy(archive: Archive, runId: string): Promise<NonNullable<Baseline['due']>> {
  const read = async (name: string) => jsonOf((await archive.read(`${runId}/${name}`))?.text ?? '');
  const report = lastShape.safeParse(await read('report.json')).data;
  if (report === undefined) return [];
  const due = new Map<string, string[]>();
  const add = (group: string, emails: readonly string[]) =>
    due.set(group, [...(due.get(group) ?? []), ...emails]);
  for (const { email, groups } of [...report.unmatched, ...report.unsettled])
    for (const group of groups) add(group, [email]);
  const failed = report.changes.filter(({ outcome }) => outcome === 'failed' || outcome === 'not-attempted');
  if (failed.length === 0) return [...due];
  const before = new Map(dueShape.safeParse(await read('plan.json')).data?.due);
  for (const { group, add: emails } of failed) {
    const again = new Set(before.get(group.name));
    add(
      group.name,
      emails.filter((email) => again.has(email)),
    );
  }
  return [...due];
}

function* lines(content: unknown): Iterable<string> {
  yield* jsonPieces(content);
  yield '\n';
}
