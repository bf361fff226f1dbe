import type { Requests } from '../core/report/report.ts';
import type { CheckpointStore, Clock, Listener, Workflow } from '../ports.ts';
import type { RunContext, Sources } from './context.ts';
import type { Checkpoints } from './checkpoints.ts';

/** After so much work an invocation is ended: a step of reading can take 8 minutes, and an invocation has 15. */
const WORK_MS = 60_000;

export interface MeteredSteps {
  /** The run's own, with every step metered. */
  readonly workflow: Workflow;
  /** Ends the invocation if it has worked for long. */
  readonly restIfLong: (name: string) => Promise<void>;
  /** The requests of all steps so far, those of earlier invocations too, which only their results know of. */
  readonly requests: () => Requests;
}

/** Counts the requests and the time of every step. */
export function meteredSteps({ workflow, sources }: RunContext): MeteredSteps {
  const { clock } = sources;
  let total = difference(requestsOf(sources), requestsOf(sources));
  let worked = 0;
  const step: Workflow['step'] = async (name, work) => {
    const before = requestsOf(sources);
    try {
      const { result, spent, ms } = await workflow.step(name, async () => {
        const [start, startedAt] = [requestsOf(sources), clock.now()];
        const result = await work();
        return { result, spent: difference(requestsOf(sources), start), ms: clock.now() - startedAt };
      });
      total = sum(total, spent);
      worked += ms;
      return result;
    } catch (error) {
      total = sum(total, difference(requestsOf(sources), before));
      throw error;
    }
  };
  return {
    workflow: { ...workflow, step },
    requests: () => total,
    async restIfLong(name) {
      if (worked < WORK_MS) return;
      worked = 0;
      await workflow.rest(name);
    },
  };
}

/** What this process has asked of both sides so far. */
function requestsOf({ directory, people, workspace }: Sources): Requests {
  const [a, b] = [directory.traffic(), people.traffic()];
  const okta = {
    reads: a.reads + b.reads,
    throttled: a.throttled + b.throttled,
    retries: a.retries + b.retries,
  };
  return { okta, secoda: workspace.traffic() };
}

function sum(a: Requests, b: Requests): Requests {
  return combine(a, b, (x, y) => x + y);
}

function difference(a: Requests, b: Requests): Requests {
  return combine(a, b, (x, y) => x - y);
}

function combine(a: Requests, b: Requests, by: (x: number, y: number) => number): Requests {
  return {
    okta: {
      reads: by(a.okta.reads, b.okta.reads),
      throttled: by(a.okta.throttled, b.okta.throttled),
      retries: by(a.okta.retries, b.okta.retries),
    },
    secoda: {
      reads: by(a.secoda.reads, b.secoda.reads),
      writes: by(a.secoda.writes, b.secoda.writes),
      throttled: by(a.secoda.throttled, b.secoda.throttled),
      retries: by(a.secoda.retries, b.secoda.retries),
    },
  };
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
