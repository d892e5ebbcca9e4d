/** Which pen should look where when something happened. An event commands nothing: what is true is observed afresh. */
import type { Doorbell } from '../model/doorbell.ts';
import { fingerprint, PENS, type Pen, type Scope, sameScope, scopeKey } from '../model/ids.ts';
import type { Instant } from '../model/time.ts';
import type { Config } from '../policy/schema.ts';
import { fleetsOf } from './alarm-fleets.ts';
import type { AlarmEvent } from './events/alarm.ts';
import type { BirthEvent } from './events/births.ts';
import type {
  GroupActivityEvent,
  Happened,
  HealthEvent,
  HouseEvent,
  ScheduledEvent,
  SpotWarningEvent,
  TagChangeEvent,
  TickEvent,
} from './events.ts';

/** Doorbells to ring, or for the log the reason why there are none. */
export type Rung =
  | { readonly doorbells: readonly Doorbell[]; readonly ignored: null }
  | { readonly doorbells: readonly []; readonly ignored: string };

/** The cause of the doorbells that our own schedules ring; a worker that answered one has a heartbeat. */
export const TICK = 'tick';

/** @param selfAccount the account we stand in: twelve digits, what `self` in the configuration means. */
export function doorbells(event: HouseEvent, config: Pick<Config, 'accounts' | 'policies'>, selfAccount: string): Rung {
  const scopes = scopesOf(config, selfAccount);
  if (event.kind === 'tick') return rung(scopes.map(scope => ofTick(event, scope)));
  if (event.kind === 'scheduled') return rung(scopes.flatMap(scope => PENS.map(pen => ofSchedule(event, pen, scope))));
  if (!scopes.some(scope => sameScope(scope, event.scope))) return ignored(`${scopeKey(event.scope)} is not among the configured scopes`);
  switch (event.kind) {
    case 'alarm':
      return ofAlarm(event, config);
    case 'group-activity':
      return ofActivity(event);
    case 'tag-change':
      return ofTagChange(event);
    case 'birth':
      return ofBirth(event);
    case 'api-call':
      return ignored(`${event.call} is written down by watch-changes and rings nothing`);
    case 'spot-interruption':
    case 'rebalance-recommendation':
      return ofSpotWarning(event);
    case 'health':
      return ofHealth(event);
    case 'instance-state':
      return ignored('state changes are written down by watch-changes and ring nothing');
    case 'other':
      return ignored(`nobody listens to ${event.what}`);
    default:
      return event satisfies never;
  }
}

/** Every configured account in each of its regions. */
export const scopesOf = ({ accounts }: Pick<Config, 'accounts'>, selfAccount: string): Scope[] =>
  accounts.flatMap(({ account, regions }) => regions.map(region => ({ account: account === 'self' ? selfAccount : account, region })));

const rung = (rings: readonly Doorbell[]): Rung => ({ doorbells: rings, ignored: null });
const ignored = (why: string): Rung => ({ doorbells: [], ignored: why });

const ofTick = ({ pen, look, at }: TickEvent, scope: Scope): Doorbell => ({
  ...{ pen, scope, look, at, cause: TICK },
  dedupId: dedupId('tick', pen, look, at, scope),
});

const ofSchedule = ({ id, at }: ScheduledEvent, pen: Pen, scope: Scope): Doorbell => ({
  ...{ pen, scope, look: 'due', at, cause: 'Scheduled Event' },
  dedupId: dedupId(id, pen, scope),
});

/** Any state rings, OK and suppressed ones too: the alarm says that something moved, the pen sees what. */
function ofAlarm(alarm: AlarmEvent, config: Pick<Config, 'policies'>): Rung {
  const suppressed = alarm.suppressedBy === null ? '' : `, actions suppressed by ${alarm.suppressedBy}`;
  const cause = `alarm ${alarm.name} ${alarm.state}${suppressed}`;
  const fleets = fleetsOf(alarm, config);
  return fleets.length > 0 ? fleetBells(alarm, fleets, cause) : rung([bell('resize-fleets', alarm, 'all', cause)]);
}

function ofActivity(event: GroupActivityEvent): Rung {
  const { group, activity, outcome, why } = event;
  return fleetBells(event, [group], `${activity} in ${group} ${OUTCOMES[outcome]}${why === null ? '' : `: ${why}`}`);
}

const OUTCOMES: Readonly<Record<GroupActivityEvent['outcome'], string>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  waiting: 'waits for a lifecycle hook',
  cancelled: 'was cancelled',
};

/** The instance stands for its group, which the event does not name: the pen looks it up. */
function ofSpotWarning(event: SpotWarningEvent): Rung {
  const { instanceId, kind } = event;
  const cause = kind === 'spot-interruption' ? 'is about to be interrupted' : 'is at risk of interruption';
  return fleetBells(event, [instanceId], `${instanceId} ${cause}`);
}

/** Whoever looks at an instance by name asks EC2 anew what is announced for it. */
const ofHealth = (event: HealthEvent): Rung =>
  event.instanceIds.length === 0
    ? ignored(`${event.what} names no instance`)
    : rung([bell('stop-start-instances', event, event.instanceIds, event.what)]);

/** One for each fleet: none waits for another, nor for a sweep of the scope. */
const fleetBells = (event: Happened, fleets: readonly string[], cause: string): Rung =>
  rung(
    fleets.map(fleet => ({
      ...bell('resize-fleets', event, [fleet], cause),
      dedupId: dedupId(event.id, 'resize-fleets', event.scope, fleet),
    })),
  );

/** Our own visible mark: to ring for it would be to answer ourselves. */
const OWN_TAG = 'ebb:mark';

function ofTagChange(event: TagChangeEvent): Rung {
  const { service, resourceType, resourceIds, changedKeys } = event;
  const what = `${service} ${resourceType}`;
  if (changedKeys.length > 0 && changedKeys.every(key => key === OWN_TAG)) return ignored(`only ${OWN_TAG} changed, which is ours`);
  if (resourceIds.length === 0) return ignored('the tag change names no resource');
  if (!TAGGED.has(what)) return ignored(`tags of a ${what} concern no policy`);
  const cause = 'Tag Change on Resource';
  const ofTags = bell('enforce-tags', event, resourceIds, cause);
  if (what === 'ec2 instance') return rung([ofTags, bell('stop-start-instances', event, resourceIds, cause)]);
  return service === 'autoscaling' ? rung([ofTags, ...fleetBells(event, resourceIds, cause).doorbells]) : rung([ofTags]);
}

/** As `service` and `resource-type` of the event say it; groups are told by CloudTrail. */
const TAGGED: ReadonlySet<string> = new Set([
  'ec2 instance',
  'ec2 volume',
  'ec2 snapshot',
  'ec2 elastic-ip',
  'autoscaling autoScalingGroup',
  'elasticbeanstalk environment',
]);

/** Who made it goes along, because no look can see that. A call whose answer CloudTrail left out for its length has the whole scope looked at. */
function ofBirth(event: BirthEvent): Rung {
  const { call, born, by, at, errorCode } = event;
  if (errorCode !== null) return ignored(`${call} failed with ${errorCode}: nothing was made`);
  if (born.length === 0) return rung([bell('enforce-tags', event, 'all', `${call}, which does not say what it made`)]);
  return rung([{ ...bell('enforce-tags', event, born, call), birth: { at, call, by } }]);
}

const bell = (pen: Pen, { id, at, scope }: Happened, look: Doorbell['look'], cause: string): Doorbell => ({
  ...{ pen, scope, look, at, cause },
  dedupId: dedupId(id, pen, scope),
});

/** SQS: up to 128 alphanumerics and punctuation. */
const DEDUP_ID = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;

/** The same for each delivery of one event, another for each pen and scope; what SQS would not take is told by its hash. */
function dedupId(...parts: readonly (string | Instant | Scope)[]): string {
  const text = parts.map(part => (typeof part === 'string' ? part : scopeKey(part))).join('/');
  return DEDUP_ID.test(text) ? text : fingerprint(parts);
}
