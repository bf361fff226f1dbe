import type { GroupRef, WorkspaceGroup } from '../../core/model/workspace.ts';
import type { Change } from '../../core/plan/change.ts';
import { type Ledger, ledgerOf } from '../../archive/ledger.ts';
import {
  type Access,
  accessByInvitation,
  type AccessEnd,
  accessOf,
  fateByLook,
  fateIn,
  type LedgerEntry,
  type OnWhoseWord,
} from '../../core/report/ledger-entry.ts';
import { normaliseAddress } from '../../core/people/address.ts';
import type { RunContext, WritingTask } from '../context.ts';

type Context = Pick<RunContext, 'archive' | 'rules' | 'sources' | 'origin'>;

/** What was begun so lately (milliseconds) may be under way: a lease that is not renewed is over by then. */
const UNDER_WAY_MS = 60_000;

/** What is written at a stretch, as the ledger has it. Only to be used under the lease. */
export interface Intents {
  /** Appends all that may be changed, before the first write. */
  begin(access: readonly Access[]): Promise<void>;
  /** Appends what was changed in fact. */
  settle(access: readonly AccessEnd[]): Promise<void>;
}

/** By whose word a run goes, as its entries have it. */
export function onWhoseWord(word: OnWhoseWord): OnWhoseWord {
  const { trigger, requestedBy, reason, approve, awsRequestId } = word;
  return { trigger, requestedBy, reason, approve, awsRequestId };
}

/** Closes what runs left open that were killed: whoever has the lease knows that nobody is writing. */
export async function openIntents(
  context: Context,
  { runId, approve = null }: WritingTask,
): Promise<Intents> {
  const { archive, rules, sources } = context;
  const ledger = ledgerOf(archive, rules.name);
  const by = () => ({ runId, now: sources.clock.now() });
  const request = onWhoseWord({ ...context.origin, approve });
  await closeOpen(ledger, context, runId);
  let of: number | null = null;
  return {
    async begin(access) {
      if (access.length === 0) return;
      of = (await ledger.append(by(), () => ({ kind: 'intents', request, access })))?.number ?? null;
    },
    async settle(access) {
      if (of === null) return;
      const number = of;
      // Whoever had the lease next may have closed them, where this run was held up.
      const outcomes = { kind: 'outcomes', of: number, request, access } as const;
      await ledger.append(by(), (last) => (last?.open.includes(number) === true ? outcomes : null));
    },
  };
}

/** Closes what a run left open that was killed, also where nothing is left to be written. A run that is writing now is let be. */
export async function closeLeftOpen(context: Context, { runId, leases }: WritingTask): Promise<void> {
  const { archive, rules, sources } = context;
  const ledger = ledgerOf(archive, rules.name);
  const [first] = (await ledger.last())?.open ?? [];
  if (first === undefined) return;
  const entry = await ledger.entry(first);
  if (entry === null || sources.clock.now() - Date.parse(entry.at) < UNDER_WAY_MS) return;
  const lease = await leases.take(false);
  try {
    await closeOpen(ledger, context, runId);
  } finally {
    await lease.release();
  }
}

async function closeOpen(ledger: Ledger, { sources, rules }: Context, runId: string): Promise<void> {
  const { workspace, clock } = sources;
  const { open = [] } = (await ledger.last()) ?? {};
  const left: LedgerEntry[] = [];
  for (const number of open) {
    const entry = await ledger.entry(number);
    if (entry !== null) left.push(entry);
  }
  const intents = left.flatMap((entry) => (entry.kind === 'intents' ? [entry] : []));
  if (intents.length === 0) return;
  const groups = await workspace.groups();
  const invited = intents.some(({ access }) => access.some(({ change }) => change === 'invited'));
  const users = invited ? await workspace.users() : [];
  const addresses = new Set(users.flatMap(({ email }) => normaliseAddress(email ?? '') ?? []));
  for (const { number: of, runId: killed, request, access } of intents) {
    const fateOf = (each: Access) => fateByLook(each, groups, addresses, rules.name);
    const looked = access.map((each) => ({ ...each, outcome: fateOf(each) }));
    const closed = { kind: 'closed', of, killed, request, access: looked } as const;
    const by = { runId, now: clock.now() };
    await ledger.append(by, (last) => (last?.open.includes(of) === true ? closed : null));
  }
}

/** What Secoda is asked for: a change of a group, or that somebody with this address be invited. */
export type Asked = Change | string;

/** What was done, or perhaps was. */
export interface Did {
  readonly asked: Asked;
  /** As Secoda showed it afterwards; `null`: it is gone. */
  readonly group: WorkspaceGroup | null;
  readonly unsure: boolean;
}

type Into = ReadonlyMap<string, readonly GroupRef[]>;

/** All access that is asked for. */
export function accessIn(asked: Asked, invited: Into): readonly Access[] {
  return typeof asked === 'string' ? accessByInvitation(asked, invited.get(asked) ?? []) : accessOf(asked);
}

/** What became of access that was asked for. */
export function fatesOf({ asked, group, unsure }: Did, invited: Into) {
  return accessIn(asked, invited).map((access) => {
    const done = access.change === 'invited' ? 'applied' : fateIn(group, access, 'applied');
    const secodaId = access.group.secodaId ?? group?.id ?? null;
    return { ...access, group: { ...access.group, secodaId }, outcome: unsure ? ('unknown' as const) : done };
  });
}
