/** For `ebb why INSTANCE`: the lever that works where ours does not, how long it takes to be ready, and what its load says of its size. */
import { instanceKey } from '../shared/memory/shelves.ts';
import type { InstanceMemory, WhyItStays } from '../shared/model/memory.ts';
import { dollars } from '../shared/model/money.ts';
import type { LeftReason, Plan } from '../shared/model/plan.ts';
import { count, percent, span } from '../shared/report/numbers.ts';
import { plain } from '../shared/report/plain.ts';
import { type Account, hasTables, runFor } from './look.ts';

/** A paragraph each. */
export async function machineHints({ at, changes, left }: Plan, account: Account): Promise<string[]> {
  const hints = left.flatMap(({ because, resource }) => leverFor(because, resource.id) ?? []);
  const machine = [...changes, ...left].find(a => a.pen === 'stop-start-instances')?.resource;
  if (machine === undefined || !hasTables()) return hints;
  const { memory, shelf } = await runFor('stop-start-instances', machine.scope, account, at);
  const held = (await memory.read(shelf, instanceKey(machine.id), at))?.value as InstanceMemory | undefined;
  return held === undefined ? hints : [...hints, ...readiness(held), ...itsSize(held)];
}

/** What a person can do about what we leave alone; `null` where the answer says it all. */
export function leverFor(because: LeftReason, id: string): string | null {
  switch (because.code) {
    case 'member':
      return (
        MEMBERS[because.parent]?.(plain(because.of)) ?? `The lever is ${plain(because.of)}, which made it: what is stopped is replaced.`
      );
    case 'spot':
      return 'A one-time Spot Instance can only be terminated. One of a persistent request can be stopped and started by hand; while it is stopped, whoever cancels the request terminates it.';
    case 'instance-store-root':
      return 'Nothing stops it: terminate it when it is not needed, and launch it again from an image whose root volume is EBS.';
    case 'instance-store-data':
      return `Move what is on its local disks to an EBS volume, and change its type to one without them (${plain(because.type)} has them): then it can be stopped without loss.`;
    case 'stop-protected':
      return `Whoever protected it can lift that: aws ec2 modify-instance-attribute --instance-id ${id} --no-disable-api-stop. The answer is remembered for a day; this command asked anew.`;
    case 'stop-protection-unread':
      return 'The role of the function needs ec2:DescribeInstanceAttribute in that account.';
    case 'scheduled-event':
      return `To be done with it sooner, stop and start the instance yourself: it moves to other hardware. What is announced: aws ec2 describe-instance-status --instance-ids ${id}`;
    case 'surplus-credits':
      return `It borrows more than it earns: a larger type, one that is not burstable, or aws ec2 modify-instance-credit-specification --instance-credit-specifications InstanceId=${id},CpuCredits=standard ends that.`;
    case 'covered':
      return 'Its hours are paid for either way: stopped, it frees them for other instances of its kind; if there are none, the next commitment can be smaller.';
    case 'booting':
      return because.failing === null ? null : `Its console tells why: aws ec2 get-console-output --latest --instance-id ${id}`;
    case 'start-failing':
      return startLever(because.why);
    default:
      return null;
  }
}

const MEMBERS: Readonly<Record<string, (of: string) => string>> = {
  'auto-scaling-group': of =>
    `The lever is its group: a policy of \`kind: fleets\` with a schedule lets ${of} sleep, and ebb why ${of} tells what is done with it.`,
  beanstalk: of =>
    `The lever is its environment: a policy of \`kind: fleets\` with \`beanstalk: true\` and a schedule lets ${of} sleep, and ebb why ${of} tells more.`,
  eks: of =>
    `The lever is its node group or node pool in the cluster ${of}: scale that to zero off-hours, or let Karpenter consolidate it.`,
  ecs: of =>
    `The lever is the capacity provider of ${of} and the group behind it: fewer tasks, and managed scaling takes the instance away.`,
  batch: of =>
    `The lever is the compute environment ${of}: set its minvCpus to 0, and AWS Batch takes the instance away when no job is left.`,
  emr: of =>
    `The lever is the cluster ${of}: resize its task instances, or let it end by itself when idle (an EMR auto-termination policy).`,
  operator: of => `EC2 runs it for ${of}, and refuses whatever others want of it: the lever is there.`,
  'cloudformation-fleet': of => `The lever is the EC2 Fleet or Spot Fleet ${of}: lower its target capacity with aws ec2 modify-fleet.`,
};

function startLever(why: string): string | null {
  if (/Insufficient\w*Capacity/.test(why))
    return 'Its Availability Zone has none of its type now, and its volumes live in that zone: name other types in the policy (start.fallbackTypes), or hold capacity with an On-Demand Capacity Reservation.';
  if (/InternalError|KMS|kms:/.test(why))
    return 'Mostly the KMS key of an encrypted volume: the role of the function needs kms:CreateGrant on it, in the key policy as well, and the key must be enabled.';
  if (/LimitExceeded/.test(why))
    return 'A quota of the account is used up: ask for more under Service Quotas, EC2, Running On-Demand instances.';
  if (/^Unsupported\b/.test(why))
    return 'Its Availability Zone does not have its type, or not with such volumes: aws ec2 describe-instance-type-offerings --location-type availability-zone tells what it has.';
  if (/^OptInRequired\b/.test(why))
    return 'Its image is a Marketplace product that the account subscribes to no more: subscribe again, and it starts.';
  if (/UnauthorizedOperation|AccessDenied/.test(why))
    return 'The role of the function is denied: its policy and those of the organization decide.';
  return null;
}

/** How long its starts took. */
function readiness({ boots = [] }: InstanceMemory): string[] {
  if (boots.length === 0) return [];
  const [least, most] = [Math.min(...boots), Math.max(...boots)];
  const took = least === most ? span(least) : `${span(least)} to ${span(most)}`;
  return [`Its last ${count(boots.length, 'start')} took ${took} until both status checks had passed.`];
}

const STAYS: Readonly<Record<WhyItStays, string>> = {
  hibernation: 'it is set up to hibernate, and such an instance keeps its type',
  'unknown-type': 'its type, or its price, is not known well enough',
  'thin-data': 'too few of its hours have been measured',
  'nothing-smaller': 'no cheaper type next to its own would take it as it is',
  'memory-unknown': 'a smaller one would have less memory, and nobody measures how much it uses: install the CloudWatch agent',
  'memory-used': 'a smaller one would not hold the memory that it uses',
  'cpu-used': 'a smaller one would not have carried its busiest hour',
};

/** What its load was last found to justify. */
function itsSize({ sized, retype, resting }: InstanceMemory): string[] {
  const hints: string[] = [];
  if (retype != null) hints.push(`It has been a ${plain(retype.to)} since ${retype.at}, and was a ${plain(retype.own)} before us.`);
  if (sized?.why != null) hints.push(`As to its size, it stays ${plain(sized.from)}: ${STAYS[sized.why]}.`);
  if (sized?.to != null) {
    const { cpuMax, cpuAfter, hours, perHour, priceSource } = sized.evidence;
    hints.push(
      `As to its size, a ${plain(sized.to)} would do instead of a ${plain(sized.from)}: CPU reached ${percent(cpuMax)} in ${count(hours, 'measured hour')}, which would be ${percent(cpuAfter)}; ${dollars(perHour)} less an hour (${plain(priceSource)}).`,
    );
  }
  if (resting !== undefined) hints.push(`A ${plain(resting.type)} is not tried again before ${resting.until}: ${plain(resting.why, 160)}.`);
  return hints;
}
