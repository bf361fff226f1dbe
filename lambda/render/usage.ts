/** The short form, for somebody who mistyped. */
export const SYNOPSIS = `Usage: npm run sync -- plan | apply [--approve DIGEST] | onboard EMAIL… | history [EMAIL] | show [RUN] | doctor [--probe]
       with --config FILE, --group NAME_OR_ID, --full, --json, --no-dry-run, --runs DIR; --help explains them
`;

/** What `--help` prints. */
export const USAGE = `okta-secoda-sync: keeps the groups of a Secoda workspace equal to groups in Okta

Usage: npm run sync -- COMMAND [FLAGS]

  plan                      reads both sides, prints plan and verdict, writes nothing
  apply                     the whole run: read, plan, guard, write, report
  apply --approve DIGEST    applies exactly the refused plan with this digest
  onboard EMAIL…            adds these people to the groups they are in in Okta; can only add
  history                   the last runs, or those --since 2026-11-01 or 7d, with --status refused
  history EMAIL             every change of this person's access; with --group of a group's
  history --unmatched       who has no Secoda account since when, and who has one by now
  show [RUN]                a run as its record has it: the last that could write, unless named by id
  show RUN --group G --members
                            who was in a group then
  doctor                    checks configuration, addresses, credentials and rights
  doctor --probe            also tries the writes, on one scratch group in Secoda that is deleted again

  --config FILE             the configuration (default sync.config.ts; .json works too)
  --group NAME_OR_ID        only this group; may be given several times
  --full                    no short cuts from the last run's record
  --csv                     history for a spreadsheet
  --reason TEXT             why the run is made; kept in its record
  --json                    the report alone on stdout, all else on stderr
  --invite-again            with onboard: invites people anew who did not follow, or perhaps were not reached
  --no-dry-run              writes although the configuration says dryRun: true
  --runs DIR                where records, memory and lease live: a folder (default runs/)
                            or s3://bucket/prefix
  --help, -h; --version

Environment:
  OKTA_API_TOKEN            or OKTA_CLIENT_ID and OKTA_PRIVATE_KEY (a JWK or PEM; OKTA_KEY_ID with PEM)
  SECODA_API_KEY            the key of a Secoda Admin
  OKTA_ORG_URL, SECODA_API_URL
                            override the configured addresses
  NO_COLOR, DEBUG           no colour; the stack of an unforeseen error

Exit codes: 0 done or nothing to do, 1 unforeseen, 2 usage or configuration, 3 refused,
4 partial, 5 a source could not be read completely, 6 no access.
`;
