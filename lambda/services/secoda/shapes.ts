import * as z from 'zod';

// The shapes of Secoda's published specification (8.22.39) as far as they are used; unknown fields are ignored.
// The messages complete "expected …", see `checked`.

const id = z.string('a string').min(1, 'a string that is not empty');

/** `null` for a text that says nothing: an empty one, or `"None"` as the reference prints what is absent. */
function said<T>(value: T): T | null {
  return typeof value === 'string' && /^\s*(none)?\s*$/i.test(value) ? null : value;
}

/** What is there, or `null` for nothing, however that is said: no key, `null`, or a text that says so. */
function orNothing<T>(schema: z.ZodType<T>): z.ZodType<T | null> {
  return z
    .preprocess(said, schema.nullish())
    .optional()
    .transform((value) => value ?? null);
}

const FLAG = 'true, false or null';

/** A boolean, or a text that says one, as the reference prints `pending`. */
const Flag = orNothing(
  z
    .union([z.boolean(), z.string().regex(/^\s*(true|false)\s*$/i, FLAG)], FLAG)
    .transform((said) => said === true || (said !== false && said.trim().toLowerCase() === 'true')),
);

/** The fields of a user that say whether they are active: three as published (8.22.39), the last as old clients have it. */
export const ACTIVITY = ['pending', 'disabled', 'is_service_account', 'is_active'] as const;

/** One row of `GET /api/v1/user`, of the same reference. */
export const UserRow = z.object({
  id,
  /** `null` is a person without an address; a missing key is a broken answer. */
  email: z.string('a string or null').nullable().transform(said),
  pending: Flag,
  disabled: Flag,
  is_service_account: Flag,
  is_active: Flag,
});

/** A group as `/api/v1/auth/group` shows it, in lists and by itself. */
export const GroupRow = z.object(
  {
    /** Stands in paths: anything but a word there could name another resource. */
    id: z.string('a string').regex(/^[\w-]+$/, 'an id of letters, digits and dashes'),
    name: z.string('a string'),
    description: z.string('a string or null').nullish(),
    users: z.array(id, 'a list of user ids'),
    updated_at: z.string('a string or null').nullish(),
  },
  'a group',
);

/** One page of a numbered list. */
export interface Page<Row> {
  /** `next` is null on the last page. */
  readonly links: { readonly next: string | null };
  readonly meta?: { readonly page: number | null } | null | undefined;
  /** Of all pages together. */
  readonly count: number;
  readonly total_pages: number | null;
  readonly results: readonly Row[];
}

/** A numbered page, with no more checked than is used. */
export function pageOf<Row>(row: z.ZodType<Row>): z.ZodType<Page<Row>> {
  return z.object(
    {
      links: z.object({ next: orNothing(z.string('a string or null')) }, 'an object'),
      meta: z.object({ page: orNothing(z.int('a number')) }, 'an object').nullish(),
      count: z.int('a number').min(0, 'a number from 0 on'),
      total_pages: orNothing(z.int('a number')),
      results: z.array(row, 'a list'),
    },
    'an object',
  );
}

/** One string for each user id, so that a membership costs a reference: two million of them fit in memory. */
export class SharedIds {
  readonly #ids = new Map<string, string>();

  same(id: string): string {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    this.#ids.set(id, id);
    return id;
  }
}
