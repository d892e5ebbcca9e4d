/**
 * Fleets conserved: from the first resize of ours a meter is open, without a hole or an overlap, until the group is gone or released. Its number
 * of running instances is what the world billed, or what the group was meant to have where that is more, at every look that nothing
 * went wrong with; and its dollars are the seconds of it, times what ran in the four weeks before, less what runs now, times list price.
 */
import { epochSeconds, HOUR, instant, MINUTE } from '../../shared/model/time.ts';
import type { Evidence, Item } from '../swarm/evidence.ts';
import { asInstant, isOurs, ourChanges, rowsOf, runBegan, targetsOf, visitOf } from './facts.ts';
import { fleetBaseline, hourOfWeekAt, WEEKS } from './hours-of-week.ts';
import { type Size, sizeOf } from './sized-seconds.ts';
import type { Violation } from './verdict.ts';

type Told = Omit<Violation, 'promise'>;

/** Of the groups that policies of the stories speak for all are of one type: micro-dollars an hour (AWS price list, 2025: eu-west-1, Linux). */
const T3_MEDIUM = 45_600;
const SCALE = BigInt(HOUR * WEEKS);

export function* fleetMoney(evidence: Evidence): Generator<Told> {
  const closings = new Map(rowsOf(evidence, 'meter-closed').map(row => [String(row['meterId']), row]));
  const opened = rowsOf(evidence, 'meter-opened').filter(row => row['class'] === 'scale-in');
  const meters = opened.map(row => meterOf(row, closings.get(String(row['meterId'])), evidence)).toSorted((a, b) => a.from - b.from);
  const byFleet = Map.groupBy(meters, meter => meter.id);
  for (const [id, mine] of byFleet) {
    const size = sizeOf(evidence, id);
    if (size === null) yield { at: evidence.plot.from, what: `a meter counts ${id}, which no group is` };
    else yield* [...chain(evidence, id, mine, size), ...mine.flatMap(meter => [...counted(evidence, meter, size)])];
  }
  yield* missing(evidence, byFleet);
  yield* dollars(evidence, meters);
}

interface Meter {
  readonly row: Item;
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly running: number;
  /** Why it was closed; `null`: it is open. */
  readonly why: string | null;
}

const meterOf = (row: Item, closing: Item | undefined, { plot }: Evidence): Meter => ({
  row,
  id: idOf(row),
  from: epochSeconds(asInstant(row['at'])),
  to: epochSeconds(closing === undefined ? plot.end : asInstant(closing['at'])),
  running: Number(row['running']),
  why: closing === undefined ? null : String(closing['why']),
});

const idOf = (row: Item): string => (row['resource'] as { id: string }).id;
const told = (at: number, what: string): Told => ({ at: instant(at * 1000), what });

/** Nothing before a resize of ours, one meter at a time, the next where the last one ends, and an end only where there is cause for it. */
function* chain(evidence: Evidence, id: string, meters: readonly Meter[], size: Size): Generator<Told> {
  const began = Math.min(...resizes(evidence, id).map(w => epochSeconds(runBegan(evidence, w))));
  const isReleased = (at: number) => evidence.done.some(d => d.deed.does === 'releases' && epochSeconds(d.began) <= at);
  for (const [i, meter] of meters.entries()) {
    const next = meters[i + 1];
    if (meter.from < began - CLOCKS) yield told(meter.from, `${size.name} is metered before anything of ours changed it`);
    if (next !== undefined && (meter.why === null || next.from < meter.to)) yield told(next.from, `${size.name} is in two meters`);
    if (meter.why === 'released' && !isReleased(meter.to))
      yield told(meter.to, `${size.name} was taken out of its meter, and nobody released it`);
    if (meter.why === 'terminated' && !size.isGone) yield told(meter.to, `${size.name} is there, and its meter says that it is gone`);
    const goesOn = meter.why === 'size-changed' || meter.why === 'day-ended';
    if (goesOn && next?.from !== meter.to) yield told(meter.to, `${size.name} has a hole between its meters`);
  }
}

/** A clock may be so wrong, and a look take so long. */
const CLOCKS = 6;

const resizes = (evidence: Evidence, id: string) =>
  ourChanges(evidence).filter(w => targetsOf(w).includes(id) && visitOf(evidence, w) !== null);

/** What the meter counts is what the world had, but for the time until somebody looks. */
function* counted(evidence: Evidence, { id, from, to, running }: Meter, size: Size): Generator<Told> {
  const opens = [...wanted(evidence, size, from), ...Array.from({ length: CLOCKS }, (_, i) => size.at(from - 1 + i))];
  if (!isTroubled(evidence, from - CLOCKS, from + RUN) && !opens.includes(running))
    yield told(from, `${size.name} ran ${opens.at(-1)}, and its meter counts ${running} from its first second on`);
  for (let at = from; at < to; ) {
    const start = at;
    while (at < to && size.at(at) !== running) at++;
    if (at === start) {
      at++;
      continue;
    }
    const isSeen = looksAt(evidence, id, size).some(looked => looked >= start + CLOCKS && looked <= at - CLOCKS);
    const isQuiet = at - start > UNSEEN && !isTroubled(evidence, start - 20 * MINUTE, at);
    if (isSeen || isQuiet) yield told(start, `${size.name} ran ${size.at(start)}, and its meter counts ${running} for ${at - start} s`);
  }
}

/** What somebody asked for in the very moment in which it was looked at, and for less than a second. */
const wanted = ({ done }: Evidence, { name }: Size, from: number): number[] =>
  done.flatMap(({ deed, at }) =>
    deed.does === 'sets-desired' && deed.fleet === name && Math.abs(epochSeconds(at) - from) < CLOCKS ? deed.desiredCapacity : [],
  );

/** Two ticks, and a look that takes its time. */
const UNSEEN = 150;

/** When a run with which nothing went wrong looked at the group: one that is gone is missed only by who looks at all of them. */
const looksAt = (evidence: Evidence, id: string, { name, isGone }: Size): number[] =>
  evidence.visits
    .filter(v => v.function === 'resize-fleets' && v.ended === 'answered')
    .filter(v =>
      v.looks.some(
        l => l.operation === 'DescribeAutoScalingGroups' && (l.names === null || (!isGone && (l.names.has(name) || l.names.has(id)))),
      ),
    )
    .map(v => epochSeconds(v.at))
    .filter(at => !isTroubled(evidence, at - CLOCKS, at + RUN));

/** A run lasts no longer than that, where no fault makes it wait. */
const RUN = 30;

const isTroubled = ({ hits }: Evidence, from: number, to: number): boolean =>
  hits.some(hit => epochSeconds(hit.at) >= from && epochSeconds(hit.at) <= to);

/** A resize of ours that nothing went wrong with is in a meter from the next look on. */
function* missing(evidence: Evidence, byFleet: ReadonlyMap<string, readonly Meter[]>): Generator<Told> {
  for (const write of ourChanges(evidence)) {
    if (!isOurs(write) || visitOf(evidence, write)?.function !== 'resize-fleets') continue;
    const at = epochSeconds(write.at);
    if (at + UNSEEN >= epochSeconds(evidence.plot.end) || isTroubled(evidence, at - UNSEEN, at + UNSEEN)) continue;
    if (evidence.done.some(d => d.deed.does === 'releases' && epochSeconds(d.began) <= at + UNSEEN)) continue;
    for (const id of targetsOf(write)) {
      const size = sizeOf(evidence, id);
      if (size === null || size.isGone || byFleet.get(id)?.some(m => m.from <= at + UNSEEN && at + UNSEEN < m.to)) continue;
      yield told(at, `${size.name} was resized by us, and no meter tells`);
    }
  }
}

/** The house's own sum of these meters against their seconds at the true baseline and list price; what a metric fault spoilt is left out. */
function* dollars(evidence: Evidence, meters: readonly Meter[]): Generator<Told> {
  const exact = new Set<string>();
  let numerator = 0n;
  for (const meter of meters) {
    const { id, row, from, to, running } = meter;
    const size = sizeOf(evidence, id);
    const baseline = row['baseline'] as { kind: string; frozenAt: string; runs?: readonly number[] };
    const frozen = epochSeconds(asInstant(baseline.frozenAt));
    if (size === null || evidence.hits.some(h => h.kind.endsWith('-metric') && Math.abs(epochSeconds(h.at) - frozen) < 300)) continue;
    const runs = fleetBaseline(size.inService, frozen, epochSeconds(evidence.plot.from));
    if (baseline.kind !== 'measured' || baseline.runs?.some((run, hour) => run !== runs[hour])) {
      if (!isTroubled(evidence, frozen - CLOCKS, frozen + RUN))
        yield told(from, `${size.name} is metered with a baseline (${baseline.kind}) that is not its own`);
      continue;
    }
    if (row['perHour'] === null && isTroubled(evidence, from - CLOCKS, from + RUN)) continue;
    exact.add(String(row['meterId']));
    for (let at = from; at < to; ) {
      const next = Math.min(to, (Math.floor(at / HOUR) + 1) * HOUR);
      numerator += BigInt(next - at) * BigInt((runs[hourOfWeekAt(at)] ?? 0) - running * WEEKS) * BigInt(T3_MEDIUM);
      at = next;
    }
  }
  const claimed = evidence.claimed?.(exact);
  if (claimed === undefined || claimed.numerator * SCALE === numerator * claimed.denominator) return;
  const said = Number((claimed.numerator * 1000n) / claimed.denominator) / 1000;
  const truth = Number((numerator * 1000n) / SCALE) / 1000;
  yield { at: evidence.plot.end, what: `of fleets the house says ${said} micro-dollars, and price times seconds is ${truth}` };
}
