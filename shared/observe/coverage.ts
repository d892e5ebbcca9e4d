/** How much of the hours in a region a Savings Plan or a Reserved Instance has paid for: asked of Cost Explorer, at a cent a request. */
import type { Expression } from '@aws-sdk/client-cost-explorer';
import type { Coverage } from '../model/ledger.ts';
import { addSeconds, DAY, floorTo, type Instant, utcDay } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';

/** By family: `m5`; what Cost Explorer does not name had no usage, and nothing is known of it. */
export type CoverageByFamily = Readonly<Record<string, Coverage>>;

/** Cost Explorer is a day or two behind; two weeks hold every day of the week twice. */
const LAG_DAYS = 2;
const DAYS = 14;

/**
 * Reserved Instances are used up before Savings Plans, so a plan covers a share of what they leave. Rounded up: a saving is not claimed for
 * hours that may have been paid for.
 * @throws the SDK's error.
 */
export async function askCoverage(clients: Pick<Clients, 'costExplorer'>, region: string, at: Instant): Promise<CoverageByFamily> {
  const sdk = await import('@aws-sdk/client-cost-explorer');
  const client = await clients.costExplorer();
  const end = addSeconds(floorTo(at, DAY), -LAG_DAYS * DAY);
  const TimePeriod = { Start: utcDay(addSeconds(end, -DAYS * DAY)), End: utcDay(end) };
  const Filter: Expression = { Dimensions: { Key: 'REGION', Values: [region] } };
  // Each page is a request, and each request costs $0.01: twenty families fill one.
  const byPlan = new Map<string, number>();
  const plans = { TimePeriod, Filter, GroupBy: [{ Type: 'DIMENSION' as const, Key: 'INSTANCE_FAMILY' }] };
  for await (const { SavingsPlansCoverages = [] } of sdk.paginateGetSavingsPlansCoverage({ client }, plans))
    for (const { Attributes = {}, Coverage } of SavingsPlansCoverages)
      byPlan.set(familyOf(groupOf(Attributes)), Number(Coverage?.CoveragePercentage ?? Number.NaN) / 100);

  const hours = new Map<string, { reserved: number; all: number }>();
  const GroupBy = [{ Type: 'DIMENSION' as const, Key: 'INSTANCE_TYPE' }];
  let NextPageToken: string | undefined;
  do {
    const page = await client.send(new sdk.GetReservationCoverageCommand({ TimePeriod, Filter, GroupBy, NextPageToken }));
    for (const { Attributes = {}, Coverage } of (page.CoveragesByTime ?? []).flatMap(({ Groups = [] }) => Groups)) {
      const family = familyOf(groupOf(Attributes));
      const sum = hours.get(family) ?? { reserved: 0, all: 0 };
      const { ReservedHours, TotalRunningHours } = Coverage?.CoverageHours ?? {};
      hours.set(family, { reserved: sum.reserved + Number(ReservedHours ?? 0), all: sum.all + Number(TotalRunningHours ?? 0) });
    }
    NextPageToken = page.NextPageToken;
  } while (NextPageToken !== undefined);
  const source = `Cost Explorer, ${TimePeriod.Start} to ${TimePeriod.End}`;
  const families = [...new Set([...byPlan.keys(), ...hours.keys()])].filter(family => family !== '').toSorted();
  return Object.fromEntries(families.flatMap(family => told(family, byPlan.get(family), hours.get(family), source)));
}

function told(family: string, plan: number | undefined, hours: { reserved: number; all: number } | undefined, source: string) {
  const byReservation = hours === undefined || hours.all === 0 ? 0 : hours.reserved / hours.all;
  const share = byReservation + (1 - byReservation) * (plan ?? 0);
  if (!Number.isFinite(share)) return [];
  return [[family, { covered: Math.min(WHOLE, Math.ceil(share * WHOLE - 1e-6)), source }] as const];
}

/** There is one attribute, for we group by one; AWS writes its name now as it was asked (`INSTANCE_FAMILY`), now otherwise (`instanceType`). */
const groupOf = (attributes: Readonly<Record<string, string>>): string => Object.values(attributes)[0] ?? '';

const WHOLE = 10_000;

export const familyOf = (type: string): string => type.split('.')[0] ?? '';
