import { SourceError, UsageError } from '../../errors.ts';
import { Refusal } from './refusal.ts';
import type { Selection } from './selection.ts';

/** Okta refuses a `search` or `filter` that it cannot read with this code: the configuration is wrong, not the source. */
const INVALID_CRITERIA = 'E0000031';

/** The error as one of the configuration where Okta refuses its `search` or `filter`; any other as it is. */
export function inWordsOfTheSelection(error: unknown, selection: Selection): unknown {
  const refusal = error instanceof SourceError ? error.cause : undefined;
  if (!(refusal instanceof Refusal) || refusal.code !== INVALID_CRITERIA) return error;
  const key = 'search' in selection ? 'okta.groups.search' : 'okta.groups.filter';
  return new UsageError([`${key} is not an expression that Okta understands. ${refusal.message}`]);
}

/** Throws for a listing that Okta says does not exist. */
export function nothingListed(selection: Selection, { pathname }: URL): never {
  if ('app' in selection) {
    throw new UsageError([
      `okta.groups.app: Okta knows no app ${JSON.stringify(selection.app)} (GET ${pathname} answered 404): check the id (0oa…), and that the credentials' admin role covers this app`,
    ]);
  }
  throw new SourceError(
    `GET ${pathname}: Okta answered 404: is okta.orgUrl the address of the Okta org itself?`,
  );
}
