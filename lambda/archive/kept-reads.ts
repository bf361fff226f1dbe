import { fingerprint } from '../core/model/text.ts';
import { jsonOf } from '../core/model/json.ts';
import * as z from 'zod';
import type { Person } from '../core/model/directory.ts';
import type { Reads } from '../core/model/reads.ts';
import type { Archive } from '../ports.ts';
import { READS } from '../names.ts';

/** To be counted up whenever something else is read of a person or a group: older reads are then as good as lost. */
const VERSION = 1;

const headShape = z.object({
  version: z.literal(VERSION),
  org: z.string(),
  asOf: z.number(),
  /** Of all that follows. */
  seal: z.string(),
});
const text = z.string().nullable();
/** Somebody as `rowOf` writes them. */
export const personRow = z.tuple([z.string(), z.string(), text, text]);
const bodyShape = z.object({
  people: z.array(personRow),
  lists: z.array(z.tuple([z.string(), text, text, z.number().nullable(), z.number(), z.string()])),
  /** An earlier release neither writes nor knows it. */
  formerly: z.array(z.tuple([z.string(), z.string()])).default([]),
});

/** Whose reads these are: several deployments may share an archive, and one of them can be pointed at another org. */
export interface ReadsOwner {
  readonly name: string;
  readonly org: string;
}

function keyOf({ name }: ReadsOwner): string {
  return `${READS}${name}.json`;
}

/** What was remembered of Okta's lists. Lost, half-written, old, changed by hand or of another org: `null`, and everything is read. */
export async function loadReads(archive: Archive, owner: ReadsOwner): Promise<Reads | null> {
  const stored = await archive.read(keyOf(owner));
  if (stored === null) return null;
  const end = stored.text.indexOf('\n');
  const head = headShape.safeParse(jsonOf(stored.text.slice(0, end)));
  const rest = stored.text.slice(end + 1);
  if (!head.success || head.data.org !== owner.org || head.data.seal !== fingerprint(rest)) return null;
  const body = bodyShape.safeParse(jsonOf(rest));
  if (!body.success) return null;
  return {
    asOf: head.data.asOf,
    formerly: new Map(body.data.formerly),
    people: body.data.people.map(personOf),
    lists: new Map(
      body.data.lists.map(([id, lastUpdated, lastMembershipUpdated, usersCount, readAt, members]) => [
        id,
        { id, lastUpdated, lastMembershipUpdated, usersCount, readAt, members },
      ]),
    ),
  };
}

/** Replaces what was remembered, at once. */
export async function saveReads(archive: Archive, owner: ReadsOwner, reads: Reads): Promise<void> {
  const people = linesOf(reads.people, rowOf);
  const lists = linesOf([...reads.lists.values()], (list) => [
    ...[list.id, list.lastUpdated, list.lastMembershipUpdated],
    ...[list.usersCount, list.readAt, list.members],
  ]);
  const body = `{"people":[\n${people}\n],"lists":[\n${lists}\n],"formerly":${JSON.stringify([...reads.formerly])}}\n`;
  const { org } = owner;
  const head = { version: VERSION, org, asOf: reads.asOf, seal: fingerprint(body) };
  await archive.write(keyOf(owner), `${JSON.stringify(head)}\n${body}`);
}

/** Rows that are joined at once: a hundred thousand texts at a time are what a run would remember longest. */
const ROWS = 1_000;

function linesOf<T>(all: readonly T[], row: (each: T) => unknown): string {
  const parts = Array.from({ length: Math.ceil(all.length / ROWS) }, (_, n) =>
    all
      .slice(n * ROWS, (n + 1) * ROWS)
      .map((each) => JSON.stringify(row(each)))
      .join(',\n'),
  );
  return parts.join(',\n');
}

/** Somebody as a row: id, status, e-mail, login. */
export function rowOf({ id, status, email, login }: Person): z.infer<typeof personRow> {
  return [id, status, email, login];
}

/** Whom `rowOf` wrote. */
export function personOf([id, status, email, login]: z.infer<typeof personRow>): Person {
  return { id, status, email, login };
}
