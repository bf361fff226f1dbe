import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, exportPKCS8, type JWK } from 'jose';

/** The key pair of a service app. */
export interface ServiceKey {
  readonly keyId: string;
  readonly publicJwk: JWK;
  readonly privateKeyPem: string;
  /** JSON, with `kid` and `alg`. */
  readonly privateKeyJwk: string;
}

const keyId = 'emulated-service-key';

let made: Promise<ServiceKey> | undefined;

/** An RSA key pair, the same for every emulator of this process: making one takes a while. */
export function serviceKey(): Promise<ServiceKey> {
  made ??= makeKey(keyId);
  return made;
}

/** Another pair, for a service app whose key is rotated. */
export async function makeKey(keyId: string): Promise<ServiceKey> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const named = { kid: keyId, alg: 'RS256', use: 'sig' };
  return {
    keyId,
    publicJwk: { ...(await exportJWK(publicKey)), ...named },
    privateKeyPem: await exportPKCS8(privateKey),
    privateKeyJwk: JSON.stringify({ ...(await exportJWK(privateKey)), ...named }),
  };
}
