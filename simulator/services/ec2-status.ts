/** Reads beside DescribeInstances: status checks and maintenance, Spot requests, types, regions. */
import type {
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
  DescribeSpotInstanceRequestsRequest,
  DescribeSpotInstanceRequestsResult,
  InstanceStatus,
  InstanceTypeInfo,
  SpotInstanceRequest,
} from '@aws-sdk/client-ec2';
import { type Machine, STATE_CODES } from '../world/machine.ts';
import { spotRequestOf } from '../world/spot.ts';
import { type Check, checkOf } from '../world/status.ts';
import { instanceFilters, matches } from './ec2-filters.ts';
import { machinesOf } from './ec2-find.ts';
import { badToken, pageSize } from './ec2-page.ts';
import { spotRequestId, tagList } from './ec2-shapes.ts';
import { describeInstanceTypes } from './ec2-types.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Operation, reads } from './operation.ts';
import { page } from './page.ts';

export const moreReads: Readonly<Record<string, Operation>> = {
  DescribeInstanceStatus: reads(describeInstanceStatus),
  DescribeSpotInstanceRequests: reads(describeSpotInstanceRequests),
  DescribeInstanceTypes: describeInstanceTypes,
  DescribeRegions: reads(describeRegions),
};

/** Only what runs, unless all are asked for. */
function describeInstanceStatus(input: DescribeInstanceStatusRequest, call: Call): DescribeInstanceStatusResult {
  const { InstanceIds: ids, IncludeAllInstances: all = false } = input;
  const among = ids?.length ? machinesOf(call.region, ids) : [...call.region.machines.values()];
  const found = among.filter(m => all || m.state === 'running').filter(matches(instanceFilters, input.Filters));
  const { items, next } = page(found, pageSize(input.MaxResults, 5, 1000), input.NextToken, badToken);
  return { InstanceStatuses: items.map(m => statusJson(m, call)), ...next };
}

function statusJson(machine: Machine, { world }: Call): InstanceStatus {
  const { status, impairedSince } = checkOf(world, machine);
  const summary = {
    Status: status,
    ...(status !== 'not-applicable' && {
      Details: [
        {
          Name: 'reachability' as const,
          Status: DETAIL[status],
          ...(impairedSince !== null && { ImpairedSince: new Date(impairedSince * 1000) }),
        },
      ],
    }),
  };
  return {
    InstanceId: machine.id,
    AvailabilityZone: machine.availabilityZone,
    InstanceState: { Code: STATE_CODES[machine.state], Name: machine.state },
    InstanceStatus: summary,
    SystemStatus: summary,
    ...(machine.maintenance.length > 0 && {
      Events: machine.maintenance.map(({ id, code, notBefore, notAfter }) => ({
        InstanceEventId: id,
        Code: code,
        Description: 'The instance is running on degraded hardware',
        NotBefore: new Date(notBefore * 1000),
        NotAfter: new Date(notAfter * 1000),
      })),
    }),
  };
}

const DETAIL: Readonly<Record<Exclude<Check, 'not-applicable'>, 'initializing' | 'passed' | 'failed' | 'insufficient-data'>> = {
  initializing: 'initializing',
  ok: 'passed',
  impaired: 'failed',
  'insufficient-data': 'insufficient-data',
};

function describeSpotInstanceRequests(input: DescribeSpotInstanceRequestsRequest, { region }: Call): DescribeSpotInstanceRequestsResult {
  const wanted = input.SpotInstanceRequestIds;
  const all = [...region.machines.values()].filter(m => m.market !== 'on-demand');
  const missing = wanted?.find(id => !all.some(m => spotRequestId(m) === id));
  if (missing !== undefined)
    throw new ServiceError('InvalidSpotInstanceRequestID.NotFound', `The spot instance request ID '${missing}' does not exist`);
  const filters = matches(
    {
      'instance-id': (m: Machine) => [m.id],
      'spot-instance-request-id': m => [spotRequestId(m)],
      state: m => [spotRequestOf(m).state],
      'status-code': m => [spotRequestOf(m).code],
    },
    input.Filters,
  );
  const found = all.filter(m => (!wanted?.length || wanted.includes(spotRequestId(m))) && filters(m));
  const { items, next } = page(found, pageSize(input.MaxResults, 5, 1000), input.NextToken, badToken);
  return { SpotInstanceRequests: items.map(spotJson), ...next };
}

function spotJson(machine: Machine): SpotInstanceRequest {
  const { state, code } = spotRequestOf(machine);
  return {
    SpotInstanceRequestId: spotRequestId(machine),
    InstanceId: machine.id,
    State: state,
    Status: { Code: code, Message: code.replaceAll('-', ' '), UpdateTime: new Date(machine.launchTime * 1000) },
    Type: machine.market === 'spot-persistent' ? 'persistent' : 'one-time',
    InstanceInterruptionBehavior: machine.interruptionBehavior,
    CreateTime: new Date(machine.createdAt * 1000),
    LaunchedAvailabilityZone: machine.availabilityZone,
    ProductDescription: machine.platform === 'windows' ? 'Windows' : 'Linux/UNIX',
    LaunchSpecification: { InstanceType: machine.type as NonNullable<InstanceTypeInfo['InstanceType']> },
    ...(machine.tags.size > 0 && { Tags: tagList(machine) }),
  };
}

function describeRegions(input: DescribeRegionsRequest, { world }: Call): DescribeRegionsResult {
  const unknown = input.RegionNames?.find(name => !world.regions.has(name));
  if (unknown !== undefined) throw new ServiceError('InvalidParameterValue', `Invalid region(s): ${unknown}`);
  const names = [...world.regions.keys()].filter(name => !input.RegionNames?.length || input.RegionNames.includes(name));
  return {
    Regions: names.map(RegionName => ({ RegionName, Endpoint: `ec2.${RegionName}.amazonaws.com`, OptInStatus: 'opt-in-not-required' })),
  };
}
