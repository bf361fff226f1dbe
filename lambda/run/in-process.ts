import type { CheckpointStore, Clock, Listener, Workflow } from '../ports.ts';
import type { Checkpoints } from './checkpoints.ts';

/** Keeps things as they are, for a run that lives and dies with its process. */
export function memoryCheckpointStore<T>(): CheckpointStore<T> {
  const kept = new Map<string, { readonly content: T }>();
  return {
    put(key, content) {
      kept.set(key, { content });
      return Promise.resolve({ key, version: null });
    },
    get({ key }) {
      const found = kept.get(key);
      if (found === undefined) return Promise.reject(new Error(`Nothing was kept under ${key}`));
      return Promise.resolve(found.content);
    },
  };
}

/** All checkpoints of such a run. None of its steps is ever repeated. */
export function memoryCheckpoints(): Checkpoints {
  return {
    listing: memoryCheckpointStore(),
    users: memoryCheckpointStore(),
    members: memoryCheckpointStore(),
    plan: memoryCheckpointStore(),
    slice: memoryCheckpointStore(),
    slices: memoryCheckpointStore(),
    written: memoryCheckpointStore(),
    onboarding: memoryCheckpointStore(),
    joined: memoryCheckpointStore(),
    isRetry: () => Promise.resolve(false),
  };
}

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
