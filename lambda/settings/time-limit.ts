import { type Context, createContext, Script } from 'node:vm';
import type { InTime } from '../core/model/rules.ts';

/** What takes longer is given up: an honest rename rule takes some microseconds. */
const LIMIT_MS = 1_000;
const script = new Script('work()');
/** Made once, since that takes longer than the work. */
let context: Context | null = null;
const global: { work: () => void } = { work: () => undefined };
/** What took too long, for the life of the process: it costs its second once. */
const given = new Set<string>();

/** Lets synchronous work take a second. Nothing but `node:vm` can end a regular expression in the midst of a match. */
export const inTime: InTime = (about, work) => {
  if (given.has(about)) return null;
  const results: ReturnType<typeof work>[] = [];
  try {
    context ??= createContext(global);
    global.work = () => void results.push(work());
    script.runInContext(context, { timeout: LIMIT_MS });
  } catch (error) {
    // Its class is that of the other context.
    const late = typeof error === 'object' && error !== null && 'code' in error;
    if (!late || error.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    given.add(about);
    return null;
  }
  return results[0] ?? null;
};
