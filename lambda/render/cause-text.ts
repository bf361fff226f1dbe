import { printable } from './escape.ts';

const WORDS: Readonly<Record<string, string>> = {
  'group-gone': 'their Okta group is gone',
  'group-excluded': 'their Okta group is left out by include/exclude',
  'mapping-changed': 'their Okta group is mapped elsewhere now',
  'before-adoption': 'was there before the group was adopted',
  'added-by-hand': 'was added by hand in Secoda',
  'not-in-group': 'not in the Okta group',
  'refused-by-secoda': 'Secoda refuses to keep them',
  'account-appeared': 'has an account in Secoda now',
  restored: 'was taken out in Secoda',
  'in-group': 'in the Okta group',
  'status:DEPROVISIONED': 'deactivated in Okta',
  'status:SUSPENDED': 'suspended in Okta',
  'status:STAGED': 'not activated in Okta yet',
};

/** Why somebody comes or goes, in a few words. */
export function causeText({ cause }: { readonly cause: string }): string {
  return WORDS[cause] ?? printable(cause.replace(/^status:/, 'has the status '), 80);
}
