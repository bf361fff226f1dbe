import { closed, percentage, wholeNumber } from './values.ts';

/** A limit is the larger of `max` and `percent`, so a low `max` alone does not lower it. */
function limit(max: number, percent: number) {
  return closed({
    /** As many as this are always allowed. */
    max: wholeNumber(0).default(max),
    /** Of what stands before the plan, rounded down. */
    percent: percentage().default(percent),
  }).prefault({});
}

function atMost(max: number) {
  return closed({ max: wholeNumber(0).default(max) }).prefault({});
}

export const guard = closed({
  /** Managed groups that may be deleted, as in all that follows by one run with what was done in the 20 hours before. */
  groupDeletions: limit(3, 10),
  /** Memberships that may be removed in all. */
  memberRemovals: limit(20, 10),
  /** Members that may be removed from any one group. */
  removalsPerGroup: limit(5, 50),
  /** A group of so many members or more may not end with none. */
  emptiedGroups: closed({ atLeast: wholeNumber(1).default(3) }).prefault({}),
  /** Hand-made groups that may be taken over. */
  adoptions: atMost(3),
  /** People who may be invited. */
  invitations: atMost(25),
  /** Fewer Okta groups in scope than this refuse the run. */
  minimumGroups: wholeNumber(0).default(1),
});
