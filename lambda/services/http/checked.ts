import type * as z from 'zod';
import { SourceError } from '../../errors.ts';

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

function fieldName(path: string, step: PropertyKey): string {
  if (typeof step === 'number') return `${path}[${step}]`;
  return path === '' ? String(step) : `${path}.${String(step)}`;
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
