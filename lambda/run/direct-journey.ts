import type { Clock, Journey, Listener } from '../ports.ts';

/** A run within one process: a step is a call, a wait is a sleep, and nobody needs a rest. */
export function directJourney(clock: Clock, listen: Listener): Journey {
  return {
    step: (_, work) => work(),
    async wait(_, ms) {
      listen({ kind: 'waiting', ms, reason: 'budget' });
      await clock.sleep(ms);
    },
    rest: () => Promise.resolve(),
  };
}
