/** Status checks and scheduled events: what DescribeInstanceStatus tells, and what EC2 does at the appointed time. */
import { publish } from './bus.ts';
import { stop, terminate } from './ec2.ts';
import type { Machine, MaintenanceEvent } from './machine.ts';
import type { World } from './world.ts';

export type Check = 'initializing' | 'ok' | 'impaired' | 'not-applicable' | 'insufficient-data';

/** From `running` until both checks have passed, seconds: the first few minutes they initialise. */
const CHECKS_TAKE = 150;

export function checkOf({ origin, clock }: World, machine: Machine): { readonly status: Check; readonly impairedSince: number | null } {
  if (machine.state !== 'running') return { status: 'not-applicable', impairedSince: null };
  const now = clock.now();
  const impaired = machine.impaired.find(s => now >= s.from && (s.to === null || now < s.to));
  if (impaired !== undefined) return { status: 'impaired', impairedSince: impaired.from };
  const since = machine.ran.at(-1)?.from ?? machine.launchTime;
  const young = since > origin && now < since + CHECKS_TAKE;
  return { status: young ? 'initializing' : 'ok', impairedSince: null };
}

/** The instance cannot be reached for so long; for good, unless told. Auto Scaling replaces a member that is impaired. */
export function impair(world: World, machine: Machine, seconds: number | null): void {
  const from = world.clock.second();
  machine.impaired.push({ from, to: seconds === null ? null : from + seconds });
  machine.watch?.(machine);
}

export interface Maintenance {
  readonly code: MaintenanceEvent['code'];
  /** Epoch seconds. */
  readonly notBefore: number;
}

/** AWS Health's own event: its resources are names, not ARNs. */
const tellHealth = (world: World, machine: Machine, { id, code, notBefore, notAfter }: MaintenanceEvent): void =>
  void publish(world, machine.region, {
    detailType: 'AWS Health Event',
    source: 'aws.health',
    resources: [machine.id],
    detail: {
      eventArn: `arn:aws:health:${machine.region}::event/EC2/${HEALTH_CODES[code]}/${HEALTH_CODES[code]}_${id}`,
      service: 'EC2',
      eventTypeCode: HEALTH_CODES[code],
      eventTypeCategory: 'scheduledChange',
      startTime: new Date(notBefore * 1000).toUTCString(),
      endTime: new Date(notAfter * 1000).toUTCString(),
      eventDescription: [{ language: 'en_US', latestDescription: 'EC2 has scheduled maintenance for an instance.' }],
      affectedEntities: [{ entityValue: machine.id }],
    },
  });

const HEALTH_CODES: Readonly<Record<MaintenanceEvent['code'], string>> = {
  'instance-stop': 'AWS_EC2_INSTANCE_STOP_SCHEDULED',
  'instance-retirement': 'AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED',
  'instance-reboot': 'AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED',
  'system-reboot': 'AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED',
  'system-maintenance': 'AWS_EC2_INSTANCE_NETWORK_MAINTENANCE_SCHEDULED',
};

/** EC2 announces maintenance, and carries it out when its time has come and nobody stopped and started the instance meanwhile. */
export function announceMaintenance(world: World, machine: Machine, { code, notBefore }: Maintenance): MaintenanceEvent {
  const event: MaintenanceEvent = { id: world.ids.resource('instance-event'), code, notBefore, notAfter: notBefore + 2 * 3600 };
  machine.maintenance.push(event);
  tellHealth(world, machine, event);
  world.clock.schedule(notBefore, () => {
    if (!machine.maintenance.includes(event)) return;
    machine.maintenance = machine.maintenance.filter(e => e !== event);
    if (machine.state !== 'running') return;
    const because = { Code: 'Server.ScheduledStop', Message: 'Server.ScheduledStop: Stopped due to scheduled retirement' };
    if (code === 'instance-stop' || (code === 'instance-retirement' && machine.rootDevice === 'ebs'))
      stop(world, machine, { hibernate: false, because });
    else if (code === 'instance-retirement') terminate(world, machine, because);
  });
  return event;
}
