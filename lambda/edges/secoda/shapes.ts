import * as z from 'zod';

// The shapes of Secoda's published specification (8.22.39) as far as they are used; unknown fields are ignored.
// The messages complete "expected …", see `checked`.

const id = z.string('a string').min(1, 'a string that is not empty');

/** One row of `GET /api/v1/user`. That call is not in the specification; the fields are those that public clients read. */
export const UserRow = z.object({
  id,
  /** `null` is a person without an address; a missing key is a broken answer. */
  email: z.string('a string or null').nullable(),
  is_active: z.boolean('true, false or null').nullish(),
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
  /** `next` is null on the last page, although the specification says string. */
  readonly links: { readonly next: string | null };
  readonly meta?: { readonly page?: number | null | undefined } | null | undefined;
  /** Of all pages together. */
  readonly count: number;
  readonly total_pages?: number | null | undefined;
  readonly results: readonly Row[];
}

/** A numbered page, with no more checked than is used. */
export function pageOf<Row>(row: z.ZodType<Row>): z.ZodType<Page<Row>> {
  return z.object(
    {
      links: z.object({ next: z.string('a string or null').nullable() }, 'an object'),
      meta: z.object({ page: z.int('a number').nullish() }, 'an object').nullish(),
      count: z.int('a number').min(0, 'a number from 0 on'),
      total_pages: z.int('a number').nullish(),
      results: z.array(row, 'a list'),
    },
    'an object',
  );
}
