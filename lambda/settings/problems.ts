import type * as z from 'zod';
import { printable } from '../render/escape.ts';
import { isObject } from './values.ts';

/** The longest piece of somebody's value that a problem repeats, in characters. */
const VALUE_LENGTH = 60;

/** One line for each thing that is wrong: where, what was expected and what came. */
export function problemsOf(error: z.ZodError, input: unknown): readonly string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const lines = issue.message.split('\n');
      return issue.keys.map(
        (key, index) => `${place([...issue.path, key])}: ${lines[index] ?? 'unknown key'}`,
      );
    }
    const came = valueAt(input, issue.path);
    // Somebody may have put the credential itself where its ARN belongs.
    const secret = issue.path[0] === 'secrets' && came !== undefined;
    return [problem(place(issue.path), issue.message, secret ? 'something else' : described(came))];
  });
}

/** The problem with one value; `came` is the value as it may be shown (see `described`). */
export function problem(where: string, expected: string, came: string): string {
  return `${where}: expected ${expected}, got ${came}`;
}

/** `groups.map["BI team"]`, `groups.rename[0].to`. */
function place(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[a-z]\w*$/i.test(String(key))) text += text === '' ? String(key) : `.${String(key)}`;
    else text += `[${printable(JSON.stringify(String(key)), VALUE_LENGTH)}]`;
  }
  return text === '' ? 'the configuration' : text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, key)?.value;
  }
  return value;
}

/**
 * A value as a problem may repeat it. Objects are named by their keys only: what stands in an unknown one may be a
 * credential in the wrong place.
 */
export function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return printable(JSON.stringify(withoutSecrets(value)), VALUE_LENGTH);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (!isObject(value)) return `a ${typeof value}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? 'an empty object' : printable(`an object with ${keys.join(', ')}`, VALUE_LENGTH);
}

/** An address may carry a password or a token, which nobody should read in a log. */
function withoutSecrets(text: string): string {
  return text.replace(/\/\/[^/?#]*@/, '//…@').replace(/^(\w+:\/\/[^?#]*)[?#].*$/s, '$1?…');
}
