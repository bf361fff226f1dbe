import { Client, DefaultRequestExecutor, type User } from '@okta/okta-sdk-nodejs';
import pRetry from 'p-retry';
import type { Clock } from '../../lambda/ports.ts';

/**
 * What a careful engineer writes in an afternoon: the SDK's collections, `p-retry`, one group after the other, and a PATCH
 * for each group whose members differ. The measure that the sync is held against. It waits on `clock`, as all else here.
 */
export async function plainLoop(options: {
  readonly oktaUrl: string;
  readonly oktaToken: string;
  readonly secodaUrl: string;
  readonly secodaKey: string;
  readonly clock: Clock;
}): Promise<void> {
  const { oktaUrl, oktaToken, secodaUrl, secodaKey, clock } = options;
  // The SDK would wait for a 429 on the machine's own clock.
  const requestExecutor = new DefaultRequestExecutor({ maxRetries: 0, requestTimeout: 60_000 });
  const okta = new Client({ orgUrl: oktaUrl, token: oktaToken, requestExecutor });

  /** Waits as long as a 429 asks, and a second, two, four … after any other failure. */
  const patiently = <T>(call: () => Promise<T>): Promise<T> =>
    pRetry(call, {
      retries: 8,
      minTimeout: 0,
      onFailedAttempt: ({ error, attemptNumber }) =>
        clock.sleep(askedToWait(error, clock.now()) ?? 1000 * 2 ** (attemptNumber - 1)),
    });

  const secoda = (method: string, path: string, body?: unknown): Promise<unknown> =>
    patiently(async () => {
      const response = await fetch(new URL(path, secodaUrl), {
        method,
        headers: { authorization: `Bearer ${secodaKey}`, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      });
      if (response.ok) return response.json();
      throw new HttpError(`${method} ${path}: ${response.status}`, response.headers.get('retry-after'));
    });

  const everything = async <Row>(path: string, read: (row: unknown) => Row): Promise<Row[]> => {
    const rows: Row[] = [];
    for (let next: string | null = path; next !== null;) {
      const page = await secoda('GET', next);
      const results = field(page, 'results');
      if (!Array.isArray(results)) throw new Error(`${path}: not a list`);
      rows.push(...results.map(read));
      const link = field(field(page, 'links'), 'next');
      next = typeof link === 'string' ? link : null;
    }
    return rows;
  };

  const accounts = new Map(
    await everything('/api/v1/user?page_size=1000', (row) => [
      String(field(row, 'email')).toLowerCase(),
      String(field(row, 'id')),
    ]),
  );
  const mirrors = new Map(
    await everything('/api/v1/auth/group?page_size=100', (row) => {
      const users = field(row, 'users');
      return [
        String(field(row, 'name')),
        { id: String(field(row, 'id')), users: Array.isArray(users) ? users.map(String) : [] },
      ];
    }),
  );

  const groups = await patiently(async () => {
    const list = await okta.groupApi.listGroups({ filter: 'type eq "OKTA_GROUP"', limit: 200 });
    return collect(list);
  });
  for (const { id, profile } of groups) {
    const name = field(profile, 'name');
    if (id === undefined || typeof name !== 'string') continue;
    const people: User[] = await patiently(async () =>
      collect(await okta.groupApi.listGroupUsers({ groupId: id, limit: 200 })),
    );
    const wanted = people
      .filter(({ status }) => status === 'ACTIVE')
      .flatMap(({ profile: known }) => accounts.get(String(known?.email).toLowerCase()) ?? []);
    const mirror = mirrors.get(name);
    if (mirror === undefined) await secoda('POST', '/api/v1/auth/group', { name, users: wanted });
    else if (differs(wanted, mirror.users)) {
      await secoda('PATCH', `/api/v1/auth/group/${mirror.id}`, { name, users: wanted });
    }
  }
}

class HttpError extends Error {
  readonly retryAfter: string | null;
  constructor(message: string, retryAfter: string | null) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

/** By the headers of a 429; `null` where there is no such wish. */
function askedToWait(error: Error, now: number): number | null {
  if (error instanceof HttpError) return error.retryAfter === null ? null : Number(error.retryAfter) * 1000;
  if (field(error, 'status') !== 429) return null;
  const headers = field(error, 'headers');
  const reset = headers instanceof Object && 'get' in headers ? resetOf(headers) : Number.NaN;
  return Number.isNaN(reset) ? null : Math.max(0, reset * 1000 - now) + 1000;
}

function resetOf(headers: object & Record<'get', unknown>): number {
  return typeof headers.get === 'function'
    ? Number(Reflect.apply(headers.get, headers, ['x-rate-limit-reset']))
    : Number.NaN;
}

async function collect<T>(collection: { each(use: (item: T) => void): Promise<unknown> }): Promise<T[]> {
  const items: T[] = [];
  await collection.each((item) => void items.push(item));
  return items;
}

function differs(wanted: readonly string[], shown: readonly string[]): boolean {
  const members = new Set(shown);
  return wanted.length !== members.size || wanted.some((id) => !members.has(id));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
