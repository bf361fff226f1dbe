import { describe, expect, it } from 'vitest';
import { TurnOver } from '../../lambda/errors.ts';
import { createTurns } from '../../lambda/turn/turns.ts';
import { LIMIT, MINUTE_MS, send, stage } from './stage.ts';

describe('the turn', () => {
  it('belongs to one run at a time, and to the next as soon as it is given up', async () => {
    const { clock, turns, waits } = stage();
    await clock.run(
      (async () => {
        const first = await turns('a').take();
        const second = turns('b').take();
        await clock.sleep(10_000);
        expect(waits).toEqual(['b turn']);
        const givenUpAt = clock.now();
        await first.release();
        await (await second).enter(true);
        expect(clock.now() - givenUpAt).toBeLessThanOrEqual(500);
        await expect(first.enter(true)).rejects.toThrow(TurnOver);
      })(),
    );
  });

  it('is renewed by every write, deletions too', async () => {
    const { clock, turns, file } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        for (const metered of [true, false]) {
          await clock.sleep(30_000);
          await turn.enter(metered);
          turn.leave(metered);
          expect(file()).toMatchObject({ holder: { runId: 'a' }, expiresAt: clock.now() + MINUTE_MS });
        }
      })(),
    );
  });

  it('passes on after a minute and not before when its holder is gone; a late riser may not write', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const gone = await turns('a').take();
        await clock.sleep(20_000);
        await gone.enter(true);
        const lastAt = clock.now();
        const next = await turns('b').take();
        expect(clock.now() - lastAt).toBeGreaterThanOrEqual(MINUTE_MS);
        expect(clock.now() - lastAt).toBeLessThanOrEqual(MINUTE_MS + 500);
        for (const metered of [true, false]) await expect(gone.enter(metered)).rejects.toThrow(TurnOver);
        await expect(gone.renew()).rejects.toThrow('another run has taken the turn');
        await gone.release();
        await next.enter(true);
      })(),
    );
  });

  it('is refused to its holder by the next write when it was taken for dead', async () => {
    const { clock, turns, dead } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        dead.add('a');
        await turns('b').take();
        await expect(turn.enter(true)).rejects.toThrow('another run has taken the turn');
      })(),
    );
  });

  it('is over for a late riser even if nobody wanted it, since what was read has aged', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        await clock.sleep(36_000);
        await expect(turn.enter(true)).rejects.toThrow('the turn took too long');
        await turn.renew();
        await turn.enter(true);
      })(),
    );
  });

  it('writes nothing on reads older than two minutes, however often it was renewed', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        for (let round = 0; round < 2; round++) {
          for (let n = 0; n < 4; n++) {
            await turn.enter(true);
            turn.leave(true);
            await clock.sleep(30_100);
          }
          await expect(turn.enter(true)).rejects.toThrow('the turn took too long');
          await turn.renew();
        }
      })(),
    );
  });

  it('passes on at once when its holder is seen to be dead', async () => {
    const { clock, turns, dead } = stage();
    await clock.run(
      (async () => {
        await send(await turns('a').take(), 3, clock);
        const died = await turns('b')
          .take()
          .catch(() => null);
        expect(died).not.toBeNull();
        dead.add('b');
        const before = clock.now();
        await turns('c').take();
        expect(clock.now()).toBe(before);
      })(),
    );
  });

  it('passes on from the dead after two seconds when a write was on its way', async () => {
    const { clock, turns, dead } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        await turn.enter(true);
        const sentAt = clock.now();
        dead.add('a');
        await turns('b').take();
        expect(clock.now() - sentAt).toBeGreaterThanOrEqual(2_000);
        expect(clock.now() - sentAt).toBeLessThanOrEqual(2_500);
      })(),
    );
  });

  it('is over after a minute even if the holder’s clock was hours ahead', async () => {
    const { clock, turns, archive } = stage();
    const holder = { runId: 'a', pid: null, host: null };
    const ahead = { takenAt: clock.now() + 7_200_000, expiresAt: clock.now() + 7_260_000 };
    const nothing = {
      writes: Array.from({ length: LIMIT }, () => ahead.takenAt),
      sending: [],
      blockedUntil: 0,
      waiting: [],
    };
    archive.texts.set('turn.json', JSON.stringify({ version: 1, holder, ...ahead, ...nothing }));
    const before = clock.now();
    await clock.run(turns('b').take());
    expect(clock.now() - before).toBeLessThanOrEqual(MINUTE_MS + 5_000);
  });

  it('lets nothing be sent that could outlast it', async () => {
    const { clock, turns, archive, file } = stage();
    const swap = archive.swap.bind(archive);
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        archive.swap = async (...args) => {
          const tag = await swap(...args);
          await clock.sleep(36_000);
          return tag;
        };
        await expect(turn.enter(true)).rejects.toThrow('the archive answered too slowly');
        await turn.release();
        expect(file()).toMatchObject({ holder: null, writes: [], sending: [] });
      })(),
    );
  });

  it('has to be taken again by whoever gave it up', async () => {
    const { clock, turns, file } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        await turn.release();
        await expect(turn.enter(true)).rejects.toThrow('the turn was given up');
        expect(file()).toMatchObject({ holder: null, sending: [] });
      })(),
    );
  });

  it('is given back without a word when it is lost or the archive cannot be reached', async () => {
    const { turns, archive, clock } = stage();
    await clock.run(
      (async () => {
        const lost = await turns('a').take();
        archive.texts.delete('turn.json');
        await lost.release();
        await lost.release();
        const cutOff = await turns('b').take();
        archive.swap = () => Promise.reject(new Error('no route'));
        await expect(cutOff.enter(true)).rejects.toThrow('no route');
        await cutOff.release();
      })(),
    );
  });

  it('is recognised by its holder when the answer to taking or renewing it was lost', async () => {
    const { turns, archive, clock } = stage();
    const startedAt = clock.now();
    await clock.run(
      (async () => {
        archive.loseAnswer();
        const turn = await turns('a').take();
        archive.loseAnswer();
        await turn.enter(true);
        turn.leave(true);
        archive.loseAnswer();
        await turn.release();
        await turns('b').take();
      })(),
    );
    expect(clock.now()).toBe(startedAt);
  });

  it('is not taken twice by processes of one run', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const first = await turns('a').take();
        const again = turns('a').take();
        await clock.sleep(30_000);
        await first.enter(true);
        await again;
        await expect(first.renew()).rejects.toThrow('another run has taken the turn');
      })(),
    );
  });

  it('cannot be had for requests that could outlast it', () => {
    const { archive, clock } = stage();
    const holder = { runId: 'a', pid: null, host: null };
    const rest = { listen: () => undefined, mayBeAlive: () => true, writesPerMinute: LIMIT };
    expect(() => createTurns({ archive, clock, holder, ...rest, requestMs: MINUTE_MS })).toThrow(RangeError);
  });
});
