import type { Listener } from '../ports.ts';
import type { Intake } from '../render/plan-text.ts';

/** Counts what a run reads, for the first lines of its plan. */
export function intakeListener(): { readonly listen: Listener; readonly seen: () => Intake } {
  const done = { 'okta-groups': 0, 'okta-members': 0, 'secoda-users': 0, 'secoda-groups': 0 };
  return {
    listen: (event) => {
      if (event.kind === 'read') done[event.what] = event.done;
    },
    seen: () => ({
      oktaGroups: done['okta-groups'],
      secodaGroups: done['secoda-groups'],
      secodaUsers: done['secoda-users'],
    }),
  };
}
