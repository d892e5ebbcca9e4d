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
}

const CONSOLE = 'AWS Internal';

export function humanOf(world: World): Human {
  const regionOfInstance = (id: string): string => {
    const region = world.record.machine(id)?.region;
    if (region === undefined) throw new Error(`there is no instance ${id} in the virtual cloud`);
    return region;
  };
  const ec2 = (operation: string, id: string, input: object): void => act(world, 'ec2', operation, regionOfInstance(id), input);
  const autoScaling = (operation: string, group: string, input: object): void => {
    const region = [...world.regions.values()].find(r => r.groups.has(group))?.name ?? '';
    act(world, 'autoscaling', operation, region, { AutoScalingGroupName: group, ...input });
  };
  return {
    starts: id => ec2('StartInstances', id, { InstanceIds: [id] }),
    stops: id => ec2('StopInstances', id, { InstanceIds: [id] }),
    terminates: id => ec2('TerminateInstances', id, { InstanceIds: [id] }),
    tags: (id, tags) => ec2('CreateTags', id, { Resources: [id], Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
    untags: (id, keys) => ec2('DeleteTags', id, { Resources: [id], Tags: keys.map(Key => ({ Key })) }),
    launches: (options = {}) => launchByHand(world, options),
    setsDesiredCapacity: (group, DesiredCapacity) => autoScaling('SetDesiredCapacity', group, { DesiredCapacity }),
    setsSizes: (group, { minSize, maxSize }) => autoScaling('UpdateAutoScalingGroup', group, { MinSize: minSize, MaxSize: maxSize }),
  };
}

function act(world: World, service: string, operation: string, region: string, input: object): void {
  try {
    serve(world, { service, operation, region, input, userAgent: CONSOLE, invocation: world.ids.uuid('console'), caller: 'human' });
  } catch (error) {
    throw error instanceof Refusal ? error.error : error;
  }
}

/** Not through RunInstances, because a story may want what that call cannot say (a CPU, trouble to come). */
function launchByHand(world: World, options: LaunchOptions): string {
  const machine = launch(world, options);
  trailEvent(world, {
    region: machine.region,
    eventSource: 'ec2.amazonaws.com',
    eventName: 'RunInstances',
    userIdentity: identity(world, 'human'),
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
