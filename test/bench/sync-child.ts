/** The process of the sync's command line. */
import { main } from '../../lambda/terminal/main.ts';
import { measure } from './child.ts';

measure(({ argv, okta, secoda }, output, clock) =>
  main(argv, {
    environment: { OKTA_API_TOKEN: okta.token, SECODA_API_KEY: secoda.key },
    stdout: output,
    stderr: output,
    clock,
    random: Math.random,
  }),
);
