const UNIT_MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

/** An interval such as `10 minutes` in the form that AWS rates want (`1 hour`, `2 hours`), or `null` when it is none. */
export function readInterval(text: string): { readonly every: string; readonly ms: number } | null {
  const [, digits = '', unit = ''] = /^\s*(\d+)\s+(minute|hour|day)s?\s*$/i.exec(text) ?? [];
  const count = Number(digits);
  const minutes = UNIT_MINUTES[unit.toLowerCase()];
  if (minutes === undefined || count < 1 || !Number.isSafeInteger(count * minutes * 60_000)) return null;
  return { every: `${count} ${unit.toLowerCase()}${count === 1 ? '' : 's'}`, ms: count * minutes * 60_000 };
}
