import { type Header, type Reply, reply } from './exchange.ts';
import type { JsonObject } from './json.ts';

const codes: Readonly<Record<number, string>> = {
  400: 'E0000001',
  401: 'E0000011',
  403: 'E0000006',
  404: 'E0000007',
  429: 'E0000047',
  500: 'E0000009',
};

const summaries: Readonly<Record<string, string>> = {
  E0000006: 'You do not have permission to perform the requested action',
  E0000009: 'Internal Server Error',
  E0000011: 'Invalid token provided',
  E0000031: 'Invalid search criteria.',
  E0000047: 'API call exceeded rate limit due to too many requests.',
};

let failures = 0;

/** Okta's error body; the summary is the code's usual one unless it depends on the case. */
export function oktaErrorBody(errorCode: string, summary = '', causes: readonly string[] = []): JsonObject {
  failures += 1;
  return {
    errorCode,
    errorSummary: summary === '' ? (summaries[errorCode] ?? 'Api validation failed') : summary,
    errorLink: errorCode,
    errorId: `oae${String(failures).padStart(17, '0')}`,
    errorCauses: causes.map((errorSummary) => ({ errorSummary })),
  };
}

/** The body for a status, where no more is known. */
export function oktaErrorFor(status: number, message: string): JsonObject {
  const code = codes[status] ?? 'E0000009';
  return status === 400
    ? oktaErrorBody(code, `Api validation failed: ${message}`, [message])
    : oktaErrorBody(code, message);
}

export function notFound(kind: string, id: string): Reply {
  return reply(404, oktaErrorBody('E0000007', `Not found: Resource not found: ${id} (${kind})`));
}

export function forbidden(headers: readonly Header[] = []): Reply {
  return reply(403, oktaErrorBody('E0000006'), headers);
}

export function unauthorised(description: string): Reply {
  const challenge = `Bearer authorization_uri="/oauth2/v1/authorize", error="invalid_token", error_description="${description}"`;
  return reply(401, oktaErrorBody('E0000011'), [['www-authenticate', challenge]]);
}

export function badRequest(message: string): Reply {
  return reply(400, oktaErrorFor(400, message));
}

export function badCriteria(reason: string): Reply {
  return reply(400, oktaErrorBody('E0000031', 'Invalid search criteria.', [reason]));
}
