import { AccessError } from '../../errors.ts';
import type { Archive, Clock } from '../../ports.ts';
import type { Log } from './log.ts';

/** In milliseconds: most runs over few groups are done within seconds. */
const FIRST_LOOK = 500;
const LONGEST_PAUSE = 2_000;

/**
 * Looks for a text in the archive until it is there or `until` (epoch milliseconds) is reached: then `null`. What cannot be
 * read is looked for again: that the run goes on does not depend on anybody watching it.
 */
export async function watchFor(
  key: string,
  until: number,
  { archive, clock, log }: { readonly archive: Archive; readonly clock: Clock; readonly log: Log },
): Promise<string | null> {
  const over = new AbortController();
  const deadline = clock.sleep(Math.max(0, until - clock.now()), over.signal).then(
    () => null,
    () => null,
  );
  try {
    for (let pause = FIRST_LOOK; clock.now() < until; pause = Math.min(LONGEST_PAUSE, pause * 1.5)) {
      await clock.sleep(Math.min(pause, until - clock.now()));
      const look = archive.read(key).catch((error: unknown) => {
        if (error instanceof AccessError) throw error;
        log('warn', 'report not readable yet', { key, error: String(error) });
        return null;
      });
      const stored = await Promise.race([look, deadline]);
      if (stored !== null) return stored.text;
    }
    return null;
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    log('error', 'report not readable', { key, error: error.message });
    return null;
  } finally {
    over.abort();
  }
}
