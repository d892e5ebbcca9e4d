/** What only a fleet that is about to change is asked: AWS's own scaling policies, a price, an instance refresh, launches that failed. */
import type { Activity, ScalingPolicy } from '@aws-sdk/client-auto-scaling';
import type { Scope } from '../model/ids.ts';
import { divideMicros } from '../model/money.ts';
import type { Fleet, LaunchFailure, Price, Unread } from '../model/observation.ts';
import { type Instant, instant, utcDay } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';
import { describeInstances, type SeenInstance } from './describe.ts';
import { observeSpotPrices, type SpotPrice } from './purchase.ts';
import { why } from './why.ts';

export type Terms = Pick<Fleet, 'awsPolicies' | 'price'>;

/** Auto Scaling's limit for a page. */
const PAGE = 100;

/** The scaling policies of AWS and the price of a member, by fleet. */
export async function observeTerms(
  clients: Clients,
  scope: Scope,
  fleets: readonly Fleet[],
  pricing: Pricing = asShipped,
): Promise<Map<string, Terms>> {
  const [policies, prices] = await Promise.all([awsPolicies(clients, fleets), memberPrices(clients, scope, fleets, pricing)]);
  return new Map(fleets.map(({ ref, group }) => [ref.id, { awsPolicies: policies.get(group) ?? [], price: prices.get(ref.id) ?? null }]));
}

/** What members cost today; `at` names the instant that Spot prices hold. */
export interface Pricing {
  readonly at: Instant | null;
  priced(members: readonly SeenInstance[]): Promise<readonly SeenInstance[]>;
}

const asShipped: Pricing = { at: null, priced: async members => members };

/** Names of the policies that AWS acts on, by group: all but disabled ones and forecasts that only predict. */
async function awsPolicies(clients: Clients, wanted: readonly Fleet[]): Promise<Map<string, string[]>> {
  const names = new Map<string, string[]>();
  if (wanted.length === 0) return names;
  const [client, { paginateDescribePolicies }] = await Promise.all([clients.autoScaling(), import('@aws-sdk/client-auto-scaling')]);
  // One call takes one group or all of them.
  const [only, ...others] = wanted;
  const input = only !== undefined && others.length === 0 ? { AutoScalingGroupName: only.group } : {};
  await unlessGone(async () => {
    for await (const page of paginateDescribePolicies({ client, pageSize: PAGE }, input)) {
      for (const policy of page.ScalingPolicies ?? []) {
        if (policy.AutoScalingGroupName === undefined || !acts(policy)) continue;
        names.set(policy.AutoScalingGroupName, [...(names.get(policy.AutoScalingGroupName) ?? []), policy.PolicyName ?? '']);
      }
    }
  });
  return names;
}

const acts = (policy: ScalingPolicy): boolean =>
  policy.Enabled !== false &&
  !(policy.PolicyType === 'PredictiveScaling' && policy.PredictiveScalingConfiguration?.Mode !== 'ForecastAndScale');

/** What a member costs, by group: looked up on the first, and unknown where they differ in type, or in how they were bought. */
async function memberPrices(
  clients: Clients,
  scope: Scope,
  wanted: readonly Fleet[],
  { at, priced }: Pricing,
): Promise<Map<string, Price | null>> {
  const samples = wanted.flatMap(({ ref, members }) => {
    const [first] = members;
    if (first === undefined || members.some(m => m.type !== first.type)) return [];
    return [{ fleet: ref.id, members: members.slice(0, SAMPLED).map(m => m.id) }];
  });
  if (samples.length === 0) return new Map();
  const described = await describeInstances(
    clients,
    scope,
    samples.flatMap(s => s.members),
  );
  const spot = at === null ? [] : described.filter(i => i.lifecycle === 'spot' && i.platform === 'linux');
  const market = at === null || spot.length === 0 ? [] : await observeSpotPrices(clients, [...new Set(spot.map(i => i.type))], at);
  const prices = new Map((await priced(described)).map(i => [i.ref.id, i.price ?? spotPrice(i, market, at)]));
  const seen = new Map(described.map(i => [i.ref.id, i]));
  return new Map(
    samples.map(({ fleet, members }) => {
      const there = members.flatMap(id => seen.get(id) ?? []);
      // Bought both ways, nobody knows which of them would have run.
      const alike = new Set(there.map(i => i.lifecycle)).size === 1;
      return [fleet, alike ? mean(there.map(i => prices.get(i.ref.id) ?? null)) : null];
    }),
  );
}

/** Of Spot members in several zones: any of them may be the next that does not run. `null` where the price of one is not known. */
function mean(all: readonly (Price | null)[]): Price | null {
  const known = all.filter(price => price !== null);
  const [first] = known;
  if (first === undefined || known.length < all.length) return null;
  const sum = known.reduce((total, { perHour }) => total + BigInt(perHour), 0n);
  return { ...first, perHour: divideMicros(sum, BigInt(known.length)) };
}

/** Members of a group that are asked how they were bought. */
const SAMPLED = 10;

/** What the market asks in the zone of that member; another zone's price says nothing of it. */
function spotPrice(
  { type, availabilityZone, lifecycle, platform }: SeenInstance,
  market: readonly SpotPrice[],
  at: Instant | null,
): Price | null {
  const found = lifecycle === 'spot' && platform === 'linux' ? market.find(m => m.type === type && m.zone === availabilityZone) : undefined;
  if (found === undefined || at === null) return null;
  const billedAs = { type, sku: null, usageType: null, operation: null, pricing: 'Dynamic' } as const;
  return { perHour: found.perHour, source: `Spot price of ${utcDay(at)}`, billedAs, coverage: UNCOVERED };
}

/** Savings Plans and Reserved Instances pay for on-demand usage only. */
const UNCOVERED = { covered: 0, source: 'Spot, which no commitment pays for' } as const;

/** Percent of the instance refresh under way, by fleet; `null`: none. One call a group: only those that would shrink are worth it. */
export async function observeRefreshes(
  clients: Clients,
  fleets: readonly Fleet[],
): Promise<{ readonly percents: ReadonlyMap<string, number | null>; readonly unread: readonly Unread[] }> {
  const percents = new Map<string, number | null>();
  const unread: Unread[] = [];
  for (const { ref, group } of fleets) {
    try {
      percents.set(ref.id, await unlessGone(() => refreshOf(clients, group)));
    } catch (error) {
      unread.push({ what: `instance refresh of ${group}`, why: why(error) });
    }
  }
  return { percents, unread };
}

async function refreshOf(clients: Clients, group: string): Promise<number | null> {
  const [client, { DescribeInstanceRefreshesCommand }] = await Promise.all([clients.autoScaling(), import('@aws-sdk/client-auto-scaling')]);
  // Newest first, and there is one at a time.
  const { InstanceRefreshes = [] } = await client.send(
    new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group, MaxRecords: 1 }),
  );
  const [latest] = InstanceRefreshes;
  return latest === undefined || REFRESHED.has(latest.Status ?? '') ? null : (latest.PercentageComplete ?? 0);
}

const REFRESHED = new Set(['Successful', 'Failed', 'Cancelled', 'RollbackSuccessful', 'RollbackFailed']);

/** What came of the latest launches, by fleet: one call a group, asked of those that miss some. */
export async function observeLaunches(clients: Clients, fleets: readonly Fleet[]): Promise<Map<string, LaunchFailure | null>> {
  const found = new Map<string, LaunchFailure | null>();
  for (const { ref, group } of fleets) {
    const activities = await unlessGone(async () => {
      const [client, { DescribeScalingActivitiesCommand }] = await Promise.all([
        clients.autoScaling(),
        import('@aws-sdk/client-auto-scaling'),
      ]);
      const input = { AutoScalingGroupName: group, MaxRecords: ACTIVITIES };
      return (await client.send(new DescribeScalingActivitiesCommand(input))).Activities ?? [];
    });
    found.set(ref.id, latestFailure(activities ?? []));
  }
  return found;
}

const ACTIVITIES = 20;

/** Newest first. One that is under way has not failed yet, and says nothing of those before it. */
function latestFailure(activities: readonly Activity[]): LaunchFailure | null {
  const launches = activities.filter(a => a.Description?.startsWith('Launching') && !UNDER_WAY.has(a.StatusCode ?? ''));
  const [latest] = launches;
  if (latest === undefined || latest.StatusCode === 'Successful' || latest.StartTime === undefined) return null;
  return { why: latest.StatusMessage ?? latest.StatusCode ?? 'no cause given', at: instant(latest.EndTime ?? latest.StartTime) };
}

const UNDER_WAY = new Set([
  'PendingSpotBidPlacement',
  'WaitingForSpotInstanceRequestId',
  'WaitingForSpotInstanceId',
  'WaitingForInstanceId',
  'PreInService',
  'InProgress',
  'WaitingForELBConnectionDraining',
  'MidLifecycleAction',
  'WaitingForInstanceWarmup',
  'WaitingForConnectionDraining',
]);

/** A group that was deleted since it was listed has nothing to tell; the look before the write will find that it is gone. */
async function unlessGone<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if ((error as Error).name === 'ValidationError') return null;
    throw error;
  }
}
