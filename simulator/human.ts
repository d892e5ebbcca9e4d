/** What people do behind the house's back, through the same API and with the same traces. */
import type { Tags } from '../shared/model/ids.ts';
import { Refusal, serve } from './services/serve.ts';
import { identity, trailEvent } from './world/cloudtrail.ts';
import { type LaunchOptions, launch } from './world/launch.ts';
import type { World } from './world/world.ts';

export interface Human {
  /** @throws ServiceError as EC2 refuses it. */
  starts(id: string): void;
  stops(id: string): void;
  terminates(id: string): void;
  tags(id: string, tags: Tags): void;
  untags(id: string, keys: readonly string[]): void;
  /** Launches an instance now; returns its id. */
  launches(options?: LaunchOptions): string;
  setsDesiredCapacity(group: string, desiredCapacity: number): void;
  setsSizes(group: string, sizes: { readonly minSize: number; readonly maxSize: number }): void;
  /** Any other call; returns its answer. @throws ServiceError as the service refuses it. */
  calls(service: string, operation: string, input: object, region?: string): object;
  /** Somebody who signed in through IAM Identity Center; whoever is not named is the IAM user `developer`. */
  as(who: string): Human;
}

const CONSOLE = 'AWS Internal';

/** @param caller as the front of the virtual cloud knows it: `human`, or `human:anna@example.com`. */
export function humanOf(world: World, caller = 'human'): Human {
  const regionOfInstance = (id: string): string => {
    const region = world.record.machine(id)?.region;
    // What is no instance lies in one region or the other, under its own id; of what has gone EC2 says so itself.
    return region ?? [...world.regions.values()].find(r => r.labels.has(id))?.name ?? [...world.regions.keys()][0] ?? '';
  };
  const ec2 = (operation: string, id: string, input: object): void =>
    void act(world, caller, 'ec2', operation, regionOfInstance(id), input);
  const autoScaling = (operation: string, group: string, input: object): void => {
    const region = [...world.regions.values()].find(r => r.groups.has(group))?.name ?? '';
    act(world, caller, 'autoscaling', operation, region, { AutoScalingGroupName: group, ...input });
  };
  return {
    starts: id => ec2('StartInstances', id, { InstanceIds: [id] }),
    stops: id => ec2('StopInstances', id, { InstanceIds: [id] }),
    terminates: id => ec2('TerminateInstances', id, { InstanceIds: [id] }),
    tags: (id, tags) => ec2('CreateTags', id, { Resources: [id], Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
    untags: (id, keys) => ec2('DeleteTags', id, { Resources: [id], Tags: keys.map(Key => ({ Key })) }),
    launches: (options = {}) => launchByHand(world, caller, options),
    setsDesiredCapacity: (group, DesiredCapacity) => autoScaling('SetDesiredCapacity', group, { DesiredCapacity }),
    setsSizes: (group, { minSize, maxSize }) => autoScaling('UpdateAutoScalingGroup', group, { MinSize: minSize, MaxSize: maxSize }),
    calls: (service, operation, input, region) =>
      act(world, caller, service, operation, region ?? [...world.regions.keys()][0] ?? '', input),
    as: who => humanOf(world, `human:${who}`),
  };
}

function act(world: World, caller: string, service: string, operation: string, region: string, input: object): object {
  const invocation = world.ids.uuid('console');
  try {
    return serve(world, { service, operation, region, input, userAgent: CONSOLE, invocation, caller }).output;
  } catch (error) {
    throw error instanceof Refusal ? error.error : error;
  }
}

/** Not through RunInstances, because a story may want what that call cannot say (a CPU, trouble to come). */
function launchByHand(world: World, caller: string, options: LaunchOptions): string {
  const machine = launch(world, options);
  trailEvent(world, {
    region: machine.region,
    eventSource: 'ec2.amazonaws.com',
    eventName: 'RunInstances',
    userIdentity: identity(world, caller),
    userAgent: CONSOLE,
    requestParameters: { instancesSet: { items: [{ minCount: 1, maxCount: 1 }] }, instanceType: machine.type },
    responseElements: {
      reservationId: machine.reservationId,
      ownerId: world.account,
      instancesSet: {
        items: [
          {
            instanceId: machine.id,
            instanceState: { code: 0, name: 'pending' },
            instanceType: machine.type,
            launchTime: machine.launchTime * 1000,
            tagSet: { items: [...machine.tags].map(([key, value]) => ({ key, value })) },
          },
        ],
      },
    },
    requestId: world.ids.uuid('request'),
    error: null,
  });
  return machine.id;
}
