import { expect, test } from '@jest/globals';
import { classifyError } from '../../shared/execute/classify-error.ts';
import { throttlesOf } from '../../simulator/services/throttle-errors.ts';
import { awsError, systemError } from '../support/answering.ts';

const TARGETS = ['i-0aa', 'i-0aab', 'i-0cc'];

// The messages are EC2's own words.
test.each([
  ['InvalidInstanceID.NotFound', "The instance IDs 'i-0aa, i-0cc' do not exist", ['i-0aa', 'i-0cc'], 'refused'],
  [
    'OperationNotPermitted',
    "The instance 'i-0aab' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.",
    ['i-0aab'],
    'refused',
  ],
  ['IncorrectInstanceState', "The instance 'i-0cc' is not in a state from which it can be started.", ['i-0cc'], 'failed'],
  [
    'UnsupportedOperation',
    "You can't stop the Spot Instance 'i-0cc' because it is associated with a one-time Spot Instance request.",
    ['i-0cc'],
    'refused',
  ],
  ['UnsupportedHibernationConfiguration', 'The instance with instance ID i-0aa is not configured for hibernation.', ['i-0aa'], 'failed'],
  [
    'InvalidParameterCombination',
    "Enhanced networking with the Elastic Network Adapter (ENA) is required for the 't3a.xlarge' instance type. Ensure that your instance 'i-0cc' is enabled for ENA.",
    ['i-0cc'],
    'refused',
  ],
  ['UnsupportedOperation', 'Instance i-0aa is not ready to hibernate yet, retry in a few minutes.', ['i-0aa'], 'failed'],
  [
    'UnauthorizedOperation',
    'You are not authorized to perform: ec2:StopInstances on resource: arn:aws:ec2:us-east-1:123456789012:instance/i-0cc because no policy allows it',
    ['i-0cc'],
    'refused',
  ],
] as const)('%s blames the instances that its message names, and no other', (name, message, ids, outcome) => {
  expect(classifyError(awsError(name, message), TARGETS)).toEqual({ blames: 'named', ids, outcome, detail: `${name}: ${message}` });
});

test('an id that merely begins with another is not the other', () => {
  expect(classifyError(awsError('IncorrectInstanceState', "'i-0aab' is stopping"), ['i-0aa', 'i-0aab'])).toMatchObject({ ids: ['i-0aab'] });
});

test('an instance that was not in the call cannot be blamed for it', () => {
  expect(classifyError(awsError('IncorrectInstanceState', "'i-0ff' is stopping"), TARGETS)).toMatchObject({ blames: 'someone' });
});

test('too little capacity blames someone, without a name', () => {
  const error = awsError(
    'InsufficientInstanceCapacity',
    'We currently do not have sufficient m5.large capacity in the Availability Zone you requested.',
    500,
  );
  expect(classifyError(error, TARGETS)).toMatchObject({ blames: 'someone', outcome: 'failed' });
});

test.each([
  ['a refusal that nobody has seen before', awsError('SomethingNew', 'no', 400), 'failed'],
  [
    'a type that the zone does not have',
    awsError('Unsupported', 'Your requested instance type (m5.large) is not supported in your requested Availability Zone (us-east-1e).'),
    'failed',
  ],
  ['a product that is subscribed to no more', awsError('OptInRequired', 'you need to accept terms and subscribe', 401), 'refused'],
] as const)('%s blames someone, for whom the others need not wait', (_, error, outcome) => {
  expect(classifyError(error, TARGETS)).toMatchObject({ blames: 'someone', outcome });
});

test.each([
  ['a throttle', awsError('RequestLimitExceeded', 'Request limit exceeded. i-0aa', 503), 'throttled', true],
  ['a throttle in other words', awsError('TooFast', '', 429), 'throttled', true],
  ['an outage', awsError('Unavailable', 'The service is unavailable', 503), 'failed', true],
  ['an internal error, which may come after the work', awsError('InternalError', 'An internal error has occurred', 500), 'unknown', true],
  ['a gateway that lost the answer', awsError('502', '', 502), 'unknown', true],
  ['a broken socket', systemError('ECONNRESET'), 'unknown', true],
  [
    'a request without an answer',
    Object.assign(new Error('a request has exceeded the configured 10000 ms requestTimeout'), { name: 'TimeoutError' }),
    'unknown',
    true,
  ],
  [
    'a connection that was never made',
    Object.assign(new Error('the request socket did not establish a connection with the server within the configured timeout'), {
      name: 'TimeoutError',
    }),
    'failed',
    true,
  ],
  ['a refused connection', systemError('ECONNREFUSED'), 'failed', true],
  ['a name that does not resolve', systemError('ENOTFOUND'), 'failed', true],
  ['expired credentials', awsError('ExpiredToken', 'The security token included in the request is expired'), 'failed', true],
  ['a missing permission', awsError('AccessDenied', 'not authorized to perform: autoscaling:SetDesiredCapacity', 403), 'refused', false],
  [
    'a capacity outside of the bounds',
    awsError('ValidationError', 'New SetDesiredCapacity value 9 is above max value 5'),
    'refused',
    false,
  ],
  ['a group that is busy', awsError('ScalingActivityInProgressFault', 'Scaling activity is in progress'), 'failed', false],
  ['an answer that cannot be read', new SyntaxError("Unexpected token '<'"), 'unknown', true],
  ['something that is not an error', 'oops', 'unknown', true],
] as const)('%s blames the call and none of its targets', (_, error, outcome, endsRound) => {
  expect(classifyError(error, TARGETS)).toMatchObject({ blames: 'call', outcome, endsRound });
});

// Of Pricing, Cost Explorer and the tables nothing is asked that could be half done: their words never come here.
test.each(
  ['ec2', 'autoscaling', 'elasticbeanstalk', 'ssm', 'sqs', 'sns', 's3', 'sts', 'eventbridge', 'cloudwatch'].flatMap(service =>
    throttlesOf(service).map(([name, status]) => [service, name, status] as const),
  ),
)('%s throttles as %s, which blames no target and ends the round', (_service, name, status) => {
  expect(classifyError(awsError(name, 'Rate exceeded', status), TARGETS)).toMatchObject({
    blames: 'call',
    outcome: 'throttled',
    endsRound: true,
  });
});
