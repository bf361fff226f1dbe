/** The process that is measured: one run of the sync's command line, or of the plain loop, told in one message. */
import { readFileSync } from 'node:fs';
import { systemClock } from '../../lambda/services/clock.ts';
import { main } from '../../lambda/terminal/main.ts';
import { Order, type Result } from './child-messages.ts';
import { plainLoop } from './plain-loop.ts';

process.on('message', (message) => {
  // Other messages are about time.
  const { data: order } = Order.safeParse(message);
  if (order === undefined) return;
  void obey(order).then((result) => process.send?.(result, () => process.exit(0)));
});

async function obey(order: Order): Promise<Result> {
  const clock = systemClock;
  const { okta, secoda } = order;
  let said = '';
  const output = { write: (text: string) => (said = (said + text).slice(-2_000)) };
  const startedAt = clock.now();
  const cpu = process.cpuUsage();
  let code = 0;
  if (order.contender === 'sync') {
    code = await main(order.argv, {
      environment: { OKTA_API_TOKEN: okta.token, SECODA_API_KEY: secoda.key },
      stdout: output,
      stderr: output,
      clock,
      random: Math.random,
    });
  } else {
    await plainLoop({
      oktaUrl: okta.url,
      oktaToken: okta.token,
      secodaUrl: secoda.url,
      secodaKey: secoda.key,
      clock,
    }).catch((error: unknown) => {
      code = 1;
      output.write(String(error));
    });
  }
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
