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
  /** Real time; rejects when the emulator closes. */
  wait(ms: number): Promise<void>;
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
      break;
    case 'slow':
      await stage.wait(effect.ms);
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
      await effect.run(stage.request);
      stage.send(await stage.answer());
      break;
    case 'after': {
      const reply = await stage.answer();
      await effect.run(stage.request);
      stage.send(reply);
      break;
    }
    case undefined:
      stage.send(await stage.answer());
  }
}
