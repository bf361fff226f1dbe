import type { Report } from '../core/report/report.ts';
import { LIMITS } from './events/limits.ts';

/**
 * The groups that a run which followed events would change or invite people into, as an event names them: an approval is
 * for these, since a run over all may do other harm. Empty, which stands for all, when they are more than an event may name.
 */
export function concerned({ changes, invited }: Pick<Report, 'changes' | 'invited'>): readonly string[] {
  const changed = new Set(changes.map(({ group }) => group.name));
  const joined = invited.flatMap(({ outcome, groups }) => (outcome === null ? groups : []));
  const named = new Set([
    ...changes.flatMap(({ group }) => group.oktaIds),
    ...joined.filter((name) => !changed.has(name)),
  ]);
  return named.size > LIMITS.groups ? [] : [...named];
}
