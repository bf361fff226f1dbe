import { Duration } from 'aws-cdk-lib';

/** People are answered within 50 seconds; a batch takes a few. */
export const START_TIMEOUT = Duration.seconds(60);

/** What `Start` takes from the queue at once. docs/decisions/0010-events-and-start.md has the arithmetic. */
export const BATCH = { size: 1_000, windowSeconds: 20 } as const;

/** How long a message that `Start` has in hand is hidden: as AWS asks, six times its time-out, and the window. */
export const VISIBILITY = Duration.seconds(6 * START_TIMEOUT.toSeconds() + BATCH.windowSeconds);

/** Receives before a message is a dead letter; AWS asks for five at least, since a throttled invocation counts. */
export const MOST_RECEIVES = 5;
