import * as z from 'zod';
import type { OktaGroup, Person } from '../../core/model/directory.ts';

/** Okta's answers as far as they are used: <https://developer.okta.com/docs/api/>. Unknown fields are ignored. */

const id = z.string('a string').min(1, 'a string that is not empty');
const optionalText = z.string('a string or null').nullish();

/** A group as `/api/v1/groups` shows it, in lists, by itself and embedded in an app's assignment. */
export const GroupRow = z
  .object(
    {
      id,
      type: optionalText,
      profile: z.object({ name: z.string('a string'), description: optionalText }, 'an object'),
      lastUpdated: optionalText,
      lastMembershipUpdated: optionalText,
      /** There with `expand=stats`. */
      _embedded: z
        .object(
          { stats: z.object({ usersCount: z.number('a number').nullish() }, 'an object').nullish() },
          'an object',
        )
        .nullish(),
    },
    'a group',
  )
  .transform(({ id, type, profile, lastUpdated, lastMembershipUpdated, _embedded }): OktaGroup => ({
    id,
    name: profile.name,
    description: profile.description ?? null,
    lastUpdated: lastUpdated ?? null,
    lastMembershipUpdated: lastMembershipUpdated ?? null,
    usersCount: _embedded?.stats?.usersCount ?? null,
    ...(type === 'APP_GROUP' ? { isAppGroup: true } : {}),
  }));

export const GroupRows = z.array(GroupRow, 'a list');

/** A group as it is assigned to an app, asked for with `expand=group`. */
const AssignmentRow = z
  .object({ id, _embedded: z.object({ group: GroupRow }, 'an object') }, 'an assignment')
  .refine((row) => row.id === row._embedded.group.id, {
    message: 'the group that the assignment names',
    path: ['_embedded', 'group', 'id'],
  })
  .transform((row) => row._embedded.group);

export const AssignmentRows = z.array(AssignmentRow, 'a list');

/** A member. Without an e-mail they are someone who cannot be matched; without a status the answer is broken. */
export const PersonRow = z
  .object(
    {
      id,
      status: z.string('a string').min(1, 'a string that is not empty'),
      profile: z.object({ email: optionalText, login: optionalText }, 'an object'),
    },
    'a user',
  )
  .transform(({ id, status, profile }): Person => ({
    id,
    status,
    email: profile.email ?? null,
    login: profile.login ?? null,
  }));

export const PersonRows = z.array(PersonRow, 'a list');

/** What the token endpoint answers a client that proved who it is (RFC 6749, section 5.1). */
export const AccessToken = z.object(
  {
    access_token: z.string('a string').min(1, 'a string that is not empty'),
    /** Seconds. */
    expires_in: z.number('a number'),
  },
  'an access token',
);
