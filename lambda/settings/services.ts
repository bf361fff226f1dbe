import { ADDRESS, closed, exactlyOneOf, fitting, list, oneOf, text, wholeNumber, yesOrNo } from './values.ts';
import { originProblem } from '../services/http/checked.ts';
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

const PACE = `'auto' or a whole number of at least 1`;

export const okta = closed({
  /** `https://acme.okta.com`, without a path. */
  orgUrl: address(orgUrlProblem, 'https://acme.okta.com'),
  /** One of `app`, `search`, `filter` and `all`. */
  groups: selection,
  /** Requests to Okta in any 60 s; or `'auto'`: a share of each bucket, as Okta's answers show it. */
  requestsPerMinute: z.union([z.literal('auto'), wholeNumber(1, PACE)], { error: PACE }).default('auto'),
  /** Groups in scope from which unchanged ones are not read again every time. */
  shortCutsFrom: wholeNumber(0).default(200),
  /** Days after which everything is read again anyway. */
  fullReadDays: wholeNumber(1).default(7),
});

export const secoda = closed({
  /** One of Secoda's clouds. */
  region: oneOf(['us', 'eu', 'apac']).optional(),
  /** Instead of `region`: the address of an installation of one's own. */
  url: address(originProblem, 'https://acme.secoda.co').optional(),
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

/** The schema of an address that credentials are sent to; the result is its origin. */
function address(check: AddressCheck, example: string) {
  return z.string({ error: `a URL such as ${example}` }).transform((text, context): string => {
    const problem = check(text.trim());
    if (problem === null) return new URL(text.trim()).origin;
    context.issues.push({ code: 'custom', message: problem, input: text });
    return z.NEVER;
  });
}

const EVENT_SOURCE = "the name of Okta's partner event source, such as aws.partner/okta.com/acme/sync";

export const notify = closed({
  /** Instead of a topic of the stack's own: one that is there, in the same region. Who hears of it is its owner's business. */
  topicArn: fitting(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic').optional(),
  /** Who is told by e-mail when an alarm goes off. */
  emails: list(fitting(ADDRESS, 'an e-mail address'), 'a list of e-mail addresses').default([]),
}).refine(({ topicArn, emails }) => topicArn === undefined || emails.length === 0, {
  error: 'no emails beside topicArn: subscribe them to that topic',
});

export const events = closed({
  /** Okta's Log Streaming into this account. */
  okta: closed({
    /** The partner event source as EventBridge shows it. */
    eventSource: fitting(/^aws\.partner\/okta\.com\/[\w./-]+$/, EVENT_SOURCE),
    /** Hours without any event after which somebody is told; CloudWatch looks back no more than seven days. */
    silentHours: wholeNumber(1)
      .max(168, { error: 'a whole number of hours, 168 (seven days) at most' })
      .default(24),
  }).optional(),
  /** Whether `hr.onboarding` events on the default bus are listened to. */
  hr: yesOrNo().default(false),
});

const secretArn = fitting(
  /^arn:aws[\w-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/,
  'the ARN of a Secrets Manager secret',
);

export const secrets = closed({
  /** An existing secret with Okta's credentials; without it the stack makes one. */
  okta: secretArn.optional(),
  /** An existing secret with Secoda's API key; without it the stack makes one. */
  secoda: secretArn.optional(),
});

export const archive = closed({
  /** How long records are kept. */
  days: wholeNumber(1).default(400),
  /** Which full runs keep a snapshot: those that changed, held or refused something, all of them, or none. */
  snapshots: oneOf(['changed', 'all', 'none']).default('changed'),
  /** How long snapshots are kept. */
  snapshotDays: wholeNumber(1).default(30),
  /** How long the ledger is kept, which no one can shorten for what is in it. */
  ledgerDays: wholeNumber(1).default(1100),
});
