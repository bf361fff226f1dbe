/** Names that cross a boundary of the process, declared once: the terminal, the function and the stack must agree on them. */
export const ENVIRONMENT = {
  /** Okta API token (an SSWS token). */
  oktaApiToken: 'OKTA_API_TOKEN',
  /** OAuth service app of Okta, instead of a token. */
  oktaClientId: 'OKTA_CLIENT_ID',
  /** The service app's private RSA key: a JWK as JSON, or PEM. */
  oktaPrivateKey: 'OKTA_PRIVATE_KEY',
  /** The key's id in Okta, for a key in PEM; a JWK carries its own `kid`. */
  oktaKeyId: 'OKTA_KEY_ID',
  secodaApiKey: 'SECODA_API_KEY',
  /** Secrets Manager secrets that hold the credentials of the deployed function. */
  oktaSecretArn: 'OKTA_SECRET_ARN',
  secodaSecretArn: 'SECODA_SECRET_ARN',
  /** Addresses that override the configured ones. */
  oktaOrgUrl: 'OKTA_ORG_URL',
  secodaApiUrl: 'SECODA_API_URL',
} as const;

/** `process.env`, or a stand-in for it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; an empty or blank one is a missing one. Surrounding white space is never meant. */
export function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}
