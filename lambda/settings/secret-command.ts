/** The two secrets of a deployment, and what each is to hold. */
const CONTENTS = {
  okta: '{"apiToken":"…"}',
  secoda: '{"apiKey":"…"}',
} as const;

export type SecretOf = keyof typeof CONTENTS;

/** The command that fills a secret; its owner puts the credential where the dots are. */
export function fillCommand(side: SecretOf, arn: string): string {
  return `aws secretsmanager put-secret-value --secret-id '${arn}' --secret-string '${CONTENTS[side]}'`;
}
