import type { GroupContent, WorkspaceGroup } from '../../core/model/workspace.ts';
import { sameName } from '../../core/model/order.ts';

/** The body of a POST or PATCH. `users` replaces the whole list; what is left out stays as it is. */
export function bodyOf({ name, description, userIds }: Partial<GroupContent>) {
  return { name, description, users: userIds };
}

/** Whether a group shows all that was asked for, whatever Secoda makes of white space and order. */
export function holds(group: WorkspaceGroup, fields: Partial<GroupContent>): boolean {
  const { name = group.name, description = group.description, userIds = group.userIds } = fields;
  const shown = new Set(group.userIds);
  const asked = new Set(userIds);
  return (
    sameName(group.name, name) &&
    group.description.trim() === description.trim() &&
    shown.size === asked.size &&
    shown.isSubsetOf(asked)
  );
}

/**
 * Whether a group that was not there before is the one that was asked for: the same name and the same first line of the
 * description, which is the marker. What Secoda makes of the rest (trims, shortens) does not make it somebody else's.
 */
export function isAsked(group: WorkspaceGroup, content: GroupContent): boolean {
  return (
    sameName(group.name, content.name) && firstLine(group.description) === firstLine(content.description)
  );
}

function firstLine(text: string): string {
  return (
    text
      .trim()
      .split(/[\r\n]/, 1)[0]
      ?.trim() ?? ''
  );
}
