import type { Change } from './change.ts';
import type { Member } from '../model/workspace.ts';
import type { Scope } from '../model/request.ts';
import type { Fingerprint } from '../model/memory.ts';
import { byText } from '../model/order.ts';

/** The harmful part of one change, by ids: what an approval is given for. */
export interface Harm {
  readonly action: Change['action'];
  readonly secodaId: string;
  readonly oktaIds: readonly string[];
  readonly adopted: boolean;
  /** The new name, when the change renames. */
  readonly renamedTo: string | null;
  readonly membersBefore: readonly string[];
  readonly remove: readonly string[];
}

/** Deletions, removals, adoptions and renames; additions and creations harm nobody and are not part of it. */
export function harmOf(changes: readonly Change[]): readonly Harm[] {
  const harms: Harm[] = [];
  for (const change of changes) {
    const { action, secodaId, oktaIds, adopted, renamedFrom, remove, before } = change;
    if (secodaId === null || before === null) continue;
    if (action !== 'delete' && remove.length === 0 && !adopted && renamedFrom === null) continue;
    harms.push({
      action,
      secodaId,
      oktaIds,
      adopted,
      renamedTo: renamedFrom === null ? null : change.name,
      membersBefore: ids(before.members),
      remove: ids(remove),
    });
  }
  return harms.sort((a, b) => byText(a.secodaId, b.secodaId));
}

/** What is kept of a plan that was refused, by its digest: what its approval repeats, and may let pass. */
export interface Refused {
  readonly harm: readonly Harm[];
  /** The rules that it broke. */
  readonly rules: readonly string[];
  /** What the run was told to look at. */
  readonly scope: Scope;
  /** What of it was held; `null` where all of it was refused. */
  readonly held: HeldRecord | null;
  /** Who was to be onboarded; `null` for a run over groups. */
  readonly onboard: { readonly emails: readonly string[]; readonly inviteAgain: boolean } | null;
}

export interface HeldRecord {
  /** When a run held it first, and last, in epoch milliseconds. */
  readonly since: number;
  readonly at: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly deleted: readonly string[];
}

/**
 * The digest that names this harm: the same whenever, in whatever order and by whichever run it is planned. `seats`: people
 * whose invitations have to be approved, ascending; without any the digest is that of the changes alone.
 */
export function digestOf(
  harms: readonly Harm[],
  fingerprint: Fingerprint,
  seats: readonly string[] = [],
): string {
  // Of each harm apart: in a large workspace they would make a very long text together.
  const parts = harms.map((harm) => fingerprint(JSON.stringify(harm)));
  if (seats.length > 0) parts.push(fingerprint(JSON.stringify(seats)));
  return fingerprint(parts.join()).slice(0, 16);
}

/** How the harm planned now differs from the harm that was approved, a line for each group concerned. */
export function harmDifference(approved: readonly Harm[], planned: readonly Harm[]): string[] {
  const before = new Map(approved.map((harm) => [harm.secodaId, harm]));
  const lines: string[] = [];
  for (const harm of planned) {
    const known = before.get(harm.secodaId);
    before.delete(harm.secodaId);
    if (known === undefined) lines.push(`new: ${wordsFor(harm)}`);
    else if (JSON.stringify(known) !== JSON.stringify(harm)) {
      lines.push(`changed: ${wordsFor(known)}, now ${wordsFor(harm)}`);
    }
  }
  for (const harm of before.values()) lines.push(`no longer planned: ${wordsFor(harm)}`);
  return lines;
}

function wordsFor(harm: Harm): string {
  const parts = [
    `${harm.action} ${harm.secodaId}`,
    `${harm.remove.length} of ${harm.membersBefore.length} members leave`,
  ];
  if (harm.adopted) parts.push('adopted');
  if (harm.renamedTo !== null) parts.push('renamed');
  return parts.join(', ');
}

function ids(members: readonly Member[]): string[] {
  return members.map(({ userId }) => userId).sort(byText);
}
