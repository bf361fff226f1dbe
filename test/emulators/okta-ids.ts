const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * The nth id of a kind, in the form of Okta's: 20 letters and digits, a three-letter prefix such as `00g`, no
 * recognisable order. The same n always gives the same id, and no two give one.
 */
export function oktaId(prefix: '00u' | '00g' | '0oa', n: number): string {
  // An odd factor maps the 64-bit numbers onto themselves, so that ids cannot collide.
  let rest = BigInt.asUintN(64, (BigInt(n) + 1n) * 0x9e3779b97f4a7c15n);
  let digits = '';
  while (digits.length < 11) {
    digits += alphabet.charAt(Number(rest % 62n));
    rest /= 62n;
  }
  return `${prefix}${digits}emu5d7`;
}
