/** The front of the virtual cloud: takes a call, meets its fault, answers it, and writes down what it did. */
import { instant } from '../../shared/model/time.ts';
import { identity, trailEvent } from '../world/cloudtrail.ts';
import { type Region, regionOf, type World } from '../world/world.ts';
import { autoscaling } from './autoscaling.ts';
import { cloudwatch } from './cloudwatch.ts';
import { costExplorer } from './cost-explorer.ts';
import { ec2 } from './ec2.ts';
import { elasticbeanstalk } from './elasticbeanstalk.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { eventbridge } from './eventbridge.ts';
import { throttled } from './limits.ts';
import type { Call, Operation } from './operation.ts';
import { pricing } from './pricing.ts';
import { s3 } from './s3.ts';
import { sns } from './sns.ts';
import { sqs } from './sqs.ts';
import { ssm } from './ssm.ts';
import { sts } from './sts.ts';

/** Service names as the SDK's serviceId in small letters without blanks. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  autoscaling,
  cloudwatch,
  costexplorer: costExplorer,
  ec2,
  elasticbeanstalk,
  eventbridge,
  pricing,
  s3,
  sns,
  sqs,
  ssm,
  sts,
};

export interface Request {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly input: unknown;
  readonly userAgent: string;
  readonly invocation: string;
  readonly caller: string;
  /** Whose credentials signed it; those of an assumed role speak for their account. */
  readonly accessKey?: string | undefined;
}

export interface Answer {
  readonly output: object;
  readonly requestId: string;
}

/** What a failed call looked like from outside. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly error: ServiceError;
  readonly requestId: string;

  constructor(error: ServiceError, requestId: string) {
    super(error.message, { cause: error });
    this.error = error;
    this.requestId = requestId;
  }
}

/**
 * @throws Refusal with the service's error.
 * @throws NotInVirtualCloud for an operation, filter or metric that the virtual cloud does not know.
 */
export function serve(home: World, request: Request): Answer {
  const world = home.sessions.get(request.accessKey ?? '') ?? home;
  const { service, operation: name, input } = request;
  const operation = SERVICES[service]?.[name];
  if (operation === undefined) throw new NotInVirtualCloud(`${service} ${name}`);

  if (world.latency > 0 && !request.caller.startsWith('human')) world.clock.sleep(world.latency);
  const requestId = world.ids.uuid('request');
  const call: Call = { world, region: placeOf(world, request), requestId, invocation: request.invocation, changed: [] };
  const fault = world.faults.take(service, name, input);
  const refused = fault !== null && !fault.after ? fault.error : throttled(world, request.region, service, name, input);
  const { output, error } = refused !== null ? { output: null, error: refused } : attempt(operation, input, call);
  const seen = fault?.after ? (error ?? fault.error) : error;

  if (operation.writes) writeDown(world, request, call, operation, output, seen);
  if (seen !== null) throw new Refusal(seen, requestId);
  return { output: output ?? {}, requestId };
}

/** Billing answers at a few endpoints for all regions; the others have no such host. */
const ENDPOINTS: Readonly<Record<string, readonly string[]>> = {
  costexplorer: ['us-east-1'],
  pricing: ['us-east-1', 'eu-central-1', 'ap-south-1'],
};

function placeOf(world: World, { service, region }: Request): Region {
  const endpoints = ENDPOINTS[service];
  if (endpoints === undefined) return regionOf(world, region);
  if (!endpoints.includes(region)) throw new Error(`${service} has no endpoint in ${region}, only in ${endpoints.join(', ')}`);
  const [any] = world.regions.values();
  if (any === undefined) throw new Error('the virtual cloud has no region at all');
  return any;
}

function attempt(operation: Operation, input: unknown, call: Call): { output: object | null; error: ServiceError | null } {
  try {
    return { output: operation.answer(input, call), error: null };
  } catch (error) {
    if (error instanceof ServiceError) return { output: null, error };
    throw error;
  }
}

function writeDown(
  world: World,
  request: Request,
  call: Call,
  operation: Operation,
  output: object | null,
  error: ServiceError | null,
): void {
  const { service, operation: action, region, input, userAgent, caller } = request;
  world.record.write({
    at: instant(world.clock.now() * 1000),
    account: world.account,
    region,
    service,
    action,
    params: input,
    userAgent,
    requestId: call.requestId,
    caller,
    error: error?.name ?? null,
    changed: call.changed,
  });
  if (operation.trail === undefined) return;
  trailEvent(world, {
    region,
    eventSource: `${EVENT_SOURCES[service] ?? service}.amazonaws.com`,
    eventName: action,
    userIdentity: identity(world, caller),
    userAgent,
    ...operation.trail(input, output),
    requestId: call.requestId,
    error: error !== null && output === null ? { code: trailCode(service, error), message: error.message } : null,
  });
}

/** Where CloudTrail's name for a service is not the SDK's. */
const EVENT_SOURCES: Readonly<Record<string, string>> = { cloudwatch: 'monitoring', eventbridge: 'events' };

/** CloudTrail says of EC2's errors whose fault they are: `Client.InvalidInstanceID.NotFound`, `Server.InsufficientInstanceCapacity`. */
function trailCode(service: string, { name, status }: ServiceError): string {
  if (service !== 'ec2') return name;
  return `${status >= 500 ? 'Server' : 'Client'}.${name}`;
}
