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

let made: Promise<ServiceKey> | undefined;

/** An RSA key pair, the same for every emulator of this process: making one takes a while. */
export function serviceKey(): Promise<ServiceKey> {
  made ??= makeKey();
  return made;
}

async function makeKey(): Promise<ServiceKey> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyId = 'emulated-service-key';
  const named = { kid: keyId, alg: 'RS256', use: 'sig' };
  return {
    keyId,
    publicJwk: { ...(await exportJWK(publicKey)), ...named },
    privateKeyPem: await exportPKCS8(privateKey),
    privateKeyJwk: JSON.stringify({ ...(await exportJWK(privateKey)), ...named }),
  };
}
