export const USAGE = `okta-secoda-sync: keeps the groups of a Secoda workspace equal to groups in Okta

  npm run sync -- plan                      reads both, prints plan and verdict, writes nothing
  npm run sync -- apply                     the whole run: read, plan, guard, write, report
  npm run sync -- apply --approve DIGEST    applies exactly the refused plan with this digest
  npm run sync -- doctor [--probe]          checks configuration, addresses, credentials and rights;
                                            --probe also tries the writes on one scratch group

  --config FILE          configuration (default sync.config.ts; .json works too)
  --group NAME_OR_ID     only this group; repeat it for more
  --full                 no short cuts from the last run's record
  --json                 the report alone on stdout, all else on stderr
  --runs DIR             where records, memory and turn live: a folder (default runs/) or s3://bucket/prefix
  --help, --version

  Credentials: OKTA_API_TOKEN, or OKTA_CLIENT_ID and OKTA_PRIVATE_KEY (OKTA_KEY_ID with PEM); SECODA_API_KEY.
  Exit codes: 0 done or in sync, 1 unforeseen, 2 usage, 3 refused, 4 partial, 5 unreadable source, 6 no access.
`;
