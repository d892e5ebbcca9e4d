/**
 * What each service says to whom calls too often: as its own API reference and the exceptions of its SDK client have it
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html; "Common Errors" of the others).
 */

/** Name as the SDK reports it, and HTTP status. */
export type Throttle = readonly [name: string, status: number];

/** By service id in lower case without spaces; where a service has several words for it, the usual one first. */
const THROTTLES: Readonly<Record<string, readonly [Throttle, ...Throttle[]]>> = {
  ec2: [['RequestLimitExceeded', 503]],
  autoscaling: [['Throttling', 400]],
  cloudwatch: [['Throttling', 400]],
  elasticbeanstalk: [['Throttling', 400]],
  sts: [['Throttling', 400]],
  ssm: [['ThrottlingException', 400]],
  eventbridge: [['ThrottlingException', 400]],
  pricing: [['ThrottlingException', 400]],
  costexplorer: [['LimitExceededException', 400]],
  sqs: [
    ['ThrottlingException', 400], // FIFO queues
    ['RequestThrottled', 403],
  ],
  sns: [['ThrottledException', 429]],
  s3: [['SlowDown', 503]],
  dynamodb: [
    ['ThrottlingException', 400],
    ['ProvisionedThroughputExceededException', 400],
    ['RequestLimitExceeded', 400],
  ],
};

/** Every word that the service has for it. */
export const throttlesOf = (service: string): readonly [Throttle, ...Throttle[]] => THROTTLES[service] ?? [['ThrottlingException', 400]];
