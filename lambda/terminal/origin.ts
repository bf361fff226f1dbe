import { hostname, userInfo } from 'node:os';
import type { Origin } from '../core/model/request.ts';
import { type Environment, variable } from '../names.ts';

/** Where the usual CI systems name the person who started a job. */
const ACTORS = [
  'GITHUB_ACTOR',
  'GITLAB_USER_LOGIN',
  'BUILDKITE_BUILD_CREATOR',
  'CIRCLE_USERNAME',
  'BUILD_REQUESTEDFOR',
  'BITBUCKET_STEP_TRIGGERER_UUID',
] as const;

/** A run from a terminal: asked for by the CI's actor, else by the user at this host. */
export function terminalOrigin(
  reason: string | null,
  environment: Environment,
): Omit<Origin, 'version' | 'config'> {
  const actor = ACTORS.map((name) => variable(environment, name)).find((each) => each !== undefined);
  const requestedBy = actor ?? `${userName() ?? 'unknown'}@${hostname()}`;
  return { trigger: 'terminal', requestedBy, reason, awsRequestId: null, functionArn: null };
}

function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no name.
    return null;
  }
}
