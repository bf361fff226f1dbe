import { originOf } from '../http/origin.ts';

/** Where a workspace lives: one of Secoda's clouds, or an installation of one's own. */
export type SecodaPlace = { readonly region: SecodaRegion } | { readonly url: string };

export type SecodaRegion = 'us' | 'eu' | 'apac';

/** The servers that the published specification (8.22.39) lists for each cloud. */
const CLOUDS: Readonly<Record<SecodaRegion, string>> = {
  us: 'https://api.secoda.co',
  eu: 'https://eapi.secoda.co',
  apac: 'https://aapi.secoda.co',
};

/** The base URL of a place. Throws `UsageError` when `url` is not an address that a key may be sent to. */
export function secodaBaseUrl(place: SecodaPlace): URL {
  return 'region' in place ? new URL(CLOUDS[place.region]) : originOf(place.url, 'The Secoda address');
}
