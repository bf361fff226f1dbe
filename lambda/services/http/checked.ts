import * as z from 'zod';
import { SourceError, UsageError } from '../../errors.ts';

/**
 * `value` as `schema` wants it; the schema's messages complete "expected …". Throws `SourceError` naming the request
 * (`where`: method and path), the first wrong field, what was expected and what kind of thing came, never its value.
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path ?? [];
  const field = path.length === 0 ? 'the answer' : path.reduce(fieldName, '');
  throw new SourceError(
    `${where}: ${field}: expected ${issue?.message ?? 'another shape'}, got ${kindOf(value, path)}`,
  );
}

/**
 * The same schema, for what comes by the thousand: compiled at the first value, which takes some milliseconds, it lets what is as
 * it should be pass in a tenth of the time. Whatever else there is comes to the schema itself, which says what is wrong.
 */
export function compiled<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.lazy(() => z.compile(schema));
}

function fieldName(path: string, step: PropertyKey): string {
  if (typeof step === 'number') return `${path}[${step}]`;
  return path === '' ? String(step) : `${path}.${String(step)}`;
}

/** One short line of what a service said: without control characters and without any of `secrets`, of `longest` characters. */
export function oneLine(text: string, secrets: readonly string[], longest: number): string {
  const safe = secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '[hidden]'), text);
  const letters = Array.from(safe.replace(/[\s\p{C}]+/gu, ' ').trim());
  return letters.length <= longest ? letters.join('') : `${letters.slice(0, longest).join('')}…`;
}

/** Says what is there by its kind alone: values are people's data, and may be long. */
function kindOf(value: unknown, path: readonly PropertyKey[]): string {
  const found = path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  );
  if (found === undefined) return 'nothing (the field is missing)';
  if (found === null) return 'null';
  if (found === '') return 'an empty string';
  if (Array.isArray(found)) return 'a list';
  return typeof found === 'object' ? 'an object' : `a ${typeof found}`;
}

/**
 * What is wrong with an address that is to receive a credential, in words that complete "… must be"; `null` if nothing
 * is. It has to be an origin alone, over TLS; plain `http` is taken for loopback only, where nothing leaves the machine.
 */
export function originProblem(text: string): string | null {
  const placeholder = PLACEHOLDER.exec(text)?.[0];
  if (placeholder !== undefined)
    return `a real address: ${placeholder} is a placeholder of some instructions`;
  if (!URL.canParse(text)) return 'a URL such as https://example.com';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'a URL without a user name or password';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'a URL that starts with https://';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'a URL that starts with https:// (plain http is for 127.0.0.1, ::1 and localhost only)';
  }
  if (url.search !== '' || url.hash !== '') return 'a URL without a query or fragment';
  return url.pathname === '/' ? null : 'a URL without a path';
}

/** `https://{yourOktaDomain}`, as Okta's documentation has it, would be a valid URL. */
const PLACEHOLDER = /\$?\{[^}]*\}|<[^>]*>|your-?okta-?domain/i;

/** The origin that `text` names. Throws `UsageError`; `what` names the setting that the address came from. */
export function originOf(text: string, what: string): URL {
  const problem = originProblem(text);
  if (problem !== null) throw new UsageError([`${what} must be ${problem}`]);
  return new URL(new URL(text).origin);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
