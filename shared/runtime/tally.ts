/**
 * What the functions of the house use, by their own count: kept in the container, and added to a shelf once an hour. A container that is
 * taken away takes at most an hour of it along, so what is told is a little less than the bill.
 */
import type { OwnUnit } from '../ledger/own-prices.ts';
import type { Memory } from '../model/ports.ts';
import { floorTo, HOUR, type Instant, utcDay } from '../model/time.ts';
import { changeItem } from './items.ts';
import { type Equippable, type Outside, outside } from './outside.ts';

export type Used = Readonly<Record<string, number>>;

interface Tally {
  readonly used: Map<OwnUnit, number>;
  /** The hour that it is counted in. */
  hour: Instant | null;
}
const tallies = new WeakMap<Outside, Tally>();

function tallyOf(world: Outside): Tally {
  const known = tallies.get(world) ?? { used: new Map(), hour: null };
  tallies.set(world, known);
  return known;
}

export function count(unit: OwnUnit, times: number, world = outside()): void {
  if (times <= 0) return;
  const { used } = tallyOf(world);
  used.set(unit, (used.get(unit) ?? 0) + Math.round(times));
}

/** Every attempt of a call that costs something is counted as it is made; EC2, Auto Scaling, SSM and the price list cost nothing. */
export function counted<C extends Equippable>(client: C, world: Outside): C {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async args => {
        const unit = UNITS[commandName];
        if (unit !== undefined) count(unit, sizeOf(unit, args.input), world);
        return next(args);
      },
    { step: 'initialize', name: 'ownCost' },
  );
  return client;
}

const UNITS: Readonly<Record<string, OwnUnit>> = {
  PutItemCommand: 'dynamodb-writes',
  DeleteItemCommand: 'dynamodb-writes',
  GetItemCommand: 'dynamodb-reads',
  QueryCommand: 'dynamodb-reads',
  GetMetricDataCommand: 'metrics-read',
  SendMessageCommand: 'sqs-requests',
  SendMessageBatchCommand: 'sqs-requests',
  GetSavingsPlansCoverageCommand: 'cost-explorer-requests',
  GetReservationCoverageCommand: 'cost-explorer-requests',
};

/** A write unit holds 1 KB; a question for metrics names many. A read is taken for one unit: most answers are empty or small. */
function sizeOf(
  unit: OwnUnit,
  input: { readonly Item?: object; readonly MetricDataQueries?: readonly { readonly MetricStat?: object }[] },
): number {
  if (unit === 'metrics-read') return input.MetricDataQueries?.filter(query => query.MetricStat !== undefined).length ?? 0;
  return unit === 'dynamodb-writes' && input.Item !== undefined ? Math.ceil(JSON.stringify(input.Item).length / 1024) : 1;
}

/**
 * Adds what was counted in hours that are over to the shelf, under the day they are of. @returns whether anything was written.
 * @throws the table's error: what was counted is kept for the next time, for a cost that is lost would be told as a saving.
 */
export async function keepTally(name: string, memory: Memory, at: Instant): Promise<boolean> {
  const tally = tallyOf(outside());
  const hour = floorTo(at, HOUR);
  tally.hour ??= hour;
  if (tally.hour >= hour || tally.used.size === 0) return false;
  const [before, used] = [tally.hour, [...tally.used]];
  tally.used.clear(); // what is counted while we write is of the hour that comes
  tally.hour = hour;
  try {
    await changeItem<Used>({ memory, shelf: 'own-cost' }, `${utcDay(before)}#${name}`, at, held => {
      const sum = { ...held };
      for (const [unit, times] of used) sum[unit] = (sum[unit] ?? 0) + times;
      return sum;
    });
  } catch (error) {
    tally.hour = before;
    for (const [unit, times] of used) tally.used.set(unit, (tally.used.get(unit) ?? 0) + times);
    throw error;
  }
  return true;
}
