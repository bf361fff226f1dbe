import * as z from 'zod';
import { normaliseAddress } from '../../core/people/address.ts';
import { byText } from '../../core/model/order.ts';
import { UNSAFE } from '../../core/model/json.ts';
import { ADDRESS } from '../../settings/values.ts';

const EMAIL = 'an e-mail address';

/** An address in the form in which addresses are compared; `null` when the text is none. */
export function addressIn(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > LIMITS.address) return null;
  const normal = normaliseAddress(text);
  return normal !== null && ADDRESS.test(normal) && !UNSAFE.test(normal) ? normal : null;
}

/** An id as Okta gives them; `null` when the value cannot be one. In Okta's paths `me` stands for whoever asks. */
export function idIn(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > LIMITS.id || value === 'me') return null;
  return /^\w[\w-]*$/.test(value) ? value : null;
}

/** The schema of an address; the result is in the form in which addresses are compared. */
export function address() {
  return z.string({ error: EMAIL }).transform((text, context): string => {
    const found = addressIn(text);
    if (found !== null) return found;
    context.issues.push({ code: 'custom', message: EMAIL, input: text });
    return z.NEVER;
  });
}

/** The schema of an id of Okta. */
export function id() {
  return z.string({ error: 'an Okta id' }).refine((text) => idIn(text) !== null, { error: 'an Okta id' });
}

/** 1 to `most` texts; whatever their order and however often each is said, the result is the same. */
export function someOf<Item extends z.ZodType<string>>(item: Item, most: number, what: string) {
  const error = `a list of 1 to ${most} ${what}`;
  return z
    .array(item, { error })
    .min(1, { error })
    .max(most, { error })
    .transform((found): string[] => sorted(found));
}

/** Each once, in an order that does not depend on the one they came in. */
export function sorted(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(byText);
}

/**
 * How much one event may name. An asynchronous invocation takes 256 KB, and what names more is done sooner by a run over
 * everything.
 */
export const LIMITS = {
  groups: 100,
  people: 200,
  /** Characters of a group's name, of an id, and of an address (RFC 5321). */
  name: 400,
  id: 100,
  address: 254,
} as const;
