/** A process that is measured: one run of a contender, told in one message. */
import { readFileSync } from 'node:fs';
import { systemClock } from '../../lambda/services/clock.ts';
import type { Clock } from '../../lambda/ports.ts';
import { Order, type Result } from './child-messages.ts';

/** What is measured; resolves with its exit code. */
export type Run = (
  order: Order,
  output: { readonly write: (text: string) => unknown },
  clock: Clock,
) => Promise<number>;

/** Waits for the order to run, reports how it went, and ends the process. */
export function measure(run: Run): void {
  process.on('message', (message) => {
    // Other messages are about time.
    const { data: order } = Order.safeParse(message);
    if (order === undefined) return;
    void obey(run, order).then((result) => process.send?.(result, () => process.exit(0)));
  });
}

async function obey(run: Run, order: Order): Promise<Result> {
  const clock = systemClock;
  let said = '';
  const output = { write: (text: string) => (said = (said + text).slice(-2_000)) };
  const startedAt = clock.now();
  const cpu = process.cpuUsage();
  const code = await run(order, output, clock);
  const { user, system } = process.cpuUsage(cpu);
  return {
    code,
    said,
    wallMs: clock.now() - startedAt,
    cpuMs: (user + system) / 1000,
    peakBytes: peakBytes(),
  };
}

/** The kernel's high-water mark where there is one: `maxRSS` can be that of the process that made this one. */
function peakBytes(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Only Linux has this file.
  }
  return process.resourceUsage().maxRSS * 1024;
}
