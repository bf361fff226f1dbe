import type { Effect } from './effects.ts';
import type { Reply, Served } from './exchange.ts';

/** What an effect can do with one call. */
export interface Stage {
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
export async function play(effect: Effect | undefined, stage: Stage): Promise<void> {
  switch (effect?.kind) {
    case 'status': {
      const { status, headers, body = stage.refusal(status, 'The emulator was told to fail.').body } = effect;
      stage.send({ status, headers, body });
      break;
    }
    case 'reset':
      if (effect.moment === 'after') await stage.answer();
      stage.reset();
      break;
    case 'hang':
      if (effect.moment === 'after effect') await stage.answer();
      if (effect.moment === 'mid body') stage.sendHalf(await stage.answer());
      stage.hang(effect.moment === 'mid body');
      break;
    case 'slow':
      await stage.aside(() => stage.pause(effect.ms));
      stage.send(await stage.answer());
      break;
    case 'late':
      effect.keep(() => stage.answer());
      stage.reset();
      break;
    case 'rewrite':
      stage.send(effect.change(await stage.answer(), stage.previous));
      break;
    case 'before':
      await stage.aside(() => effect.run(stage.request));
      stage.send(await stage.answer());
      break;
    case 'after': {
      const reply = await stage.answer();
      await stage.aside(() => effect.run(stage.request));
      stage.send(reply);
      break;
    }
    case undefined:
      stage.send(await stage.answer());
  }
}
