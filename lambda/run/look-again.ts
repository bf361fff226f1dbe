import type { Change } from '../core/change.ts';
import { createIdentity } from '../core/identity.ts';
import type { GroupMemory } from '../core/memory.ts';
import type { Fingerprint, WorkspaceGroup } from '../core/model.ts';
import type { ChangeOutcome } from '../core/outcome.ts';
import type { SyncRules } from '../core/rules.ts';
import { contentOf, fingerprintOf } from '../core/content.ts';
import { verify } from '../core/verify.ts';
import type { Reading, Sources } from './read.ts';
import { outcomeOf } from './slice.ts';

/** A change that was written, and the group as Secoda answered it then. */
export interface Shown {
  /** As approved. */
  readonly change: Change;
  /** As written. */
  readonly written: Change;
  readonly group: WorkspaceGroup;
  /** What was remembered of the group before this run wrote it. */
  readonly before: GroupMemory | undefined;
}

export interface LookInput {
  readonly sources: Sources;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly reading: Reading;
  readonly shown: readonly Shown[];
  readonly outcomes: ReadonlyMap<Change, ChangeOutcome>;
}

export interface Look {
  readonly remember: readonly GroupMemory[];
  readonly forget: readonly string[];
  readonly corrected: ReadonlyMap<Change, ChangeOutcome>;
}

/**
 * Lists Secoda's groups once more after the last write, as the next run will see them. A group that shows something else
 * than it answered, without having been edited since, was not honoured: that is what must be remembered, or the next
 * run would write it again. One that somebody edited meanwhile is left to the next run.
 */
export async function lookAgain(input: LookInput): Promise<Look> {
  const { sources, rules, fingerprint, reading } = input;
  const identity = createIdentity(rules.people, reading.workspace.users);
  const now = sources.clock.now();
  const groups = new Map((await sources.workspace.groups()).map((group) => [group.id, group]));
  const remember: GroupMemory[] = [];
  const corrected = new Map<Change, ChangeOutcome>();
  for (const { change, written, group, before } of input.shown) {
    const seen = groups.get(group.id);
    if (seen === undefined) {
      const error = 'Secoda accepted the write, but does not list the group afterwards';
      corrected.set(change, { outcome: 'unsettled', written, unsettled: [], news: true, error });
      continue;
    }
    if (fingerprintOf(contentOf(seen), fingerprint) === fingerprintOf(contentOf(group), fingerprint))
      continue;
    // Without a time of change there is no telling an edit from a habit of Secoda's: leave it to the next run.
    if (seen.updatedAt === null || seen.updatedAt !== group.updatedAt) continue;
    const verified = verify(written, written.content ?? group, seen, identity, now, fingerprint);
    remember.push(verified.memory);
    corrected.set(change, outcomeOf(written, verified, before, identity));
  }
  return { remember, forget: [], corrected };
}
