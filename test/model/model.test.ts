import fc from 'fast-check';
import { describe, it } from 'vitest';
import { numbers, tryWorld } from './play.ts';

/** The seed of every property, see test/seed.ts. */
const { seed = 0 } = fc.readConfigureGlobal();

describe('night by night, runs do what they must and nothing else', () => {
  it.each(numbers(seed, 40))('in world %i', async (number) => {
    const broken = await tryWorld(number);
    if (broken !== null) throw new Error(broken);
  });
});
