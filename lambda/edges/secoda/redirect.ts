import type { SecodaAnswer, SecodaConnection } from './connection.ts';

/** Where a redirect points, for people: the origin and nothing else, since the rest may hold anything. */
export function redirectTarget(connection: SecodaConnection, answer: SecodaAnswer): string {
  const location = answer.headers.get('location') ?? '';
  if (answer.otherSlash) return 'the same path with and without a slash at its end, in turn';
  if (location === '' || !URL.canParse(location, connection.origin.href)) return 'nowhere in particular';
  const target = new URL(location, connection.origin);
  return target.origin === connection.origin.origin ? `another path on ${target.origin}` : target.origin;
}
