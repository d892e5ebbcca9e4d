/** Start, stop, terminate: all of the ids or none of them, as EC2 does it. */
import type {
  InstanceStateChange,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2';
import { start, stop, terminate } from '../world/ec2.ts';
import { type Machine, type MachineState, STATE_CODES } from '../world/machine.ts';
import { isShort, shortageMessage } from '../world/shortage.ts';
import { machinesOf } from './ec2-find.ts';
import { ServiceError } from './errors.ts';
import { type Call, type Trail, writes } from './operation.ts';

export const startInstances = writes(
  (input: StartInstancesRequest, call: Call): StartInstancesResult => {
    const machines = machinesOf(call.region, input.InstanceIds ?? []);
    for (const machine of machines) refuseStart(machine);
    for (const machine of machines) if (machine.state === 'stopped') meetCapacity(machine, call);
    dryRun(input.DryRun);
    return { StartingInstances: change(call, machines, ['stopped'], m => start(call.world, m)) };
  },
  trail(output => output.StartingInstances),
);

export const stopInstances = writes(
  (input: StopInstancesRequest, call: Call): StopInstancesResult => {
    const machines = machinesOf(call.region, input.InstanceIds ?? []);
    for (const machine of machines) refuseStop(machine, input.Hibernate ?? false);
    dryRun(input.DryRun);
    return { StoppingInstances: change(call, machines, ['running'], m => stop(call.world, m, { hibernate: input.Hibernate ?? false })) };
  },
  trail(output => output.StoppingInstances),
);

export const terminateInstances = writes(
  (input: TerminateInstancesRequest, call: Call): TerminateInstancesResult => {
    const machines = machinesOf(call.region, input.InstanceIds ?? []);
    const guarded = machines.find(m => m.stopProtection);
    if (guarded !== undefined) throw stopProtected(guarded);
    dryRun(input.DryRun);
    return { TerminatingInstances: change(call, machines, ['pending', 'running', 'stopping', 'stopped'], m => terminate(call.world, m)) };
  },
  trail(output => output.TerminatingInstances),
);

function refuseStart({ id, state, market, interruption }: Machine): void {
  if (market === 'spot-one-time') {
    throw new ServiceError(
      'UnsupportedOperation',
      `You can't start the Spot Instance '${id}' because it is associated with a one-time Spot Instance request.`,
    );
  }
  if (state === 'stopping' || state === 'shutting-down' || state === 'terminated') {
    throw new ServiceError('IncorrectInstanceState', `The instance '${id}' is not in a state from which it can be started.`);
  }
  if (state === 'stopped' && interruption === 'interrupted') {
    throw new ServiceError(
      'IncorrectSpotRequestState',
      `You can't start the Spot Instance '${id}' because the associated Spot Instance request is not in an appropriate state to support start.`,
    );
  }
}

function meetCapacity({ type, availabilityZone, startTrouble }: Machine, { invocation, world }: Call): void {
  if (isShort(world, type, availabilityZone)) throw noCapacity(type, availabilityZone);
  if (startTrouble?.kind !== 'capacity') return;
  const again = startTrouble.invocation === invocation; // the SDK retries a 500 by itself: still the same start that fails
  if (startTrouble.times <= 0 && !again) return;
  if (!again) startTrouble.times--;
  startTrouble.invocation = invocation;
  throw noCapacity(type, availabilityZone);
}

export const noCapacity = (type: string, zone: string): ServiceError =>
  new ServiceError('InsufficientInstanceCapacity', shortageMessage(type, zone), 500);

function refuseStop(machine: Machine, hibernate: boolean): void {
  const { id, state, market, rootDevice } = machine;
  if (state === 'pending' || state === 'shutting-down' || state === 'terminated') {
    throw new ServiceError('IncorrectInstanceState', `This instance '${id}' is not in a state from which it can be stopped.`);
  }
  if (market === 'spot-one-time') {
    throw new ServiceError(
      'UnsupportedOperation',
      `You can't stop the Spot Instance '${id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
    );
  }
  if (rootDevice === 'instance-store') {
    throw new ServiceError('UnsupportedOperation', `The instance '${id}' does not have an 'ebs' root device type and cannot be stopped.`);
  }
  if (machine.stopProtection) throw stopProtected(machine);
  if (hibernate && !machine.hibernation) {
    throw new ServiceError(
      'UnsupportedHibernationConfiguration',
      `The following instance(s) are not configured to support hibernation: ${id}`,
    );
  }
}

const stopProtected = ({ id }: Machine): ServiceError =>
  new ServiceError(
    'OperationNotPermitted',
    `The instance '${id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
  );

export function dryRun(asked: boolean | undefined): void {
  if (asked) throw new ServiceError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}

/** Moves those that are in one of the `from` states; the others are so already, and are answered all the same. */
function change(
  call: Call,
  machines: readonly Machine[],
  from: readonly MachineState[],
  act: (machine: Machine) => void,
): InstanceStateChange[] {
  return machines.map(machine => {
    const before = machine.state;
    if (from.includes(before)) {
      act(machine);
      call.changed.push(machine.id);
    }
    return { InstanceId: machine.id, CurrentState: stateJson(machine.state), PreviousState: stateJson(before) };
  });
}

const stateJson = (state: MachineState) => ({ Code: STATE_CODES[state], Name: state });

function trail<Output>(changes: (output: Output) => InstanceStateChange[] | undefined) {
  return (input: { InstanceIds?: string[] | undefined; Hibernate?: boolean | undefined }, output: Output | null): Trail => ({
    requestParameters: {
      instancesSet: { items: (input.InstanceIds ?? []).map(instanceId => ({ instanceId })) },
      ...(input.Hibernate && { hibernate: true }),
    },
    responseElements:
      output === null
        ? null
        : {
            instancesSet: {
              items: (changes(output) ?? []).map(({ InstanceId, CurrentState, PreviousState }) => ({
                instanceId: InstanceId,
                currentState: { code: CurrentState?.Code, name: CurrentState?.Name },
                previousState: { code: PreviousState?.Code, name: PreviousState?.Name },
              })),
            },
          },
  });
}
