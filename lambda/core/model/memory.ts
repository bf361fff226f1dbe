import type { Marker } from '../groups/marker.ts';

/** What a run learned of copied markers: a group is a copy by now, or (`null`) what memory takes for one no longer is. */
export interface CopyNote {
  readonly secodaId: string;
  readonly marker: Marker | null;
}

/**
 * What a run remembers of each group of ours for the next one (`state.json`), written or not. Losing it costs at most one more
 * write for a group whose values Secoda did not keep as sent; it never does harm.
 */
export interface GroupMemory {
  readonly secodaId: string;
  /** The deployment that wrote it, as the marker names it; absent where an earlier version wrote it, who could have been any. */
  readonly via?: string | undefined;
  readonly oktaIds: readonly string[];
  /** Fingerprint of the content that was asked of Secoda; empty when nobody knows. */
  readonly asked: string;
  /** Fingerprint of the content that Secoda then showed. */
  readonly answered: string;
  /**
   * Secoda users who were asked for and not shown, or asked away and still shown, each with their row as it was (see `rowOf`): when it
   * changes, the group is tried again.
   */
  readonly unsettled: readonly { readonly userId: string; readonly row: string }[];
  /** What else Secoda did not keep, in plain words; absent or `null` when it kept what matters. */
  readonly shortfall?: string | null | undefined;
  /** When the group was last written (epoch milliseconds); 0 when it was only found. */
  readonly triedAt: number;
}

/** What earlier runs of this deployment left behind for this one. */
export interface Memory {
  /** By Secoda group id. */
  readonly groups: ReadonlyMap<string, GroupMemory>;
  /** Okta group id → when the first complete run that missed it from the selection ended (epoch milliseconds). */
  readonly unlistedSince: ReadonlyMap<string, number>;
  /** Okta group id → when the first complete run that doubted its list of members ended (epoch milliseconds). */
  readonly doubtedSince: ReadonlyMap<string, number>;
  /** Secoda group id → complete runs in a row that found it changed by somebody, with nothing else wanted than before. */
  readonly fights: ReadonlyMap<string, number>;
  /** By deployment: the last complete run that the guard let pass and that left people out whom Secoda did not know or take. */
  readonly lastRuns: ReadonlyMap<string, string>;
  /** Secoda group id → the marker that it bears and that was copied from another group: not ours. */
  readonly copies: ReadonlyMap<string, Marker>;
}

/** Of a first run, or after `state.json` was lost. */
export const NO_MEMORY: Memory = {
  groups: new Map(),
  unlistedSince: new Map(),
  doubtedSince: new Map(),
  fights: new Map(),
  copies: new Map(),
  lastRuns: new Map(),
};
