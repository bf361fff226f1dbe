import { SourceError } from '../../errors.ts';

/**
 * A link to the next page. Only its query is to be used: scheme, host and path may be those of a proxy, and the key goes
 * to the configured origin alone. Throws `SourceError` where it is no URL; `where` names the page that has it.
 */
export function nextUrl(link: string, origin: URL, where: string): URL {
  if (!URL.canParse(link, origin.href)) throw new SourceError(`${where}: links.next: expected a URL or null`);
  return new URL(link, origin);
}
