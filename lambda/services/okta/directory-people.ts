import type { Changed, Person } from '../../core/model/directory.ts';
import { SourceError } from '../../errors.ts';
import type { PersonCache, Traffic } from '../../ports.ts';
import { checked } from '../http/checked.ts';
import { type ConnectionOptions, OktaConnection } from './connection.ts';
import { readList, TooMany } from './pages.ts';
import { oktaId, PAGE_SIZE, urlOf } from './selection.ts';
import { GroupRows, PersonRow, PersonRows } from './shapes.ts';
import { isRefusedQuery } from './answer.ts';
import { noRequests } from '../http/send.ts';

/**
 * The people of an Okta org, one by one. Needs `okta.users.read`, and asks for an access token with that scope alone, so
 * that a service app without it can still read groups elsewhere.
 *
 * Addresses are looked for with `filter`, which is checked against the data itself, and with `search`, which reads an index
 * that follows the data by seconds to minutes: a new hire is looked for seconds after they were made. `filter` minds the case
 * and `search` does not, so somebody whose address has capitals that nobody wrote is found as soon as the index has them. As
 * a login the address is also asked for by its path, where Okta does not mind the case. Deactivated people are left out by
 * `filter` unless it names their status: they are asked for when nobody else bears the address.
 * <https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/#tag/User/operation/listUsers>
 * <https://support.okta.com/help/s/article/case-sensitivity-in-okta-users-api-filter-vs-search>
 *
 * Throws as `createOktaDirectory` does.
 */
export function createOktaPeople(options: ConnectionOptions): PersonCache {
  const connection = new OktaConnection(options, ['users']);
  const listed = async (by: 'filter' | 'search', expression: string): Promise<readonly Person[]> => {
    const query = { [by]: expression, limit: String(PAGE_SIZE) };
    const url = urlOf(connection.origin, '/api/v1/users', query);
    return (await readList(connection, { url, right: 'users', rows: PersonRows })) ?? [];
  };

  const single = async (idOrLogin: string): Promise<Person | null> => {
    const page = await connection.read(userUrl(connection.origin, idOrLogin), 'users');
    if (page === null) return null;
    const person = checked(PersonRow, page.json, page.where);
    if (person.id === idOrLogin || folded(person.login) === folded(idOrLogin)) return person;
    throw new SourceError(`${page.where}: Okta answered with another person, ${person.id}`);
  };

  return {
    person: single,

    async byEmail(email) {
      const bears = bearing(email);
      const login = email.includes('/') ? null : await single(email.trim());
      // The last one wins, so the index, which may be behind, comes first.
      const people = [...(await listed('search', bears)), ...(login === null ? [] : [login])];
      people.push(...(await listed('filter', bears)));
      if (people.length === 0)
        people.push(...(await listed('filter', `(${bears}) and status eq "DEPROVISIONED"`)));
      const asked = folded(email);
      const fitting = people.filter((each) => folded(each.email) === asked || folded(each.login) === asked);
      return [...new Map(fitting.map((each) => [each.id, each])).values()];
    },

    async groupsOf(personId) {
      const url = userUrl(connection.origin, personId, '/groups');
      return readList(connection, { url, right: 'users', rows: GroupRows });
    },

    traffic: () => connection.traffic(),
  };
}

/** Of a person, or with `rest` of something below. Throws `SourceError` for what would name another path, or whoever asks. */
function userUrl(origin: URL, idOrLogin: string, rest = ''): URL {
  if (!/^\.{0,2}$/.test(idOrLogin) && idOrLogin !== 'me')
    return new URL(`/api/v1/users/${encodeURIComponent(idOrLogin)}${rest}`, origin);
  throw new SourceError(
    `GET /api/v1/users/{id}: ${JSON.stringify(idOrLogin)} is not an Okta user id or login`,
  );
}

/** The filter for people with this address: as it was written, in lower case, and with its accents in either form. */
function bearing(email: string): string {
  const forms = [email, email.normalize('NFC'), email.normalize('NFD')].map((text) => text.trim());
  const written = new Set(forms.flatMap((text) => [text, text.toLowerCase()]));
  const texts = [...written].map((text) => `"${text.replaceAll(/["\\]/g, (found) => `\\${found}`)}"`);
  return ['profile.email', 'profile.login']
    .flatMap((field) => texts.map((text) => `${field} eq ${text}`))
    .join(' or ');
}

/** Okta compares logins without case and diacritics. */
function folded(text: string | null): string {
  return (text ?? '').normalize('NFKD').replaceAll(/\p{M}/gu, '').trim().toLowerCase();
}

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
