import type { Person } from '../../core/model/directory.ts';
import { SourceError } from '../../errors.ts';
import type { PersonCache } from '../../ports.ts';
import { checked } from '../http/checked.ts';
import { type ConnectionOptions, OktaConnection } from './connection.ts';
import { readList } from './pages.ts';
import { PAGE_SIZE, urlOf } from './selection.ts';
import { GroupRows, PersonRow, PersonRows } from './shapes.ts';

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
