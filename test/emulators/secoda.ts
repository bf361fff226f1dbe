import { systemClock } from '../../lambda/services/clock.ts';
import type { Clock } from '../../lambda/ports.ts';
import { type Call, type Reply, reply, type Served } from './exchange.ts';
import { Faults } from './faults.ts';
import type { Slash } from './router.ts';
import { InputError, type InputRules } from './secoda-input.ts';
import type { Nothing, UserFields } from './secoda-json.ts';
import { secodaRoutes } from './secoda-routes.ts';
import { SecodaState } from './secoda-state.ts';
import { WriteThrottle } from './secoda-throttle.ts';
import { serve } from './server.ts';

export interface SecodaOptions extends Partial<InputRules> {
  readonly port?: number;
  readonly clock?: Clock;
  readonly apiKey?: string;
  /** A key whose owner may read and not write. */
  readonly viewerKey?: string;
  /** Which form of a path is served; the other one is redirected to it, or served as well (the default). */
  readonly slash?: Exclude<Slash, 'exact'>;
  /** 301 by default, as Django's APPEND_SLASH for every method. */
  readonly redirectStatus?: 301 | 308;
  /** Rows a page where the request does not say; 100 by default. */
  readonly pageSize?: number;
  /** The most that `page_size` may ask for; 1,000 by default. */
  readonly maxPageSize?: number;
  readonly ignorePageSize?: boolean;
  /** POST, PUT and PATCH together; 30 by default. */
  readonly writesPerMinute?: number;
  /** How long every request takes, in milliseconds. */
  readonly latencyMs?: number;
  /** The origin that `links` show, as a proxy's; the emulator's own by default. */
  readonly linksOrigin?: string;
  /** What stands in the place of links that are not there; `null` by default, as the pagination guide has it. */
  readonly noLink?: Nothing;
  /** `published` by default. */
  readonly userFields?: UserFields;
}

/** A Secoda workspace over HTTP. */
export interface SecodaEmulator {
  /** Without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
  readonly clock: Clock;
  readonly state: SecodaState;
  readonly faults: Faults;
  readonly requests: Served[];
  readonly unknown: string[];
  readonly throttled: number;
  /** As at the start. */
  readonly credentials: { readonly apiKey: string; readonly viewerKey: string };
  /** From now on this key is valid, and the one before it is not. */
  rotateKey(apiKey: string): void;
}

export async function startSecoda(options: SecodaOptions = {}): Promise<SecodaEmulator> {
  const { clock = systemClock, apiKey = 'emulated-secoda-key', viewerKey = 'emulated-viewer-key' } = options;
  const state = new SecodaState(clock);
  const valid = { apiKey };
  const faults = new Faults();
  const throttle = new WriteThrottle(clock, options.writesPerMinute ?? 30);
  const rules: InputRules = {
    invited: options.invited ?? 'kept',
    disabled: options.disabled ?? 'kept',
    guests: options.guests ?? 'kept',
    serviceAccounts: options.serviceAccounts ?? 'kept',
    namesRefused: options.namesRefused ?? true,
    patchNeedsName: options.patchNeedsName ?? false,
    descriptionLimit: options.descriptionLimit ?? Infinity,
    longDescription: options.longDescription ?? 'refused',
    descriptions: options.descriptions ?? 'as sent',
    nameTrim: options.nameTrim ?? true,
    duplicateNames: options.duplicateNames ?? 'allowed',
    invitationForm: options.invitationForm ?? 'reference',
    invitationAnswer: options.invitationAnswer ?? 'person',
    allowedDomains: options.allowedDomains ?? [],
  };
  let url = '';
  const pages = () => ({
    usual: options.pageSize ?? 100,
    max: options.maxPageSize ?? 1000,
    ignorePageSize: options.ignorePageSize ?? false,
    origin: options.linksOrigin ?? url,
    nothing: options.noLink === undefined ? null : options.noLink,
  });

  /** As Django REST does it: who, then what they may, then how often, and only then the body. */
  const around = async ({ served }: Call, next: () => Promise<Reply>): Promise<Reply> => {
    const [scheme, key] = (served.headers.authorization ?? '').split(' ');
    if (scheme !== 'Bearer') return unauthenticated('Authentication credentials were not provided.');
    if (key !== valid.apiKey && key !== viewerKey) return unauthenticated('Invalid token.');
    if (key === viewerKey && served.method !== 'GET') {
      return reply(403, { detail: 'You do not have permission to perform this action.' });
    }
    if (['POST', 'PUT', 'PATCH'].includes(served.method)) {
      const seconds = throttle.take();
      if (seconds > 0) return throttledFor(seconds);
    }
    try {
      return await next();
    } catch (error) {
      if (error instanceof InputError) return reply(400, error.problems);
      throw error;
    }
  };

  const serving = await serve({
    name: 'Secoda emulator',
    port: options.port,
    clock,
    faults,
    latencyMs: options.latencyMs,
    slash: options.slash ?? 'both',
    redirectStatus: options.redirectStatus,
    routes: secodaRoutes(state, rules, pages, options.userFields ?? 'published'),
    errorBody: (_, detail) => ({ detail }),
    around,
    headers: () => [['date', new Date(clock.now()).toUTCString()]],
  });
  url = serving.url;
  const rotateKey = (next: string): void => {
    valid.apiKey = next;
  };
  return Object.assign(serving, { clock, state, faults, credentials: { apiKey, viewerKey }, rotateKey });
}

/** The 429 of the write throttle. */
function throttledFor(seconds: number): Reply {
  const detail = `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`;
  return reply(429, { detail }, [['retry-after', String(seconds)]]);
}

function unauthenticated(detail: string): Reply {
  return reply(401, { detail }, [['www-authenticate', 'Bearer realm="api"']]);
}
