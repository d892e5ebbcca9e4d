/**
 * What an alarm does when it enters a state: it tells topics, sets scaling policies off, stops or ends an instance
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html).
 */
import { notificationOf } from './alarm-json.ts';
import type { Judged } from './alarm-judgement.ts';
import type { Alarm, CompositeAlarm, StateOfAlarm } from './alarms.ts';
import { stop, terminate } from './ec2.ts';
import { policyAt, setOff } from './scaling-policies.ts';
import { notify } from './topics.ts';
import { regionOf, type World } from './world.ts';

/** Once, for the state that it has entered. */
export function actOn(world: World, alarm: Alarm | CompositeAlarm, previous: StateOfAlarm, newest: Judged | null): void {
  if (!alarm.actionsEnabled) return;
  for (const arn of alarm.actions[alarm.state.value]) {
    if (notify(world, arn, notificationOf(world, alarm, previous)) || 'rule' in alarm) continue;
    scale(world, alarm, arn, newest);
    actOnInstance(world, alarm, arn);
  }
}

/** A scaling policy is set off anew at each judgement that finds the alarm in its state still. */
export function scaleAgain(world: World, alarm: Alarm, newest: Judged | null): void {
  if (alarm.actionsEnabled) for (const arn of alarm.actions[alarm.state.value]) scale(world, alarm, arn, newest);
}

function scale(world: World, alarm: Alarm, arn: string, newest: Judged | null): void {
  const found = policyAt(world, arn);
  if (found === null) return;
  const value = newest?.value ?? null;
  setOff(world, found.group, found.policy, { alarm, newest: newest === null || value === null ? null : { time: newest.time, value } });
}

/** `arn:aws:automate:eu-west-1:ec2:stop`: the instance of the alarm's own metric. */
function actOnInstance(world: World, alarm: Alarm, arn: string): void {
  const [, action] = /^arn:aws:automate:[^:]+:ec2:(stop|terminate)$/.exec(arn) ?? [];
  const id = alarm.metric.dimensions.find(d => d.Name === 'InstanceId')?.Value ?? '';
  const machine = regionOf(world, alarm.region).machines.get(id);
  if (action === undefined || machine?.state !== 'running') return;
  if (action === 'stop') stop(world, machine, { hibernate: false });
  else terminate(world, machine);
}
