import * as z from 'zod';
import { originProblem } from '../services/http/origin.ts';

/** What is wrong with an address, in words that complete "expected …"; `null` if nothing is. */
export type AddressCheck = (text: string) => string | null;

/** Okta's API is not at the address of its admin console (`acme-admin.okta.com`), which people copy by mistake. */
export function orgUrlProblem(text: string): string | null {
  const problem = originProblem(text);
  if (problem !== null) return problem;
  return /^[^.]+-admin\./.test(new URL(text).hostname)
    ? "the org's own address, without -admin, such as https://acme.okta.com"
    : null;
}

/** What is wrong with the address of Secoda; `null` when nothing is. */
export function secodaUrlProblem(text: string): string | null {
  return originProblem(text);
}

/** The origin that an address without problems stands for, without a trailing slash. */
export function originOf(text: string): string {
  return new URL(text).origin;
}

/** The schema of an address that credentials are sent to; the result is its origin. */
export function address(check: AddressCheck, example: string) {
  return z.string({ error: `a URL such as ${example}` }).transform((text, context): string => {
    const problem = check(text.trim());
    if (problem === null) return originOf(text.trim());
    context.issues.push({ code: 'custom', message: problem, input: text });
    return z.NEVER;
  });
}
