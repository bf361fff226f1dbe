import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { SecretOf } from '../lambda/settings/secret-content.ts';
import { except } from './checks.ts';

export interface SecretsProps {
  /** ARNs of secrets that are there already; `null` where one is to be made. */
  readonly existing: Readonly<Record<SecretOf, string | null>>;
}

/** The two credentials. A secret made here has no value at all, not even a random one, until somebody fills it. */
export class Secrets extends Construct {
  readonly okta: string;
  readonly secoda: string;
  /** ARNs of the secrets made here, which are to be filled. */
  readonly made: readonly (readonly [SecretOf, string])[];

  constructor(scope: Construct, id: string, { existing }: SecretsProps) {
    super(scope, id);
    this.okta = existing.okta ?? this.make('Okta', 'Credentials of Okta for the sync into Secoda');
    this.secoda = existing.secoda ?? this.make('Secoda', 'API key of Secoda for the sync from Okta');
    this.made = [
      ...(existing.okta === null ? [['okta', this.okta] as const] : []),
      ...(existing.secoda === null ? [['secoda', this.secoda] as const] : []),
    ];
  }

  private make(id: string, description: string): string {
    const secret = new CfnSecret(this, id, { description });
    except(
      secret,
      'AwsSolutions-SMG4',
      'The credential is made in Okta or Secoda, which have no call that would let AWS rotate it; docs/operations.md says how people do.',
    );
    return secret.ref;
  }
}
