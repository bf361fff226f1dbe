import { onTestFinished, vi } from 'vitest';

/**
 * Takes, for the rest of the test, the lines of JSON that are printed, as a function's log and metrics are. Whatever else is
 * printed goes where it goes.
 */
export function takeLines(): readonly string[] {
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    const spy = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      if (!text.startsWith('{')) return write(text);
      lines.push(...text.split('\n').filter((line) => line !== ''));
      return true;
    });
    onTestFinished(() => spy.mockRestore());
  }
  return lines;
}
