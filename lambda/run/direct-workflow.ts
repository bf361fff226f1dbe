import type { Clock, Workflow, Listener } from '../ports.ts';

/** A run within one process: a step is a call, a wait is a sleep, and nobody needs a rest. */
export function directWorkflow(clock: Clock, listen: Listener): Workflow {
  return {
    step: (_, work) => work(),
    async wait(_, ms) {
      listen({ kind: 'waiting', ms, reason: 'budget' });
      await clock.sleep(ms);
    },
    rest: () => Promise.resolve(),
  };
}
