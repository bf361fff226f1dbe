/** The process of the plain loop. */
import { measure } from './child.ts';
import { plainLoop } from './plain-loop.ts';

measure(async ({ okta, secoda }, output, clock) => {
  const [oktaUrl, oktaToken, secodaUrl, secodaKey] = [okta.url, okta.token, secoda.url, secoda.key];
  try {
    await plainLoop({ oktaUrl, oktaToken, secodaUrl, secodaKey, clock });
    return 0;
  } catch (error) {
    output.write(String(error));
    return 1;
  }
});
