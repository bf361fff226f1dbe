import { composed } from '../model/order.ts';

const PLAIN = /^[\x21-\x7e]+$/;

/**
 * An address as addresses are compared: trimmed, without invisible characters at its ends, NFC, in lower case, its domain in one
 * form (that of DNS; `münchen.de` and `xn--mnchen-3ya.de` are one). `null` when nothing is left.
 */
export function normaliseAddress(address: string | null): string | null {
  const text = address ?? '';
  // Most are plain, and millions are compared.
  if (PLAIN.test(text)) return text.toLowerCase();
  const normal = composed(text)
    .replace(/^[\s\p{C}\p{Z}]+|[\s\p{C}\p{Z}]+$/gu, '')
    .toLowerCase();
  if (normal === '') return null;
  const at = normal.lastIndexOf('@');
  const domain = normal.slice(at + 1);
  if (at < 0 || PLAIN.test(domain)) return normal;
  const host = /[/?#:\\[\]]/.test(domain) ? null : URL.parse(`http://${domain}`)?.hostname;
  return host === null || host === undefined ? normal : normal.slice(0, at + 1) + host;
}
