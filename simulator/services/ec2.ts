/** The operations of EC2 that the house uses, answered from the world. */
import type {
  DescribeInstanceAttributeRequest,
  DescribeInstancesRequest,
  DescribeInstancesResult,
  InstanceAttribute,
  Reservation,
  RunInstancesRequest,
} from '@aws-sdk/client-ec2';
import { launch } from '../world/launch.ts';
import type { Machine } from '../world/machine.ts';
import { isShort } from '../world/shortage.ts';
import { instanceFilters, matches } from './ec2-filters.ts';
import { machineOf, machinesOf } from './ec2-find.ts';
import { modifyInstanceAttribute } from './ec2-modify.ts';
import { networks } from './ec2-networks.ts';
import { badToken, pageSize } from './ec2-page.ts';
import { instanceJson, reservationJson } from './ec2-shapes.ts';
import { describeSpotPriceHistory } from './ec2-spot-prices.ts';
import { dryRun, noCapacity, startInstances, stopInstances, terminateInstances } from './ec2-states.ts';
import { moreReads } from './ec2-status.ts';
import { storage } from './ec2-storage.ts';
import { changeTags } from './ec2-tags.ts';
import { launchTemplates } from './ec2-templates.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, type Operation, reads, writes } from './operation.ts';
import { page } from './page.ts';

export const ec2: Readonly<Record<string, Operation>> = {
  DescribeInstances: reads(describeInstances),
  DescribeInstanceAttribute: reads(describeInstanceAttribute),
  DescribeSpotPriceHistory: reads(describeSpotPriceHistory),
  RunInstances: writes(runInstances, (input, output) => ({
    requestParameters: {
      instancesSet: { items: [{ imageId: input.ImageId, minCount: input.MinCount, maxCount: input.MaxCount }] },
      instanceType: input.InstanceType,
    },
    responseElements: output && {
      reservationId: output.ReservationId,
      instancesSet: { items: (output.Instances ?? []).map(i => ({ instanceId: i.InstanceId })) },
    },
  })),
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ...changeTags,
  ...launchTemplates,
  ...networks,
  ...storage,
  ...moreReads,
};

function describeInstances(input: DescribeInstancesRequest, call: Call): DescribeInstancesResult {
  if (input.InstanceIds?.length && input.MaxResults !== undefined) {
    throw new ServiceError('InvalidParameterCombination', 'The parameter instancesSet cannot be used with the parameter maxResults');
  }
  const among = input.InstanceIds?.length ? machinesOf(call.region, input.InstanceIds) : [...call.region.machines.values()];
  const found = among.filter(matches(instanceFilters, input.Filters));
  const { items, next } = page(found, pageSize(input.MaxResults, 5, 1000), input.NextToken, badToken);
  return { Reservations: reservations(items, call), ...next };
}

/** Instances of one launch stand together. */
function reservations(machines: readonly Machine[], call: Call): Reservation[] {
  const byLaunch = Map.groupBy(machines, m => m.reservationId);
  return [...byLaunch.values()].map(together => reservationJson(call.world, together));
}

function describeInstanceAttribute(input: DescribeInstanceAttributeRequest, { region }: Call): InstanceAttribute {
  const machine = machineOf(region, input.InstanceId ?? '');
  if (input.Attribute !== 'disableApiStop') throw new NotInVirtualCloud(`ec2 DescribeInstanceAttribute ${input.Attribute}`);
  return { InstanceId: machine.id, DisableApiStop: { Value: machine.stopProtection } };
}

function runInstances(input: RunInstancesRequest, call: Call): Reservation {
  const { world, region, changed } = call;
  const tags = input.TagSpecifications?.find(t => t.ResourceType === 'instance')?.Tags ?? [];
  const type = input.InstanceType ?? 'm1.small';
  const spot = input.InstanceMarketOptions?.MarketType === 'spot' ? (input.InstanceMarketOptions.SpotOptions ?? {}) : null;
  const zone = zoneFor(type, input.Placement?.AvailabilityZone, call);
  dryRun(input.DryRun);
  const machines = Array.from({ length: input.MaxCount ?? 1 }, () =>
    launch(world, {
      region: region.name,
      type,
      ...(zone !== undefined && { zone }),
      tags: Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      monitoring: input.Monitoring?.Enabled ? 'detailed' : 'basic',
      hibernation: input.HibernationOptions?.Configured ?? false,
      stopProtection: input.DisableApiStop ?? false,
      ...(spot !== null && {
        market: spot.SpotInstanceType === 'persistent' ? ('spot-persistent' as const) : ('spot-one-time' as const),
        ...(spot.InstanceInterruptionBehavior !== undefined && { interruptionBehavior: spot.InstanceInterruptionBehavior }),
      }),
    }),
  );
  changed.push(...machines.map(m => m.id));
  return { ...reservationJson(world, machines), Instances: machines.map(m => instanceJson(world, m)) };
}

/** Last letter of the zone: the one asked for, or one that has capacity where some have none. */
function zoneFor(type: string, asked: string | undefined, { world, region }: Call): string | undefined {
  const short = (zone: string) => isShort(world, type, zone);
  if (asked !== undefined && short(asked)) throw noCapacity(type, asked);
  if (asked !== undefined) return asked.slice(-1);
  const zones = ['a', 'b', 'c'].filter(letter => !short(`${region.name}${letter}`));
  if (zones.length === 3) return undefined;
  if (zones[0] === undefined) throw noCapacity(type, `${region.name}a`);
  return zones[0];
}
