import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { fieldsOf, InputError, type InputRules, strings, text } from './secoda-input.ts';
import type { SecodaGroup, SecodaState } from './secoda-state.ts';

const roles = ['admin', 'editor', 'viewer', 'guest'];

export interface AskedInvitation {
  /** `null` where a careless server was sent none. */
  readonly email: string | null;
  readonly role: string;
  readonly groups: readonly SecodaGroup[];
}

/** Whom a body asks to invite. @throws InputError */
export function invitation(body: Json | undefined, state: SecodaState, rules: InputRules): AskedInvitation {
  if (rules.invitationForm === 'guide') {
    const fields = fieldsOf(body, ['emails', 'role', 'groups', 'teams']);
    const [email, ...others] = strings('emails', fields.emails);
    // More than one at a time could not be told apart when something is wrong with one of them.
    if (email === undefined || others.length > 0) throw new InputError('emails', 'Send one address.');
    return asked('emails', email, fields, groupsOf('groups', fields.groups, state), rules);
  }
  const careless = rules.invitationForm === 'careless' && isJsonObject(body);
  const known = ['first_name', 'last_name', 'email', 'role', 'teams', 'user_groups'];
  const fields = careless ? body : fieldsOf(body, known);
  if (fields.email === undefined) {
    if (careless) return { email: null, role: 'viewer', groups: [] };
    throw new InputError('email', 'This field is required.');
  }
  const groups = groupsOf('user_groups', fields.user_groups, state);
  return asked('email', text('email', fields.email), fields, groups, rules);
}

function asked(
  field: string,
  email: string,
  fields: JsonObject,
  groups: readonly SecodaGroup[],
  { allowedDomains }: InputRules,
): AskedInvitation {
  const role = fields.role === undefined ? 'viewer' : text('role', fields.role);
  if (!roles.includes(role)) throw new InputError('role', `"${role}" is not a valid choice.`);
  const teams = strings('teams', fields.teams ?? []);
  if (role === 'guest' && teams.length === 0) throw new InputError('teams', 'A guest needs a team.');
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new InputError(field, 'Enter a valid email address.');
  const domain = email.slice(email.indexOf('@') + 1).toLowerCase();
  if (allowedDomains.length > 0 && !allowedDomains.includes(domain))
    throw new InputError(field, `The domain ${domain} is not allowed.`);
  return { email, role, groups };
}

function groupsOf(field: string, ids: Json | undefined, state: SecodaState): readonly SecodaGroup[] {
  return strings(field, ids ?? []).map((id) => {
    const group = state.groups.get(id);
    if (group === undefined) throw new InputError(field, `Invalid pk "${id}" - object does not exist.`);
    return group;
  });
}

export function sameAddress(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.toLowerCase() === other.toLowerCase();
}
