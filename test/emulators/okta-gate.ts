import type { Call, Reply } from './exchange.ts';
import { CriteriaError } from './okta-criteria.ts';
import { badCriteria, forbidden, unauthorised } from './okta-errors.ts';
import type { OktaLimits } from './okta-limits.ts';
import type { OktaTokens } from './okta-tokens.ts';

/** The scope that each family of routes needs of an access token. An API token may do what its owner may. */
const scopes: Readonly<Record<string, string>> = {
  'okta.group.': 'okta.groups.read',
  'okta.app.': 'okta.apps.read',
  'okta.user.': 'okta.users.read',
};

export interface Gate {
  /** The one that is valid now. */
  readonly apiToken: () => string;
  readonly tokens: OktaTokens;
  readonly limits: OktaLimits;
}

/** Lets a call through to its handler if the rate limits and its credentials allow it. */
export function gate({
  apiToken,
  tokens,
  limits,
}: Gate): (call: Call, next: () => Promise<Reply>) => Promise<Reply> {
  return (call, next) =>
    limits.admit(call.served.path, async () => {
      const refused = call.route.name === 'okta.token' ? undefined : await refusal(call);
      return refused ?? (await understood(next));
    });

  async function refusal({ served, route }: Call): Promise<Reply | undefined> {
    const [scheme = '', credential = ''] = (served.headers.authorization ?? '').split(' ');
    if (scheme === 'SSWS')
      return credential === apiToken() ? undefined : unauthorised('The API token is invalid');
    const token = tokens.find(credential);
    if (token === undefined) return unauthorised('The access token is invalid or has expired');
    if (scheme !== (token.thumbprint === null ? 'Bearer' : 'DPoP'))
      return unauthorised(`Not a ${scheme} token`);
    if (token.thumbprint !== null) {
      try {
        const proof = await tokens.prove(served.headers.dpop ?? '', served.method, served.path, credential);
        if (proof.thumbprint !== token.thumbprint) return unauthorised('The proof is of another key');
      } catch (error) {
        return unauthorised(error instanceof Error ? error.message : String(error));
      }
    }
    const needed = Object.entries(scopes).find(([family]) => route.name.startsWith(family))?.[1];
    if (needed === undefined || token.scopes.includes(needed)) return undefined;
    return forbidden([['www-authenticate', `Bearer error="insufficient_scope", scope="${needed}"`]]);
  }
}

async function understood(next: () => Promise<Reply>): Promise<Reply> {
  try {
    return await next();
  } catch (error) {
    if (error instanceof CriteriaError) return badCriteria(error.message);
    throw error;
  }
}
