/** How Okta is told who is asking: an API token, or a service app that signs with its private key. */
export type OktaCredentials = ApiToken | ServiceApp;

export interface ApiToken {
  readonly apiToken: string;
}

export interface ServiceApp {
  readonly clientId: string;
  /** RSA, as JWK (JSON) or PEM (PKCS1 or PKCS8). */
  readonly privateKey: string;
  /** The key's id at Okta; a JWK may bring its own. */
  readonly keyId?: string;
}
