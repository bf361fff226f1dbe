import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { GroupEdit, SecodaState, SecodaUser } from './secoda-state.ts';

/** What the workspace makes of the values it is sent. Where it is not known of Secoda, either answer can be chosen. */
export interface InputRules {
  /** What a group write makes of users who have not signed in yet. */
  readonly invited: 'kept' | 'dropped' | 'refused' | 'pending';
  /** The longest description, in characters. */
  readonly descriptionLimit: number;
  readonly longDescription: 'refused' | 'truncated';
  readonly nameTrim: boolean;
  readonly duplicateNames: 'allowed' | 'refused';
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
  if (groupId === null && fields.name === undefined) throw new InputError('name', 'This field is required.');
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

function members(value: Json, state: SecodaState, { invited }: InputRules): SecodaUser[] {
  const found = strings('users', value).map((id) => {
    const user = state.users.get(id);
    if (user === undefined) throw new InputError('users', `Invalid pk "${id}" - object does not exist.`);
    if (!user.active && invited === 'refused')
      throw new InputError('users', `User "${id}" has not joined yet.`);
    return user;
  });
  return invited === 'dropped' ? found.filter(({ active }) => active) : found;
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
