import { UsageError } from '../../errors.ts';

/**
 * What is wrong with an address that is to receive a credential, in words that complete "… must be"; `null` if nothing
 * is. It has to be an origin alone, over TLS; plain `http` is taken for loopback only, where nothing leaves the machine.
 */
export function originProblem(text: string): string | null {
  const placeholder = PLACEHOLDER.exec(text)?.[0];
  if (placeholder !== undefined)
    return `a real address: ${placeholder} is a placeholder of some instructions`;
  if (!URL.canParse(text)) return 'a URL such as https://example.com';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'a URL without a user name or password';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'a URL that starts with https://';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'a URL that starts with https:// (plain http is for 127.0.0.1, ::1 and localhost only)';
  }
  if (url.search !== '' || url.hash !== '') return 'a URL without a query or fragment';
  return url.pathname === '/' ? null : 'a URL without a path';
}

/** `https://{yourOktaDomain}`, as Okta's documentation has it, would be a valid URL. */
const PLACEHOLDER = /\$?\{[^}]*\}|<[^>]*>|your-?okta-?domain/i;

/** The origin that `text` names. Throws `UsageError`; `what` names the setting that the address came from. */
export function originOf(text: string, what: string): URL {
  const problem = originProblem(text);
  if (problem !== null) throw new UsageError([`${what} must be ${problem}`]);
  return new URL(new URL(text).origin);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
