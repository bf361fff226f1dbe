import * as z from 'zod';

/** What a measured process is told, and what it reports. */
export const Order = z.object({
  contender: z.enum(['sync', 'plain loop']),
  argv: z.array(z.string()),
  okta: z.object({ url: z.string(), token: z.string() }),
  secoda: z.object({ url: z.string(), key: z.string() }),
});
export type Order = z.infer<typeof Order>;

export const Result = z.object({
  code: z.number(),
  /** The last lines that were written to stdout and stderr. */
  said: z.string(),
  /** By the clock that the process lives in. */
  wallMs: z.number(),
  /** User and system, of the process, without its start. */
  cpuMs: z.number(),
  /** The most memory that the operating system ever counted for the process, its start included. */
  peakBytes: z.number(),
});
export type Result = z.infer<typeof Result>;
