import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { awsFailure } from '../services/aws-error.ts';

/** In milliseconds, for each of at most three attempts. */
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/**
 * Sends a notice to the subscribers of a topic. The promise rejects with an `Error` in words when SNS did not take it.
 * `client`: one for the region and credentials of the environment, unless given.
 */
export function snsTopic(
  topicArn: string,
  client?: SNSClient,
): (notice: { readonly subject: string; readonly message: string }) => Promise<void> {
  let opened = client;
  return async ({ subject, message }) => {
    opened ??= new SNSClient({ requestHandler: TIMEOUTS, maxAttempts: 3 });
    try {
      await opened.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message }));
    } catch (error) {
      const failure = awsFailure(error);
      const reason =
        failure.status === null ? failure.message : `SNS answered ${failure.status} (${failure.code})`;
      const fix =
        failure.status === 403
          ? '. Needed are sns:Publish on the topic, and kms:GenerateDataKey and kms:Decrypt on its key if it has one'
          : '';
      throw new Error(`The notice could not be sent to ${topicArn}: ${reason}${fix}`, { cause: error });
    }
  };
}
