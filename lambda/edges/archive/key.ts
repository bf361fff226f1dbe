const SEGMENT = /^[A-Za-z0-9_~][A-Za-z0-9._~-]*$/;

/**
 * Returns `key` if it is a relative path of plain names joined by `/`; throws otherwise. Nothing that leads out of the
 * archive (`..`, a leading slash, a drive, a backslash) and nothing hidden (a leading dot) is a plain name.
 */
export function checkedKey(key: string): string {
  if (key.split('/').every((segment) => SEGMENT.test(segment))) return key;
  throw new Error(`Not a key of the archive: ${JSON.stringify(key)}. A key is plain names joined by "/"`);
}
