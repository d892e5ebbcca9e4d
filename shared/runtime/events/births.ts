/** Calls that make something which has to carry tags, and what CloudTrail's record of them says was made. */
import type { Caller } from '../../model/birth.ts';
import { isEnvironmentId } from '../../model/ids.ts';
import type { Happened } from '../events.ts';
import { isRecord } from './common.ts';

export interface BirthEvent extends Happened {
  readonly kind: 'birth';
  /** `RunInstances`, `CreateVolume`, … */
  readonly call: string;
  /**
   * Ids, a group's name, or `environment/APPLICATION/NAME`; sorted. The volumes of an instance are not among them: RunInstances answers before
   * they are there. Empty where the call failed, and where CloudTrail left a long answer out.
   */
  readonly born: readonly string[];
  readonly by: Caller;
  readonly errorCode: string | null;
}

interface Told {
  readonly requestParameters?: unknown;
  readonly responseElements?: unknown;
}

/** Undefined for a call that makes nothing of ours. */
export const bornOf = (eventSource: string, eventName: string, told: Told): readonly string[] | undefined =>
  BIRTHS.get(`${eventSource} ${eventName}`)?.(told).toSorted();

const EC2 = 'ec2.amazonaws.com';

/** By source too: CreateEnvironment is a call of CloudShell, FinSpace and others as well. */
const BIRTHS: ReadonlyMap<string, (told: Told) => string[]> = new Map([
  [`${EC2} RunInstances`, answered('instanceId')],
  [`${EC2} CreateVolume`, answered('volumeId')],
  [`${EC2} CreateSnapshot`, answered('snapshotId')],
  [`${EC2} CreateSnapshots`, answered('snapshotId')],
  [`${EC2} CopySnapshot`, answered('snapshotId')],
  [`${EC2} AllocateAddress`, answered('allocationId')],
  ['autoscaling.amazonaws.com CreateAutoScalingGroup', ({ requestParameters }) => textAt(requestParameters, 'autoScalingGroupName')],
  ['elasticbeanstalk.amazonaws.com CreateEnvironment', environment],
]);

/**
 * All ids under this name, however deep they lie: `volumeId`, `instancesSet.items[].instanceId`, or, of newer calls,
 * `CreateSnapshotsResponse.snapshotSet.item`, which is a list only when there are several.
 */
function answered(name: string): (told: Told) => string[] {
  return ({ responseElements }) => [...new Set(under(name, responseElements))];
}

function* under(name: string, node: unknown): Generator<string> {
  if (Array.isArray(node)) for (const child of node) yield* under(name, child);
  if (!isRecord(node)) return;
  for (const [field, child] of Object.entries(node)) {
    if (field === name && typeof child === 'string') yield child;
    else yield* under(name, child);
  }
}

/** Beanstalk's answer is not always recorded; then the environment is known by the names it was asked for. */
function environment({ requestParameters, responseElements }: Told): string[] {
  const [id] = textAt(responseElements, 'environmentId');
  if (id !== undefined && isEnvironmentId(id)) return [id];
  const [application, name] = [...textAt(requestParameters, 'applicationName'), ...textAt(requestParameters, 'environmentName')];
  return application === undefined || name === undefined ? [] : [`environment/${application}/${name}`];
}

function textAt(part: unknown, field: string): string[] {
  const value = isRecord(part) ? part[field] : undefined;
  return typeof value === 'string' && value !== '' ? [value] : [];
}
