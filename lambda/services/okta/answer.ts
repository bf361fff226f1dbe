import { jsonOf } from '../../core/model/json.ts';
import { SourceError } from '../../errors.ts';
import type { HttpAnswer, HttpRequest } from '../http/send.ts';

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
