import { isJsonObject, type JsonObject, parseJson } from '../emulators/json.ts';

/** Every line of JSON that the processes printed, in order. */
export function linesOf(printed: string): readonly JsonObject[] {
  return printed.split('\n').flatMap((line) => {
    const parsed = line.startsWith('{') ? parseJson(line) : undefined;
    return isJsonObject(parsed) ? [parsed] : [];
  });
}

/** How often each line of the log was printed: `step plan`, `change Group 001`, `run`; `metrics` for those. */
export function countsOf(printed: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of linesOf(printed)) {
    const { message, step, group } = line;
    const about = [message ?? 'metrics', step, group].filter((part) => typeof part === 'string');
    const key = about.join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
