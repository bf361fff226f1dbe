import type { Changed, Person } from '../../core/model/directory.ts';
import { SourceError } from '../../errors.ts';
import type { Traffic } from '../../ports.ts';
import { isRefusedQuery } from './answer.ts';
import { noRequests } from '../http/send.ts';
import { type ConnectionOptions, OktaConnection } from './connection.ts';
import { readList, TooMany } from './pages.ts';
import { oktaId, PAGE_SIZE, urlOf } from './selection.ts';
import { PersonRows } from './shapes.ts';

/**
 * Asks Okta who has changed. It has a connection of its own, since it needs a right that the rest of the sync does not: an
 * access token that is asked for with a scope that was not granted is refused altogether.
 */
export class ChangedPeople {
  readonly #options: ConnectionOptions;
  #connection: OktaConnection | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /**
   * Everyone whose `lastUpdated` is later than this (epoch milliseconds by Okta's clock), whatever their status, and some of those
   * known; `null` when they are more than `limit` and the sample. Without a status in the filter, Okta leaves out whoever is deactivated.
   */
  async since(time: number, limit: number, known: readonly Person[]): Promise<Changed | null> {
    const later = `lastUpdated gt "${new Date(time).toISOString()}"`;
    const sample = sampleOf(known);
    const most = limit + sample.length;
    const seen = await this.#either(sample.length === 0 ? [later] : [later, byId(sample)], most);
    const out = seen && (await this.#list(`status eq "DEPROVISIONED" and ${later}`, most - seen.length));
    if (seen === null || out === null) return null;
    // Somebody in both was deactivated between the two.
    const people = new Map([...seen, ...out].map((person) => [person.id, person]));
    return { people: [...people.values()], blind: blindness(sample, people) };
  }

  /** Why the list cannot be believed; `null` where it shows all of a sample of these people. */
  async blindTo(known: readonly Person[]): Promise<string | null> {
    const sample = sampleOf(known);
    if (sample.length === 0) return blindness(sample, new Map());
    const shown = await this.#list(byId(sample), Infinity);
    return blindness(sample, new Map(shown?.map((person) => [person.id, person])));
  }

  traffic(): Traffic {
    return this.#connection?.traffic() ?? noRequests();
  }

  /** Whom any of these expressions selects; asked for one after the other where Okta does not take them joined. */
  async #either(expressions: readonly string[], limit: number): Promise<readonly Person[] | null> {
    try {
      return await this.#list(expressions.join(' or '), limit);
    } catch (error) {
      const [first, ...others] = expressions;
      if (first === undefined || others.length === 0 || !isRefusedQuery(error)) throw error;
      const found = await this.#list(first, limit);
      const more = found && (await this.#either(others, limit));
      return more && [...found, ...more];
    }
  }

  async #list(filter: string, limit: number): Promise<readonly Person[] | null> {
    const connection = (this.#connection ??= new OktaConnection(this.#options, ['users']));
    const url = urlOf(connection.origin, '/api/v1/users', { filter, limit: String(PAGE_SIZE) });
    let rows = 0;
    const onPage = (count: number): void => {
      rows += count;
      if (rows > limit) throw new TooMany();
    };
    try {
      // Somebody who changes while the list is read may come twice, and differ.
      const list = await readList(connection, { url, right: 'users', rows: PersonRows }, { onPage });
      if (list !== null) return list;
    } catch (error) {
      if (error instanceof TooMany) return null;
      throw error;
    }
    throw new SourceError(`GET ${url.pathname}: Okta answered that there is no list of users`);
  }
}

function byId(people: readonly Person[]): string {
  return people.map(({ id }) => `id eq "${oktaId(id, 'users')}"`).join(' or ');
}

/**
 * Where the role behind the credentials sees no users, Okta answers 200 and an empty list although the scope is granted
 * (baton-okta): “nobody has changed” is then worth nothing.
 */
function blindness(sample: readonly Person[], shown: ReadonlyMap<string, Person>): string | null {
  if (sample.length === 0) return "there is nobody whom Okta's list of users would have to show";
  const hidden = sample.filter(({ id }) => !shown.has(id)).length;
  if (hidden === 0) return null;
  return `Okta's list of users leaves out ${hidden} of ${sample.length} people who are there: the role behind the credentials does not see all users`;
}

/** As many as fit into one request. A role that does not see one person in ten is found out nine times in ten. */
const SAMPLE = 25;

/** Some of these people, spread over all of them, whom the list of users must show: it leaves out deactivated ones. */
export function sampleOf(people: readonly Person[]): readonly Person[] {
  const there = people.filter(({ status }) => status !== 'DEPROVISIONED');
  const step = Math.max(1, Math.ceil(there.length / SAMPLE));
  return there.filter((_, index) => index % step === 0);
}
