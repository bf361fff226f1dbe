import type { Effect } from './effects.ts';
import type { Reply, Served } from './exchange.ts';

/** What an effect can do with one call. */
export interface Scenario {
  readonly request: Served;
  /** The last answer of the same route, before any rewriting. */
  readonly previous: Reply | undefined;
  /** Runs the handler, which takes effect. */
  answer(): Promise<Reply>;
  /** The service's own answer for a status. */
  refusal(status: number, message: string): Reply;
  send(reply: Reply): void;
  sendHalf(reply: Reply): void;
  reset(): void;
  /** Does what is no part of answering: as long as it takes, time may pass. */
  aside(work: () => unknown): Promise<void>;
  /** By the emulator's clock; rejects when the emulator closes. */
  pause(ms: number): Promise<void>;
  /** No more will ever be sent. `answered`: but the head of an answer. */
  hang(answered: boolean): void;
}

/** Handles a call as usual, or as its fault wants it. */
export async function play(effect: Effect | undefined, scenario: Scenario): Promise<void> {
  switch (effect?.kind) {
    case 'status': {
      const {
        status,
        headers,
        body = scenario.refusal(status, 'The emulator was told to fail.').body,
      } = effect;
      scenario.send({ status, headers, body });
      break;
    }
    case 'reset':
      if (effect.moment === 'after') await scenario.answer();
      scenario.reset();
      break;
    case 'hang':
      if (effect.moment === 'after effect') await scenario.answer();
      if (effect.moment === 'mid body') scenario.sendHalf(await scenario.answer());
      scenario.hang(effect.moment === 'mid body');
      break;
    case 'slow':
      await scenario.aside(() => scenario.pause(effect.ms));
      scenario.send(await scenario.answer());
      break;
    case 'late':
      effect.keep(() => scenario.answer());
      scenario.reset();
      break;
    case 'rewrite':
      scenario.send(effect.change(await scenario.answer(), scenario.previous));
      break;
    case 'before':
      await scenario.aside(() => effect.run(scenario.request));
      scenario.send(await scenario.answer());
      break;
    case 'after': {
      const reply = await scenario.answer();
      await scenario.aside(() => effect.run(scenario.request));
      scenario.send(reply);
      break;
    }
    case undefined:
      scenario.send(await scenario.answer());
  }
}
