/** The parts of Okta's SDK that are used: its own types are those of the whole. */

declare module '@okta/okta-sdk-nodejs/src/oauth.js' {
  /** Sends a request, and resolves with what `fetch` would. */
  export interface RequestExecutor {
    fetch(request: unknown): Promise<unknown>;
  }

  export interface ServiceApp {
    readonly baseUrl: string;
    readonly clientId: string;
    readonly scopes: readonly string[];
    /** A JWK. */
    readonly privateKey: string;
    readonly requestExecutor: RequestExecutor;
  }

  export class OAuth {
    constructor(app: ServiceApp);
    getAccessToken(): Promise<unknown>;
    clearCachedAccessToken(): void;
  }
}

declare module '@okta/okta-sdk-nodejs/src/http.js' {
  import type { OAuth, RequestExecutor } from '@okta/okta-sdk-nodejs/src/oauth.js';

  export class Http {
    constructor(options: {
      readonly requestExecutor: RequestExecutor;
      readonly oauth: OAuth | null;
      readonly cacheMiddleware: null;
    });
    readonly defaultHeaders: Record<string, string>;
    http(url: string, request: object): Promise<unknown>;
  }
}
