import type { Change } from '../../core/plan/change.ts';
import { createIdentity, type Identity } from '../../core/people/identity.ts';
import { byMember } from '../../core/people/members.ts';
import type { GroupContent, WorkspaceGroup } from '../../core/model/workspace.ts';
import { askedAgain, type Attempt, lesserAttempts, wholeOf } from '../../core/plan/refused-write.ts';
import type { SyncRules } from '../../core/model/rules.ts';
import { tookEffect } from '../../core/plan/verify.ts';
import { RefusedWrite, SourceError, WriteError } from '../../errors.ts';
import type { Answered, Lease } from '../../ports.ts';
import type { Claim } from './claim.ts';
import type { Sources } from '../context.ts';

export interface Sending {
  readonly change: Change & { readonly content: GroupContent };
  /** The group as it stands; `null` where it is to be made. */
  readonly current: WorkspaceGroup | null;
  readonly send: (attempt: Attempt) => Promise<Answered>;
  /** Secoda's users as they are now: asked for after a refusal only. */
  readonly identity: () => Promise<Identity>;
  /** Judges and notes it where members lose their place because Secoda refuses them. */
  readonly claim: Pick<Claim, 'lose'>;
}

/** A change that Secoda accepted, or a part of it. */
export interface Sent {
  /** As written. Its content is what the next plan will ask for. */
  readonly written: Change;
  readonly group: WorkspaceGroup;
  /** What Secoda said against what was left out; `null` where nothing was. */
  readonly refused: string | null;
}

/** Sends a change, and where Secoda refuses it, less of it. Throws `WriteError` where none of it was accepted, or took effect. */
export async function sendChange({ change, current, send, identity, claim }: Sending): Promise<Sent> {
  const { content } = change;
  const refusals = new Set<string>();
  let attempt = wholeOf(content, current);
  let written: Change = change;
  let lesser: ReturnType<typeof lesserAttempts> | null = null;
  for (;;) {
    try {
      const isNothing = current !== null && Object.keys(attempt.fields).length === 0;
      const { group, doubt } = isNothing ? { group: current, doubt: null } : await send(attempt);
      if (doubt !== null && !tookEffect(written, current, group))
        throw new WriteError(`${doubt}; the group does not show the change`, true);
      return { written, group, refused: refusals.size === 0 ? null : [...refusals].join('; ') };
    } catch (error) {
      if (!(error instanceof RefusedWrite)) throw error;
      refusals.add(error.message);
      const people = await identity();
      lesser ??= lesserAttempts(content, current, people, error.said);
      const next = lesser.next(error.said).value;
      if (next === undefined) throw error;
      attempt = next;
      written = change;
      if (next.lost.length === 0) continue;
      const remove = [...change.remove, ...next.lost].sort(byMember);
      written = { ...change, remove, content: askedAgain(content, next.lost, people) };
      const broken = await claim.lose({ ...written, content: { ...content, ...next.fields } });
      const why = broken.map(({ message }) => `without those it refuses this would ${message}`);
      if (why.length > 0) throw new WriteError([error.message, ...why].join('; '), false);
    }
  }
}

/** Reads Secoda's users when first asked, in the lease: who is active now decides whom a refusal can be about. */
export function peopleNow({ workspace }: Sources, { people }: SyncRules, lease: Lease): Sending['identity'] {
  let known: Identity | null = null;
  return async () => {
    if (known !== null) return known;
    try {
      known = createIdentity(people, await workspace.users());
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      throw new WriteError(
        `Secoda refused it, and whom that is about cannot be told: ${error.message}`,
        true,
      );
    }
    await lease.renew();
    return known;
  };
}
