import { UsageError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import { type AddressCheck, originOf, orgUrlProblem, secodaUrlProblem } from './address.ts';
import { type Environment, ENVIRONMENT, variable } from './names.ts';
import { described, problem } from './problems.ts';

/** The settings with the addresses that the environment names instead of the configured ones. Throws `UsageError`. */
export function withAddressesOf(environment: Environment, settings: Settings): Settings {
  const okta = addressIn(environment, ENVIRONMENT.oktaOrgUrl, orgUrlProblem);
  const secoda = addressIn(environment, ENVIRONMENT.secodaApiUrl, secodaUrlProblem);
  const problems = [okta, secoda].flatMap((found) => found?.problem ?? []);
  if (problems.length > 0) throw new UsageError(problems);
  return {
    ...settings,
    okta: { ...settings.okta, orgUrl: okta?.origin ?? settings.okta.orgUrl },
    secoda:
      secoda?.origin === undefined ? settings.secoda : { ...settings.secoda, place: { url: secoda.origin } },
  };
}

function addressIn(
  environment: Environment,
  name: string,
  check: AddressCheck,
): { readonly origin?: string; readonly problem?: string } | undefined {
  const text = variable(environment, name);
  if (text === undefined) return undefined;
  const expected = check(text);
  return expected === null
    ? { origin: originOf(text) }
    : { problem: problem(name, expected, described(text)) };
}
