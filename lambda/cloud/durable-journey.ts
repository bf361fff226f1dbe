import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { Journey } from '../ports.ts';
import { errorOf, type Note, noteOf } from '../run/note.ts';

type Attempt<T> = { readonly value: T } | { readonly failure: Note };

/**
 * A run over many invocations. An error is kept as words, so that a replay throws the same; the service itself retries no
 * step that failed, only those that were cut off.
 */
export function durableJourney(context: Pick<DurableContext, 'step' | 'wait'>): Journey {
  return {
    async step(name, work) {
      const attempt = await context.step(name, () => attempted(work), {
        retryStrategy: () => ({ shouldRetry: false }),
      });
      if ('failure' in attempt) throw errorOf(attempt.failure);
      return attempt.value;
    },
    wait: async (name, ms) => context.wait(name, { seconds: Math.max(1, Math.ceil(ms / 1000)) }),
    rest: async (name) => context.wait(name, { seconds: 1 }),
  };
}

async function attempted<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { failure: noteOf(error) };
  }
}
