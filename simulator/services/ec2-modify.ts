/** ModifyInstanceAttribute: the type of what is stopped, and stop protection. */
import type { ModifyInstanceAttributeRequest } from '@aws-sdk/client-ec2';
import { instanceType } from '../world/instance-types.ts';
import { machineOf } from './ec2-find.ts';
import { dryRun } from './ec2-states.ts';
import { NotInVirtualCloud, ServiceError } from './errors.ts';
import { type Call, writes } from './operation.ts';

export const modifyInstanceAttribute = writes(
  (input: ModifyInstanceAttributeRequest, { region, changed }: Call): Record<string, never> => {
    const machine = machineOf(region, input.InstanceId ?? '');
    const type = input.InstanceType?.Value;
    const stopProtection = input.DisableApiStop?.Value;
    if (type === undefined && stopProtection === undefined) throw new NotInVirtualCloud('ec2 ModifyInstanceAttribute of another attribute');
    if (type !== undefined && machine.state !== 'stopped')
      throw new ServiceError('IncorrectInstanceState', `The instance '${machine.id}' is not in the 'stopped' state.`);
    if (type !== undefined && instanceType(type) === null)
      throw new ServiceError('InvalidParameterValue', `Invalid value '${type}' for InstanceType.`);
    if (stopProtection && machine.market !== 'on-demand')
      throw new ServiceError('UnsupportedOperation', 'The attribute disableApiStop is not supported for Spot Instances.');
    dryRun(input.DryRun);
    if ((type ?? machine.type) !== machine.type || (stopProtection ?? machine.stopProtection) !== machine.stopProtection)
      changed.push(machine.id);
    machine.type = type ?? machine.type;
    machine.stopProtection = stopProtection ?? machine.stopProtection;
    return {};
  },
  (input, output) => ({
    requestParameters: {
      instanceId: input.InstanceId,
      ...(input.InstanceType && { instanceType: { value: input.InstanceType.Value } }),
      ...(input.DisableApiStop && { disableApiStop: { value: input.DisableApiStop.Value } }),
    },
    responseElements: output && { _return: true },
  }),
);
