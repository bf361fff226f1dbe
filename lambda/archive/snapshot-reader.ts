import * as z from 'zod';
import type { Membership, OktaGroup, Person } from '../core/model/directory.ts';
import { jsonOf } from '../core/model/json.ts';
import type { GroupMemory } from '../core/model/memory.ts';
import type { RememberedList } from '../core/model/reads.ts';
import type { WorkspaceGroup, WorkspaceUser } from '../core/model/workspace.ts';
import type { Kept, OutlinedChange } from '../core/report/difference.ts';
import { personOf, personRow } from './kept-reads.ts';
import { groupShape, mapOf } from './state-file.ts';
import { refusedShape } from './record.ts';
import { worklistShape } from './unmatched.ts';

/** To be counted up where a line comes to mean something else; lines and keys that are new need not, since others are passed over. */
export const FORM = 1;

const text = z.string().nullable();
const texts = z.array(z.string());
const places = z.array(z.int());
const set = texts.transform((found) => new Set(found));
const times = mapOf(z.number());
const marker = z.object({ oktaIds: texts, via: z.string() });
const left = z.object({ group: z.string(), oktaIds: texts, reason: z.string() });
const headShape = z.object({
  form: z.literal(FORM, {
    error: 'another version of this software made it, and this one does not know its form',
  }),
  runId: z.string(),
  version: z.string(),
  config: z.unknown(),
  now: z.number(),
  nextRunAt: z.number().nullable(),
  listedAt: z.number(),
  worklist: worklistShape.nullable(),
  due: z.array(z.tuple([z.string(), texts])),
  approval: z.object({ digest: z.string(), refused: refusedShape.nullable() }).nullable(),
  heldBefore: z.object({ digest: z.string(), since: z.number() }).nullable(),
  recent: z.object({
    removed: mapOf(mapOf(z.boolean())),
    deleted: set,
    adopted: set,
    invited: set,
    granted: mapOf(set),
    unknown: text,
  }),
  invited: z
    .array(z.object({ email: z.string(), at: z.number(), sure: z.boolean() }))
    .transform((notes) => new Map(notes.map((note) => [note.email, note]))),
  unlistedSince: times,
  doubtedSince: times,
  fights: times,
  copies: mapOf(marker),
  lastRuns: mapOf(z.string()),
  /** Why not everybody could be asked for; absent where nobody was. */
  asked: z.object({ why: text }).nullable(),
  readAsOf: z.number(),
  formerly: mapOf(z.string()),
  outline: z.object({ digest: z.string(), rules: texts, skipped: z.array(left), invited: texts }),
});
const oktaGroup = z.object({
  id: z.string(),
  name: z.string(),
  description: text,
  lastUpdated: text,
  lastMembershipUpdated: text,
  usersCount: z.number().nullable(),
  isAppGroup: z.literal(true).exactOptional(),
});
const membersShape = z.tuple([z.string(), z.number(), text, places.nullable()]);
const listShape = oktaGroup
  .pick({ id: true, lastUpdated: true, lastMembershipUpdated: true, usersCount: true })
  .extend({ readAt: z.number(), members: z.string() });
const userShape = z.object({
  id: z.string(),
  email: text,
  active: z.boolean().nullable(),
  disabled: z.literal(true).exactOptional(),
  service: z.literal(true).exactOptional(),
});
const secodaGroup = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  updatedAt: text,
  userIds: places,
});
const changeShape = z.object({
  action: z.enum(['create', 'update', 'delete']),
  oktaIds: texts,
  secodaId: text,
  name: z.string(),
  adopted: z.boolean(),
  renamedFrom: text,
  held: z.boolean(),
  add: places,
  remove: places,
});

/** Takes the lines of a snapshot one by one, and gives all of it once the last was taken. Throws what is wrong with one. */
export function snapshotReader(): { readonly take: (line: string) => void; readonly kept: () => Kept } {
  let head: z.infer<typeof headShape> | null = null;
  const people: Person[] = [];
  const words: string[] = [];
  const groups: OktaGroup[] = [];
  const unlisted = new Map<string, OktaGroup | null>();
  const memberships = new Map<string, Membership>();
  const bearers = new Map<string, readonly Person[]>();
  const readBefore: Person[] = [];
  const lists = new Map<string, RememberedList>();
  const users: WorkspaceUser[] = [];
  const secodaGroups: WorkspaceGroup[] = [];
  const remembered = new Map<string, GroupMemory>();
  const changes: OutlinedChange[] = [];
  const peopleAt = (found: readonly number[]) => found.map((place) => there(people[place]));
  const wordsAt = (found: readonly number[]) => found.map((place) => there(words[place]));
  const kinds = new Map<string, (value: unknown) => void>([
    taking('head', headShape, (found) => (head = found)),
    taking('person', personRow, (row) => people.push(personOf(row))),
    taking('text', z.string(), (found) => words.push(found)),
    taking('oktaGroup', oktaGroup, (group) => groups.push(group)),
    taking('unlisted', z.tuple([z.string(), oktaGroup.nullable()]), (each) => unlisted.set(...each)),
    taking('members', membersShape, ([id, readAt, doubt, found]) =>
      memberships.set(id, { readAt, doubt, people: found === null ? null : peopleAt(found) }),
    ),
    taking('bearers', z.tuple([z.string(), places]), ([address, found]) =>
      bearers.set(address, peopleAt(found)),
    ),
    taking('readBefore', places, (found) => {
      for (const each of peopleAt(found)) readBefore.push(each);
    }),
    taking('list', listShape, (list) => lists.set(list.id, list)),
    taking('user', userShape, (user) => users.push(user)),
    taking('secodaGroup', secodaGroup, ({ userIds, ...group }) =>
      secodaGroups.push({ ...group, userIds: wordsAt(userIds) }),
    ),
    taking('memory', groupShape, (group) => remembered.set(group.secodaId, group)),
    taking('change', changeShape, ({ add, remove, ...change }) =>
      changes.push({ ...change, add: wordsAt(add), remove: wordsAt(remove) }),
    ),
  ]);
  return {
    take(line) {
      const [kind, value] = z.tuple([z.string(), z.unknown()]).parse(jsonOf(line));
      // A kind that is not known is of a later version.
      kinds.get(kind)?.(value);
    },
    kept() {
      if (head === null) throw new Error('its first line is missing');
      const { runId, version, config, outline, listedAt, asked, readAsOf, formerly } = head;
      const { now, nextRunAt, worklist, due, approval, heldBefore, invited, recent } = head;
      const { unlistedSince, doubtedSince, fights, copies, lastRuns } = head;
      return {
        ...{ runId, version, config },
        outline: { ...outline, changes },
        snapshot: {
          ...{ now, nextRunAt, worklist, due, approval, heldBefore, invited, recent },
          directory: {
            ...{ groups, listedAt, memberships, unlisted },
            ...(asked === null ? {} : { asked: { bearers, why: asked.why } }),
          },
          workspace: { users, groups: secodaGroups },
          memory: { groups: remembered, unlistedSince, doubtedSince, fights, copies, lastRuns },
          reads: { asOf: readAsOf, people: readBefore, lists, formerly },
        },
      };
    },
  };
}

function taking<T>(kind: string, shape: z.ZodType<T>, take: (value: T) => unknown) {
  return [kind, (value: unknown): void => void take(shape.parse(value))] as const;
}

function there<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('it names somebody whose line is missing');
  return found;
}
