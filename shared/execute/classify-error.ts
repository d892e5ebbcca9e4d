/** What an error of a mutating call says, and of whom: one table. Pure, and by the error's name, because bundles carry several SDK cores. */
import { why } from '../observe/why.ts';

export type ErrorVerdict =
  /** These targets, by name: the others of the call may be tried again without them. */
  | { readonly blames: 'named'; readonly ids: readonly string[]; readonly outcome: 'refused' | 'failed'; readonly detail: string }
  /** Some target that is not named: halving the batch finds it. */
  | { readonly blames: 'someone'; readonly outcome: 'refused' | 'failed'; readonly detail: string }
  /**
   * The whole call, and no target. `unknown`: it may have been carried out. `throttled`: nothing was done, and the same call may be sent
   * again after a while. `endsRound`: the next call would meet the same, so that nothing more is sent: a throttle is not a bad id, and
   * hammering does not help.
   */
  | {
      readonly blames: 'call';
      readonly outcome: 'refused' | 'failed' | 'throttled' | 'unknown';
      readonly endsRound: boolean;
      readonly detail: string;
    };

/** @param targets ids that were in the call: only these can be blamed by name. */
export function classifyError(error: unknown, targets: readonly string[]): ErrorVerdict {
  const detail = why(error);
  const row = rowOf(error);
  if (row.blames === 'call') return { ...row, detail };
  const words = new Set(detail.match(/[\w-]+/g));
  const named = targets.filter(id => words.has(id));
  const { outcome } = row;
  return named.length > 0 ? { blames: 'named', ids: named, outcome, detail } : { blames: 'someone', outcome, detail };
}

type Row =
  | { readonly blames: 'target'; readonly outcome: 'refused' | 'failed' }
  | { readonly blames: 'call'; readonly outcome: 'refused' | 'failed' | 'throttled' | 'unknown'; readonly endsRound: boolean };

/** A target for which the same call would be refused again. */
const REFUSES_TARGET: Row = { blames: 'target', outcome: 'refused' };
/** A target for which the same call may succeed later: another state, more capacity. */
const FAILS_TARGET: Row = { blames: 'target', outcome: 'failed' };
const REFUSES_CALL: Row = { blames: 'call', outcome: 'refused', endsRound: false };
const FAILS_CALL: Row = { blames: 'call', outcome: 'failed', endsRound: false };
const FAILS_ROUND: Row = { blames: 'call', outcome: 'failed', endsRound: true };
const THROTTLED: Row = { blames: 'call', outcome: 'throttled', endsRound: true };
const UNKNOWN: Row = { blames: 'call', outcome: 'unknown', endsRound: true };

const ROWS: Readonly<Record<string, Row>> = {
  // EC2 validates all ids before it acts on any, so these spoil a call as a whole
  'InvalidInstanceID.NotFound': REFUSES_TARGET,
  'InvalidInstanceID.Malformed': REFUSES_TARGET,
  InvalidID: REFUSES_TARGET, // CreateTags and DeleteTags
  'InvalidVolume.NotFound': REFUSES_TARGET,
  'InvalidSnapshot.NotFound': REFUSES_TARGET,
  'InvalidAllocationID.NotFound': REFUSES_TARGET,
  'InvalidElasticIpID.NotFound': REFUSES_TARGET,
  OperationNotPermitted: REFUSES_TARGET, // DisableApiStop
  UnsupportedOperation: REFUSES_TARGET, // one-time spot, instance-store root
  UnsupportedHibernationConfiguration: FAILS_TARGET, // stopped without, when it has failed often enough
  IncorrectSpotRequestState: REFUSES_TARGET,
  InvalidParameterCombination: REFUSES_TARGET, // a start as a type that takes ENA, which the instance does not have
  OptInRequired: REFUSES_TARGET, // a Marketplace image whose subscription is over
  TagLimitExceeded: REFUSES_TARGET,
  // Roles are conditioned by tags, so one target whose tag changed can make EC2 deny the call
  UnauthorizedOperation: REFUSES_TARGET,
  IncorrectInstanceState: FAILS_TARGET,
  IncorrectState: FAILS_TARGET,
  Unsupported: FAILS_TARGET, // a type that its zone does not have, or not with such volumes
  InsufficientInstanceCapacity: FAILS_TARGET,
  InsufficientHostCapacity: FAILS_TARGET,
  InsufficientCapacityOnHost: FAILS_TARGET,
  InstanceLimitExceeded: FAILS_TARGET,
  VcpuLimitExceeded: FAILS_TARGET,

  // Auto Scaling: one group a call
  ValidationError: REFUSES_CALL, // no such group; capacity outside the group's bounds
  ScalingActivityInProgress: FAILS_CALL,
  ScalingActivityInProgressFault: FAILS_CALL,
  ResourceContention: FAILS_CALL,
  ResourceContentionFault: FAILS_CALL,

  InvalidParameterValue: REFUSES_CALL, // a reserved tag key: all targets of a call share their tags
  MissingParameter: REFUSES_CALL,
  // Elastic Beanstalk: one environment a call
  ResourceNotFoundException: REFUSES_CALL,
  ResourceTypeNotSupportedException: REFUSES_CALL,
  TooManyTagsException: REFUSES_CALL,
  InsufficientPrivilegesException: REFUSES_CALL,
  OperationInProgressException: FAILS_CALL,
  LimitExceeded: REFUSES_CALL, // Auto Scaling: more tags than a group may have
  LimitExceededFault: REFUSES_CALL,
  AccessDenied: REFUSES_CALL,
  AccessDeniedException: REFUSES_CALL,
  Blocked: REFUSES_CALL,
  PendingVerification: FAILS_CALL,

  AuthFailure: FAILS_ROUND,
  CredentialsProviderError: FAILS_ROUND,
  ExpiredToken: FAILS_ROUND,
  ExpiredTokenException: FAILS_ROUND,
  InvalidClientTokenId: FAILS_ROUND,
  RequestExpired: FAILS_ROUND,
  SignatureDoesNotMatch: FAILS_ROUND,
  UnrecognizedClientException: FAILS_ROUND,

  BandwidthLimitExceeded: THROTTLED,
  EC2ThrottledException: THROTTLED,
  PriorRequestNotComplete: THROTTLED,
  RequestLimitExceeded: THROTTLED,
  RequestThrottled: THROTTLED,
  RequestThrottledException: THROTTLED,
  SlowDown: THROTTLED,
  Throttling: THROTTLED,
  ThrottledException: THROTTLED,
  ThrottlingException: THROTTLED,
  TooManyRequestsException: THROTTLED,
  ServiceUnavailable: FAILS_ROUND,
  Unavailable: FAILS_ROUND,

  // AWS does not say whether an internal error came before or after the work
  InternalError: UNKNOWN,
  InternalFailure: UNKNOWN,
  InternalServerError: UNKNOWN,
  ServerInternal: UNKNOWN,
};

/** System errors before anything was sent. All others, such as ECONNRESET, leave open what the other side did. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

function rowOf(error: unknown): Row {
  const { name, code, message, $metadata } = error as Partial<Record<'name' | 'code' | 'message', string>> & {
    $metadata?: { httpStatusCode?: number };
  };
  // Elastic Beanstalk's word for "not now", which our own update may be the reason for.
  if (message?.includes('Must be Ready')) return FAILS_CALL;
  // "Instance is not ready to hibernate yet, retry in a few minutes": its agent has yet to make room for the memory, or is not there.
  if (name === 'UnsupportedOperation' && message?.includes('hibernate')) return FAILS_TARGET;
  const known = Object.hasOwn(ROWS, name ?? '') ? ROWS[name ?? ''] : undefined;
  if (known !== undefined) return known;
  if (NEVER_SENT.has(code ?? '') || (name === 'TimeoutError' && message?.includes('did not establish a connection'))) return FAILS_ROUND;
  const status = $metadata?.httpStatusCode ?? 0;
  if (status === 429) return THROTTLED;
  if (status === 503) return FAILS_ROUND;
  // A refusal in words that the table does not know: nothing was done, and a later tick may try again. What asks for nothing but ids is
  // refused for one of them, and the others are not to wait for it every morning.
  if (status >= 400 && status < 500) return FAILS_TARGET;
  return UNKNOWN;
}
