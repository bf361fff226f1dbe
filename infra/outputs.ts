import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { ENVIRONMENT } from '../lambda/names.ts';
import { fillCommand } from '../lambda/settings/secret-content.ts';
import type { Secrets } from './secrets.ts';
import type { StartFunction } from './start-function.ts';
import type { SyncFunction } from './sync-function.ts';

export interface OutputsProps {
  readonly bucket: Bucket;
  readonly dashboard: Dashboard;
  readonly secrets: Secrets;
  readonly start: StartFunction;
  readonly sync: SyncFunction;
}

const FILL = { okta: 'FillOkta', secoda: 'FillSecoda' } as const;

/** What whoever deployed needs next. */
export function addOutputs(stack: Stack, { bucket, dashboard, secrets, start, sync }: OutputsProps): void {
  const output = (id: string, value: string, description: string): void => {
    new CfnOutput(stack, id, { value, description });
  };
  output('StartFunction', start.handler.functionName, 'The function to invoke by hand');
  output('SyncFunction', sync.handler.functionName, 'The durable function, whose executions can be listed');
  output('RecordsBucket', bucket.bucketName, 'The bucket with the record of every run');
  output(
    'UseRecords',
    `export ${ENVIRONMENT.runs}=s3://${bucket.bucketName}`,
    'Lets a terminal use these records',
  );
  for (const [side, arn] of secrets.made) {
    // CloudFormation turns what is not ASCII into question marks.
    output(FILL[side], fillCommand(side, arn).replaceAll('…', '...'), 'Fills the secret');
  }
  const region = stack.region;
  output(
    'DashboardLink',
    `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard.dashboardName}`,
    'Runs, changes, calls and alarms',
  );
}
