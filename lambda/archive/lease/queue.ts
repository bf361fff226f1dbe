import type { Holder, Waiter } from './lease-file.ts';

/** Those who still wait, in the order they came. */
export function present(
  waiting: readonly Waiter[],
  now: number,
  mayBeAlive: (waiter: Waiter) => boolean,
): Waiter[] {
  return waiting.filter((waiter) => waiter.until > now && mayBeAlive(waiter));
}

/** How many come before this run; a run that has not joined comes last. */
export function ahead(waiting: readonly Waiter[], runId: string): number {
  const place = waiting.findIndex((each) => each.runId === runId);
  return place < 0 ? waiting.length : place;
}

/** Joins at the end, or stays in place with a later time. */
export function joined(waiting: readonly Waiter[], holder: Holder, until: number): Waiter[] {
  const place = waiting.findIndex(({ runId }) => runId === holder.runId);
  const waiter = { ...holder, until: Math.max(until, waiting[place]?.until ?? 0) };
  return place < 0 ? [...waiting, waiter] : waiting.with(place, waiter);
}

/** The queue when this run has left it, or was never in it; the others keep their order. */
export function without(waiting: readonly Waiter[], runId: string): Waiter[] {
  return waiting.filter((each) => each.runId !== runId);
}
