import type { GroupContent, WorkspaceGroup } from '../../core/model.ts';
import { sameName } from '../../core/order.ts';

/** The body of a POST or PATCH. `users` replaces the whole list. */
export function bodyOf({ name, description, userIds }: GroupContent) {
  return { name, description, users: userIds };
}

/** Whether a group shows all that was asked for, whatever Secoda makes of white space and order. */
export function holds(group: WorkspaceGroup, content: GroupContent): boolean {
  const shown = new Set(group.userIds);
  const asked = [...new Set(content.userIds)];
  return (
    sameName(group.name, content.name) &&
    group.description.trim() === content.description.trim() &&
    shown.size === asked.length &&
    asked.every((id) => shown.has(id))
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
