import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { Descriptions } from './secoda-json.ts';
import type { GroupEdit, SecodaState, SecodaUser } from './secoda-state.ts';

/** What the workspace makes of the values it is sent. Where it is not known of Secoda, either answer can be chosen. */
export interface InputRules {
  /** What a group write makes of users who have not signed in yet. */
  readonly invited: 'kept' | 'dropped' | 'refused' | 'pending';
  /** What it makes of users who are suspended. */
  readonly disabled: 'kept' | 'dropped' | 'refused';
  /** What it makes of users whom the users list hides or shows as service accounts, also where it lists them in the group. */
  readonly serviceAccounts: 'kept' | 'dropped' | 'refused';
  /** What it makes of users with the role of a guest. */
  readonly guests: 'kept' | 'dropped' | 'refused';
  /** Whether the refusal of a user says whose it is. */
  readonly namesRefused: boolean;
  /** A PATCH without `name` is refused: the published schema of its body has that field alone. */
  readonly patchNeedsName: boolean;
  /** The longest description, in characters. */
  readonly descriptionLimit: number;
  readonly longDescription: 'refused' | 'truncated';
  readonly descriptions: Descriptions;
  readonly nameTrim: boolean;
  readonly duplicateNames: 'allowed' | 'refused';
  /**
   * How somebody is invited: as the reference has it, one person a call; as an older guide has it, a list; or by a server that
   * wants what the reference wants, asks for nothing, and ignores what it does not know.
   */
  readonly invitationForm: 'reference' | 'guide' | 'careless';
  /** Whether the answer to an invitation shows the person. */
  readonly invitationAnswer: 'person' | 'nothing';
  /** Only addresses of these domains can be invited; all where there are none. */
  readonly allowedDomains: readonly string[];
}

/** The body is refused; `problems` by field, as Django REST words them. */
export class InputError extends Error {
  readonly problems: JsonObject;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.problems = { [field]: [problem] };
  }
}

/** The fields of a body, none but the known ones. @throws InputError */
export function fieldsOf(body: Json | undefined, known: readonly string[]): JsonObject {
  if (!isJsonObject(body)) throw new InputError('non_field_errors', 'Invalid data. Expected a dictionary.');
  for (const field of Object.keys(body)) {
    if (!known.includes(field)) throw new InputError(field, 'This field is not known here.');
  }
  return body;
}

/** The change that the body of a group write asks for. @throws InputError */
export function groupEdit(
  body: Json | undefined,
  state: SecodaState,
  rules: InputRules,
  groupId: string | null,
): GroupEdit {
  const fields = fieldsOf(body, ['name', 'description', 'icon', 'users']);
  if ((groupId === null || rules.patchNeedsName) && fields.name === undefined)
    throw new InputError('name', 'This field is required.');
  return {
    name: fields.name === undefined ? undefined : groupName(fields.name, state, rules, groupId),
    description: fields.description === undefined ? undefined : description(fields.description, rules),
    icon: fields.icon === undefined ? undefined : text('icon', fields.icon),
    users: fields.users === undefined ? undefined : members(fields.users, state, rules),
  };
}

function groupName(value: Json, state: SecodaState, rules: InputRules, groupId: string | null): string {
  const given = text('name', value);
  const name = rules.nameTrim ? given.trim() : given;
  if (name === '') throw new InputError('name', 'This field may not be blank.');
  if (name.length > 255) throw new InputError('name', 'Ensure this field has no more than 255 characters.');
  const taken = [...state.groups.values()].some((group) => group.name === name && group.id !== groupId);
  if (taken && rules.duplicateNames === 'refused') {
    throw new InputError('name', 'user group with this name already exists.');
  }
  return name;
}

function description(value: Json, { descriptionLimit: limit, longDescription }: InputRules): string {
  const given = text('description', value);
  if (given.length <= limit) return given;
  if (longDescription === 'truncated') return given.slice(0, limit);
  throw new InputError('description', `Ensure this field has no more than ${limit} characters.`);
}

function members(value: Json, state: SecodaState, rules: InputRules): SecodaUser[] {
  const found = strings('users', value).map((id) => {
    const user = state.users.get(id);
    if (user === undefined) throw new InputError('users', `Invalid pk "${id}" - object does not exist.`);
    const why = refused(user, rules);
    if (why !== null) throw new InputError('users', rules.namesRefused ? why : 'Some users are not valid.');
    return user;
  });
  return found.filter((user) => fates(user, rules).every((fate) => fate !== 'dropped'));
}

function refused(user: SecodaUser, rules: InputRules): string | null {
  if (!fates(user, rules).includes('refused')) return null;
  if (user.pending) return `User "${user.id}" has not joined yet.`;
  if (user.role === 'guest') return `User "${user.id}" is a guest.`;
  return user.disabled
    ? `User "${user.id}" is suspended.`
    : `Invalid pk "${user.id}" - object does not exist.`;
}

/** What the rules that are about this user say. */
function fates(
  user: SecodaUser,
  { invited, disabled, guests, serviceAccounts }: InputRules,
): readonly string[] {
  return [
    user.pending ? invited : 'kept',
    user.disabled ? disabled : 'kept',
    user.role === 'guest' ? guests : 'kept',
    user.hidden || user.serviceAccount ? serviceAccounts : 'kept',
  ];
}

export function text(field: string, value: Json): string {
  if (value === null) throw new InputError(field, 'This field may not be null.');
  if (typeof value !== 'string') throw new InputError(field, 'Not a valid string.');
  return value;
}

export function strings(field: string, value: Json | undefined): string[] {
  if (!Array.isArray(value)) throw new InputError(field, 'Expected a list of items.');
  return value.map((item) => text(field, item));
}
