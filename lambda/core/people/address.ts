import { composed } from '../model/order.ts';

/** An address as addresses are compared: trimmed, NFC, lower case. `null` when nothing is left. */
export function normaliseAddress(address: string | null): string | null {
  const normal = composed(address ?? '')
    .trim()
    .toLowerCase();
  return normal === '' ? null : normal;
}
