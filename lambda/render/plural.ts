/** A number with its noun: `1 group`, `2 groups`, `3 people`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
