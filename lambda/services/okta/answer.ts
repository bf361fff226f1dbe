import { jsonOf } from '../../core/model/json.ts';
import { SourceError } from '../../errors.ts';
import { oneLine } from '../http/checked.ts';
import type { HttpAnswer, HttpRequest } from '../http/send.ts';
import * as z from 'zod';

/** An answer in the form that the SDK passes on: as much of a fetch response as it looks at. */
export class OktaAnswer {
  /** Method and path. */
  readonly where: string;
  readonly status: number;
  readonly headers: Headers;
  readonly #text: string;

  constructor({ method, url }: HttpRequest, answer: HttpAnswer) {
    this.where = `${method} ${url.pathname}`;
    this.status = answer.status;
    this.headers = answer.headers;
    this.#text = answer.text;
  }

  text(): Promise<string> {
    return Promise.resolve(this.#text);
  }

  /** Rejects with a `SourceError` where the answer is no JSON. */
  json(): Promise<unknown> {
    const value = jsonOf(this.#text);
    if (value !== undefined) return Promise.resolve(value);
    const kind = /^[\w.+/-]+/.exec(this.headers.get('content-type') ?? '')?.[0] ?? 'without a content type';
    return Promise.reject(
      new SourceError(
        `${this.where}: Okta answered ${this.status} with something that is not JSON (${kind}): is okta.orgUrl the address of the Okta org itself, and no sign-in page or proxy in between?`,
      ),
    );
  }
}

const text = z.string().optional().catch(undefined);
const causes = z.array(z.object({ errorSummary: z.string() }));

/** Okta's error body, and OAuth's. */
const ErrorBody = z.object({
  errorCode: text,
  errorSummary: text,
  errorCauses: causes.optional().catch(undefined),
  error: text,
  error_description: text,
});

/** Enough to recognise a cause by. */
const LONGEST_WORDS = 200;

/** Okta answered, but not with 2xx. The message holds what Okta said, and never a secret of the request. */
export class HttpRefusal extends Error {
  override readonly name = 'Refusal';
  /** Of the request, without its query. */
  readonly path: string;
  /** The HTTP status; not named `status`, since the SDK would take an error with the `status` 401 into its own hands. */
  readonly answered: number;
  /** Okta's `errorCode` or OAuth's `error`; `null` if the answer has neither, so it is hardly Okta's. */
  readonly code: string | null;
  /** Private, so that whoever prints the error does not print what an answer's headers may repeat. */
  readonly #headers: Headers;
  readonly #credential: string;

  constructor(request: HttpRequest, answer: HttpAnswer) {
    const { method, url } = request;
    const secrets = secretsOf(request);
    const { code, said } = wordsOf(answer.text);
    const words = code === null ? 'not in the form of an Okta error' : `${code}${said}`;
    super(
      `${method} ${url.pathname}: Okta answered ${answer.status} (${oneLine(words, secrets, LONGEST_WORDS)})`,
    );
    this.path = url.pathname;
    this.answered = answer.status;
    this.#headers = answer.headers;
    this.#credential = credentialOf(request);
    this.code = code === null ? null : oneLine(code, secrets, LONGEST_WORDS);
  }

  get headers(): Headers {
    return this.#headers;
  }

  /** Whether the request carried this token. */
  carried(token: string): boolean {
    return token === this.#credential;
  }
}

/**
 * Whether Okta did not take what was asked for: it documents no limit on an expression, nor all that may be joined in one, nor
 * what becomes of a page that is too small.
 */
export function isRefusedQuery(error: unknown): boolean {
  const refusal = error instanceof SourceError ? error.cause : null;
  return refusal instanceof HttpRefusal && (refusal.answered === 400 || refusal.answered === 414);
}

function credentialOf({ headers }: HttpRequest): string {
  return (headers['Authorization'] ?? '').split(' ')[1] ?? '';
}

/** What must not show even if an answer repeats it. */
function secretsOf(request: HttpRequest): readonly string[] {
  const assertion = new URLSearchParams(request.body).get('client_assertion') ?? '';
  const proof = request.headers['DPoP'] ?? '';
  return [credentialOf(request), assertion, proof].filter((secret) => secret !== '');
}

function wordsOf(text: string): { code: string | null; said: string } {
  const parsed = ErrorBody.safeParse(jsonOf(text));
  if (!parsed.success) return { code: null, said: '' };
  const { errorCode, errorSummary, errorCauses = [], error, error_description } = parsed.data;
  const causes = errorCauses.map((cause) => cause.errorSummary);
  const said = [errorSummary ?? error_description ?? '', ...causes].filter((part) => part !== '');
  return { code: errorCode ?? error ?? null, said: said.length === 0 ? '' : `: ${said.join('; ')}` };
}
