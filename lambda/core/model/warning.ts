/** What a warning is about: a word for programs to go by. */
export type WarningKind =
  | 'address-changed'
  | 'doubted'
  | 'fight'
  | 'held'
  | 'kept'
  | 'look-alike'
  | 'matches-nothing'
  | 'name-held'
  | 'not-kept'
  | 'not-named'
  | 'unanswered'
  | 'unknown-status';

/** Something a person should know that keeps no group from being synced. */
export interface Warning {
  readonly kind: WarningKind;
  /** In plain words, for people. */
  readonly message: string;
  /** The name it has, or would have, in Secoda; `null` where no single group is concerned. */
  readonly group: string | null;
  readonly oktaIds: readonly string[];
  /** Of the person concerned; `null` where none is. */
  readonly email: string | null;
  /** Since when it is so (ISO 8601); `null` where that is not known, or not worth a word. */
  readonly since: string | null;
}

/** A warning about a group. */
export function warningOf(
  kind: WarningKind,
  { group, oktaIds }: Pick<Warning, 'group' | 'oktaIds'>,
  message: string,
  { email = null, since = null }: Partial<Pick<Warning, 'email' | 'since'>> = {},
): Warning {
  return { kind, message, group, oktaIds, email, since };
}
