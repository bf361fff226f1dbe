import type { Plan, Unmatched } from '../core/change.ts';
import { shown } from './escape.ts';
import type { Style } from './style.ts';

const WHAT_TO_DO: Readonly<Record<Unmatched['reason'], string>> = {
  'no-account': 'without a Secoda account (invite them, or name their other address in users.aliases)',
  ambiguous: 'with several Secoda accounts of one address (remove the spare accounts)',
  'no-email': 'without an e-mail address in Okta (fill in their profile)',
};
const PEOPLE_SHOWN = 15;

/** Who is wanted in a group and cannot be put there, by reason, with what helps. */
export function peopleText(
  { unmatched, unsettled }: Pick<Plan, 'unmatched' | 'unsettled'>,
  style: Style,
): string[] {
  const lines: string[] = [];
  for (const [reason, what] of Object.entries(WHAT_TO_DO)) {
    const people = unmatched.filter((each) => each.reason === reason);
    if (people.length === 0) continue;
    lines.push(style.warn(`Unmatched, ${people.length} ${what}:`), ...listed(people));
  }
  if (unsettled.length === 0) return lines;
  lines.push(
    style.warn(
      `Unsettled, ${unsettled.length} not honoured by Secoda and remembered (tried again when their account changes, or after a week):`,
    ),
  );
  return [...lines, ...listed(unsettled)];
}

function listed(people: readonly { readonly email: string; readonly groups: readonly string[] }[]): string[] {
  const width = Math.min(
    40,
    Math.max(...people.slice(0, PEOPLE_SHOWN).map(({ email }) => shown(email, 80).length)),
  );
  const lines = people.slice(0, PEOPLE_SHOWN).map(({ email, groups }) => {
    const more = groups.length > 3 ? ` and ${groups.length - 3} more` : '';
    const names = groups.slice(0, 3).map((group) => shown(group, 60));
    return `  ${shown(email, 80).padEnd(width)}  in ${names.join(', ')}${more}`;
  });
  const rest = people.length - PEOPLE_SHOWN;
  return rest > 0 ? [...lines, `  … and ${rest} more, in report.json`] : lines;
}
