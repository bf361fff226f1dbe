import { readMarker } from '../../lambda/core/groups/marker.ts';
import type { Style } from '../../lambda/render/style.ts';
import type { SecodaEmulator } from '../emulators/index.ts';

/** The emulator's own view of the workspace, read from its state and not through the sync. */
export function proofText({ state }: SecodaEmulator, throttled: number, style: Style): string {
  const groups = [...state.groups.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
  const width = Math.max(...groups.map(({ name }) => name.length));
  const rows = groups.map(({ name, users, description }) => {
    const marker = readMarker(description ?? '');
    const whose =
      marker === null
        ? style.dim('made by hand')
        : marker.via === 'okta'
          ? style.good(`mirrors ${marker.oktaIds.join(', ')}`)
          : style.warn(`managed via ${marker.via}, left alone`);
    return `  ${name.padEnd(width)}  ${String(users.size).padStart(3)} members  ${whose}`;
  });
  const writes = state.writes.filter(({ effective }) => effective).length;
  return `${rows.join('\n')}\n\n${groups.length} groups; ${writes} writes reached Secoda in all, ${throttled} requests were throttled.`;
}
