import { UsageError } from '../errors.ts';
import { type Environment, ENVIRONMENT, variable } from '../names.ts';
import {
  type CheckedOkta,
  checkOkta,
  headerProblem,
  type OktaCredentials,
  type OktaPartNames,
} from './okta-credentials.ts';

export type { OktaCredentials };

export interface Credentials {
  readonly okta: OktaCredentials;
  readonly secoda: { readonly apiKey: string };
}

const OKTA_NAMES: OktaPartNames = {
  apiToken: ENVIRONMENT.oktaApiToken,
  clientId: ENVIRONMENT.oktaClientId,
  privateKey: ENVIRONMENT.oktaPrivateKey,
  keyId: ENVIRONMENT.oktaKeyId,
};

/**
 * The credentials of both sides from the environment. Throws `UsageError` with everything that is missing or wrong on
 * either side; a problem names the variable and never repeats its value.
 */
export function readCredentials(environment: Environment): Credentials {
  const okta = oktaIn(environment);
  const apiKey = variable(environment, ENVIRONMENT.secodaApiKey);
  const secodaProblem =
    apiKey === undefined
      ? `${ENVIRONMENT.secodaApiKey} is not set; expected the API key of a Secoda Admin`
      : headerProblem(ENVIRONMENT.secodaApiKey, apiKey);
  const problems = 'problems' in okta ? [...okta.problems] : [];
  if (secodaProblem !== null) problems.push(secodaProblem);
  if ('problems' in okta || apiKey === undefined || problems.length > 0) throw new UsageError(problems);
  return { okta: okta.credentials, secoda: { apiKey } };
}

/** Those for Okta alone; `null` where there are none. Throws `UsageError` where they are wrong. */
export function readOktaCredentials(environment: Environment): OktaCredentials | null {
  if (Object.values(OKTA_NAMES).every((name) => variable(environment, name) === undefined)) return null;
  const found = oktaIn(environment);
  if ('problems' in found) throw new UsageError(found.problems);
  return found.credentials;
}

function oktaIn(environment: Environment): CheckedOkta {
  return checkOkta(
    {
      apiToken: variable(environment, OKTA_NAMES.apiToken),
      clientId: variable(environment, OKTA_NAMES.clientId),
      privateKey: variable(environment, OKTA_NAMES.privateKey),
      keyId: variable(environment, OKTA_NAMES.keyId),
    },
    OKTA_NAMES,
  );
}
