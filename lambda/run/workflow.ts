import type { Requests } from '../core/report/report.ts';
import type { CheckpointStore, Clock, Listener, Workflow } from '../ports.ts';
import type { RunContext, Sources } from './context.ts';
import type { Checkpoints } from './checkpoints.ts';

/** What a run has asked of both sides so far, in earlier invocations too. */
export function requestsOf({ sources, workflow }: RunContext): Requests {
  return workflow.requests?.() ?? requestsHere(sources);
}

/** What this process has asked of both sides so far. */
export function requestsHere(sources: Pick<Sources, 'directory' | 'people' | 'workspace'>): Requests {
  const [a, b] = [sources.directory.traffic(), sources.people.traffic()];
  return { okta: combined(a, b, (x, y) => x + y), secoda: sources.workspace.traffic() };
}

const combined = (a: Requests['okta'], b: Requests['okta'], by: By) => ({
  reads: by(a.reads, b.reads),
  throttled: by(a.throttled, b.throttled),
  retries: by(a.retries, b.retries),
});

type By = (x: number, y: number) => number;

/** Number by number. */
export function combine(a: Requests, b: Requests, by: By): Requests {
  const { reads, ...others } = combined(a.secoda, b.secoda, by);
  const secoda = { reads, writes: by(a.secoda.writes, b.secoda.writes), ...others };
  return { okta: combined(a.okta, b.okta, by), secoda };
}

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
