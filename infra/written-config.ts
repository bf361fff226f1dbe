import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Settings, toJson } from '../lambda/settings.ts';

/**
 * Writes the checked configuration into the cloud assembly, from where it is bundled: what was checked is what runs. Returns
 * the path of the file.
 */
export function writeConfig(folder: string, stackName: string, settings: Settings): string {
  const path = resolve(folder, `${stackName}.config.json`);
  writeFileSync(path, `${toJson(settings)}\n`);
  return path;
}
