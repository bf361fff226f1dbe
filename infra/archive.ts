import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { HISTORY, LEDGER, READS, RECENT, SNAPSHOTS, STEPS, UNMATCHED } from '../lambda/names.ts';
import type { Settings } from '../lambda/settings.ts';
import { except } from './checks.ts';

/** Days for which a version that was replaced or deleted can be brought back. */
const UNDO_DAYS = 30;
/** What nobody wants back; a run, which may need it, lasts a day at most. */
const SOON = Duration.days(3);

/**
 * The bucket for records, memory and lease. It outlives its stack: records of access are not deleted by accident. Only one that
 * a failed creation leaves, which holds none, goes.
 */
export class Archive extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, days: Settings['archive']) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      versioned: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: rules(days),
    });
    this.#keepLedger();
    except(
      this.bucket,
      'AwsSolutions-S1',
      'Only two functions can read it, and they log what they do; access logs would need a second bucket. Whoever must prove reads switches on data events in CloudTrail.',
    );
  }

  /** What is in the ledger is neither replaced nor deleted, by whomever: an entry is written where none is, or not at all. */
  #keepLedger(): void {
    const ledger = {
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      resources: [this.bucket.arnForObjects(`${LEDGER}*`)],
    };
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        ...ledger,
        sid: 'LedgerOnlyAppended',
        actions: ['s3:PutObject'],
        conditions: { Null: { 's3:if-none-match': 'true' } },
      }),
    );
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        ...ledger,
        sid: 'LedgerNotDeleted',
        actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      }),
    );
  }
}

/**
 * Run ids begin with the year, so that `2` is the prefix of records; `state.json` and `turn.json` have none that any rule
 * expires.
 */
function rules({ days, snapshotDays, ledgerDays }: Settings['archive']): LifecycleRule[] {
  const expiration = Duration.days(days);
  return [
    { id: 'Records', prefix: '2', expiration },
    { id: 'Steps', prefix: STEPS, expiration: SOON, noncurrentVersionExpiration: SOON },
    // Each run replaces them, and the lease is replaced with each write.
    { id: 'Reads', prefix: READS, noncurrentVersionExpiration: SOON },
    // The newest chapter is replaced by each run, so that only old ones reach that age.
    { id: 'History', prefix: HISTORY, expiration, noncurrentVersionExpiration: SOON },
    { id: 'Unmatched', prefix: UNMATCHED, noncurrentVersionExpiration: SOON },
    { id: 'Recent', prefix: RECENT, noncurrentVersionExpiration: SOON },
    { id: 'Turn', prefix: 'turn.json', noncurrentVersionExpiration: SOON },
    {
      id: 'Snapshots',
      prefix: SNAPSHOTS,
      expiration: Duration.days(snapshotDays),
      noncurrentVersionExpiration: SOON,
    },
    { id: 'Ledger', prefix: LEDGER, expiration: Duration.days(ledgerDays) },
    { id: 'RefusedPlans', prefix: 'refused/', expiration },
    {
      id: 'Replaced',
      noncurrentVersionExpiration: Duration.days(UNDO_DAYS),
      expiredObjectDeleteMarker: true,
      abortIncompleteMultipartUploadAfter: Duration.days(1),
    },
  ];
}
