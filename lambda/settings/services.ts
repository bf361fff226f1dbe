import { closed, exactlyOneOf, oneOf, text, wholeNumber, yesOrNo } from './values.ts';
import { originProblem } from '../services/http/origin.ts';
import * as z from 'zod';

/** Which Okta groups are read at all; `all` means those of type OKTA_GROUP. */
export type OktaSelection =
  | { readonly app: string }
  | { readonly search: string }
  | { readonly filter: string }
  | { readonly all: true };

/** Where the workspace lives: one of Secoda's clouds, or an installation of one's own. */
export type SecodaPlace = { readonly region: 'us' | 'eu' | 'apac' } | { readonly url: string };

const selection = closed({
  /** Id of an Okta app: the groups assigned to it. */
  app: text('the id of an Okta app, such as 0oa1…').optional(),
  /** A `search` expression of `GET /api/v1/groups`; Okta's index lags behind changes by seconds. */
  search: text('a search expression for Okta groups').optional(),
  /** A `filter` expression of `GET /api/v1/groups`. */
  filter: text('a filter expression for Okta groups').optional(),
  /** Every group of type OKTA_GROUP. */
  all: yesOrNo()
    .refine((all) => all, { error: 'true, or another way to select groups' })
    .optional(),
})
  .check(exactlyOneOf(['app', 'search', 'filter', 'all']))
  .transform(({ app, search, filter }): OktaSelection => {
    if (app !== undefined) return { app };
    if (search !== undefined) return { search };
    return filter === undefined ? { all: true } : { filter };
  });

export const okta = closed({
  /** `https://acme.okta.com`, without a path. */
  orgUrl: address(orgUrlProblem, 'https://acme.okta.com'),
  /** One of `app`, `search`, `filter` and `all`. */
  groups: selection,
  /** Requests to one family of Okta's API in any 60 s: a share of the org's bucket, never all of it. */
  requestsPerMinute: wholeNumber(1).default(200),
  /** Groups in scope from which unchanged ones are not read again every time. */
  shortCutsFrom: wholeNumber(0).default(200),
  /** Days after which everything is read again anyway. */
  fullReadDays: wholeNumber(1).default(7),
});

export const secoda = closed({
  /** One of Secoda's clouds. */
  region: oneOf(['us', 'eu', 'apac']).optional(),
  /** Instead of `region`: the address of an installation of one's own. */
  url: address(secodaUrlProblem, 'https://acme.secoda.co').optional(),
  /** POST and PATCH requests in any 60 s. Secoda allows 30, over all users of the workspace. */
  writesPerMinute: wholeNumber(1).default(30),
})
  .check(exactlyOneOf(['region', 'url']))
  .transform(({ region, url, writesPerMinute }): { place: SecodaPlace; writesPerMinute: number } => ({
    place: region === undefined ? { url: url ?? '' } : { region },
    writesPerMinute,
  }));

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
