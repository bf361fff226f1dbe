import { inspect } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import type { Served } from './emulators/exchange.ts';

/** A service that logs the requests it got. */
export interface Asked {
  readonly requests: readonly Served[];
}

/** Everything that these requests carried to prove who asks: keys, tokens, assertions and proofs. */
export function carriedTo(...services: readonly Asked[]): ReadonlySet<string> {
  const requests = services.flatMap((service) => service.requests);
  const credentials = requests.flatMap(({ headers, body }) => [
    headers['authorization']?.split(' ')[1] ?? '',
    headers['dpop'] ?? '',
    new URLSearchParams(body).get('client_assertion') ?? '',
  ]);
  return new Set(credentials.filter((credential) => credential !== ''));
}

export function expectNone(credentials: Iterable<string>, text: string, where: string): void {
  for (const credential of credentials) expect(text, `a credential is in ${where}`).not.toContain(credential);
}

const watched = new Set<Asked>();
const errors: string[] = [];

/** Searches, when the test has ended, the errors that it was told for whatever this service was asked with. */
export function keepDiscreet(service: Asked): void {
  watched.add(service);
  onTestFinished(() => {
    const texts = errors.join('\n');
    watched.delete(service);
    if (watched.size === 0) errors.length = 0;
    expectNone(carriedTo(service), texts, 'an error');
  });
}

/** What `promise` is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    // With its stack, its causes and all its fields, as a program would print it that dies of it.
    errors.push(inspect(error, { depth: Infinity, showHidden: true }));
    if (error instanceof Error) return error;
  }
  throw new Error('It was expected to fail with an error');
}
