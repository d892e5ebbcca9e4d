/** Status checks and scheduled events: what DescribeInstanceStatus tells, and what EC2 does at the appointed time. */
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

/** EC2 announces maintenance, and carries it out when its time has come and nobody stopped and started the instance meanwhile. */
export function announceMaintenance(world: World, machine: Machine, { code, notBefore }: Maintenance): MaintenanceEvent {
  const event: MaintenanceEvent = { id: world.ids.resource('instance-event'), code, notBefore, notAfter: notBefore + 2 * 3600 };
  machine.maintenance.push(event);
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
