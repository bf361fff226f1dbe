import { setGlobalProxyFromEnv } from 'node:http';
import { UsageError } from '../../errors.ts';
import type { Environment } from '../../names.ts';

/** Nothing on this machine is ever reached through a proxy: an emulator, or a tunnel that somebody opened. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]', '::1'];

/**
 * Sends whatever goes to other machines through the proxy that `HTTPS_PROXY` names, but for the hosts of `NO_PROXY`; Node's `fetch`
 * does not do so by itself. Returns what ends that. Throws `UsageError` for an address that is none.
 */
export function throughProxy(environment: Environment): () => void {
  const of = (name: string) => environment[name] ?? environment[name.toLowerCase()];
  const proxy = of('HTTPS_PROXY')?.trim();
  if (proxy === undefined || proxy === '') return () => undefined;
  // Its value may hold a password.
  if (!/^https?:$/.test(URL.parse(proxy)?.protocol ?? ''))
    throw new UsageError(['HTTPS_PROXY is not the address of a proxy such as http://proxy.acme.com:3128']);
  const direct = [of('NO_PROXY'), ...LOOPBACK].filter((each) => each !== undefined && each !== '');
  return setGlobalProxyFromEnv({ HTTPS_PROXY: proxy, NO_PROXY: direct.join(',') });
}
