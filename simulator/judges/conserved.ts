/**
 * Conserved: what the meters of our stops say is what the world did not bill, to the second, and the house's dollars are those seconds
 * times price, to the micro-dollar. Where the news of a return was lost or late, or a look came before it, EC2 shows no more than when the
 * start was asked for, so less may be claimed, by as long as a boot takes, and never more. People's own stops are never credited.
 */
import { epochSeconds, HOUR, instant, MINUTE } from '../../shared/model/time.ts';
import type { Evidence, Item } from '../swarm/evidence.ts';
import { askedFor } from './asked.ts';
import { asInstant, couldBeOurs, isOurs, nameOf, ourChanges, rowsOf } from './facts.ts';
import { fleetMoney } from './fleet-money.ts';
import type { Judge } from './verdict.ts';
import { isOwnBaseline, type Meter, mostCost, SCALE, worthOf } from './worth.ts';

export const conserved: Judge = function* (evidence) {
  yield* fleetMoney(evidence);
  const closings = new Map(rowsOf(evidence, 'meter-closed').map(row => [String(row['meterId']), row]));
  const opened = rowsOf(evidence, 'meter-opened').filter(row => row['class'] !== 'scale-in');
  yield* smallerTypes(opened, closings, evidence);
  // Where an instance gets another type in its sleep, a meter at another price goes on where the first one ends.
  const later = new Set([...closings.values()].filter(row => row['why'] === 'type-changed').map(placeOf));
  const meters = opened.filter(row => row['class'] !== 'rightsize' && !later.has(placeOf(row)));
  const sleeps = sleepsOf(evidence);
  const known = new Set<Sleep>();
  const exact = new Set<string>();
  let numerator = 0n;
  for (const row of meters) {
    const closing = lastClosing(row, opened, closings);
    const meter = meterOf(row, closing, evidence);
    const sleep = nearest(
      sleeps.filter(s => s.id === meter.id && s.from - meter.from <= s.slack && meter.from - s.from <= s.slack + s.late && !known.has(s)),
      meter.from,
    );
    if (sleep === undefined) {
      if (isLookedUp(evidence, meter)) continue;
      yield {
        at: asInstant(row['at']),
        what: `a meter of ${nameOf(evidence, meter.id)} was opened, and no stop of ours ended its billing then`,
      };
      continue;
    }
    known.add(sleep);
    const [claimed, truth] = [meter.to - meter.from, sleep.to - sleep.from];
    const least =
      truth -
      sleep.slack -
      Math.min(sleep.late, Math.max(0, meter.from - sleep.from)) -
      (evidence.unheard.has(meter.id) || wasSeenFirst(evidence, sleep.to) ? LONGEST_BOOT : 0);
    if (claimed > truth + sleep.slack || claimed < least) {
      yield {
        at: asInstant(row['at']),
        what: `${nameOf(evidence, meter.id)} slept ${truth} s by our stop, and its meter says ${claimed} s`,
      };
    }
    const cost = Number(row['addedCost'] ?? 0);
    if (cost > mostCost(evidence, meter, sleep.from))
      yield { at: asInstant(row['at']), what: `${nameOf(evidence, meter.id)} cost ${cost} micro-dollars to stop, more than it could` };
    const worth = worthOf(row, meter, evidence);
    if (worth !== null && !isOwnBaseline(row, meter.id, evidence))
      yield { at: asInstant(row['at']), what: `${nameOf(evidence, meter.id)} is metered with hours of the week in which it did not run` };
    if (cost > 0) continue; // a charge is read from a metric, which is minutes old
    // One that goes on at another price is worth what its parts are: each by itself is not told here, open or closed.
    if (worth === null || closings.get(String(row['meterId']))?.['why'] === 'type-changed') continue;
    exact.add(String(row['meterId']));
    numerator += worth;
  }
  for (const sleep of sleeps) {
    if (!known.has(sleep) && sleep.to > sleep.from && !sleep.lost)
      yield { at: instant(sleep.from * 1000), what: `${nameOf(evidence, sleep.id)} was put to sleep by us, and no meter tells` };
  }
  const claimed = evidence.claimed?.(exact);
  if (claimed !== undefined && !isEqual(claimed.numerator * SCALE, numerator * claimed.denominator)) {
    const said = Number((claimed.numerator * 1000n) / claimed.denominator) / 1000;
    yield {
      at: evidence.plot.end,
      what: `the house says ${said} micro-dollars, and price times seconds is ${Number((numerator * 1000n) / SCALE) / 1000}`,
    };
  }
};

/** It begins with a person's stop, which nobody can tell from one of ours that was claimed and never answered. */
const isLookedUp = (evidence: Evidence, { id, from }: Meter): boolean =>
  evidence.cloud.record.writes.some(
    w =>
      w.action === 'StopInstances' && w.changed.includes(id) && !isOurs(w) && epochSeconds(w.at) === from && couldBeOurs(evidence, w, id),
  );

/** Where a meter begins or ends: the resource and the second. */
const placeOf = (row: Item): string => `${(row['resource'] as { id: string }).id} ${String(row['at'])}`;

function lastClosing(row: Item, opened: readonly Item[], closings: ReadonlyMap<string, Item>): Item | undefined {
  const closing = closings.get(String(row['meterId']));
  if (closing?.['why'] !== 'type-changed') return closing;
  const next = opened.find(one => one !== row && one['class'] !== 'rightsize' && placeOf(one) === placeOf(closing));
  return next === undefined ? closing : lastClosing(next, opened, closings);
}

/** Hours that an instance is said to have run as a smaller type are hours that EC2 billed it as that type. */
function* smallerTypes(opened: readonly Item[], closings: ReadonlyMap<string, Item>, evidence: Evidence) {
  for (const row of opened.filter(one => one['class'] === 'rightsize')) {
    const { id, from, to } = meterOf(row, closings.get(String(row['meterId'])), evidence);
    const slack = skewAround(evidence, from) + skewAround(evidence, to) + LONGEST_BOOT;
    const billed = evidence.cloud.record.billedSeconds(id, from, to);
    if (to - from > billed + slack)
      yield {
        at: asInstant(row['at']),
        what: `${nameOf(evidence, id)} ran ${billed} s as another type, and its meter says ${to - from} s`,
      };
  }
}

/** The two fractions agree once rounded to the micro-dollar. */
const isEqual = (a: bigint, b: bigint): boolean => a === b;

const nearest = (sleeps: readonly Sleep[], to: number): Sleep | undefined =>
  sleeps.toSorted((a, b) => Math.abs(a.from - to) - Math.abs(b.from - to))[0];

const LONGEST_BOOT = 60;
const RELEASE = 20 * MINUTE;
/** A run in which calls take seconds. */
const SLOWEST = 5 * MINUTE;

/** A look that was under way when the instance came back, or began before anybody heard of it, may have seen it before its event told when. */
function wasSeenFirst({ visits, hits }: Evidence, at: number): boolean {
  const heardAt = Math.min(
    ...visits
      .filter(v => v.function === 'watch-changes')
      .map(v => epochSeconds(v.at))
      .filter(began => began >= at),
  );
  return visits.some(({ function: name, at: began }) => {
    const ago = at - epochSeconds(began);
    const isSlow = hits.some(hit => ago > 0 && hit.at >= began && epochSeconds(hit.at) <= at);
    // A release looks on until everything is back.
    if (name === 'ebb') return ago >= at - heardAt && ago <= RELEASE;
    return name === 'stop-start-instances' && ago >= at - heardAt && ago <= (isSlow ? SLOWEST : 0);
  });
}

interface Sleep {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  /** Seconds that our clock may have been wrong by. */
  readonly slack: number;
  /** Seconds by which a meter may begin after it: news of a hibernation that is over may be lost, and a look shows it hours later. */
  readonly late: number;
  /** Its answer never came, and the instance was ended before anybody had looked again: nothing shows any more that it slept. */
  readonly lost: boolean;
}

/** From a claim without an answer until the world is asked, and a tick or two in which that fails. */
const ASKED_WITHIN = 15 * MINUTE;

const LOSES_ANSWERS = /^(timeout-after|crash-after-call|lambda-timeout|table-.*)$/;

/** Each effective stop of ours, until EC2 bills again or the instance is no more. */
function sleepsOf(evidence: Evidence): Sleep[] {
  const { cloud, plot, unheard, hits } = evidence;
  const end = epochSeconds(plot.end);
  return ourChanges(evidence)
    .filter(w => w.action === 'StopInstances')
    .flatMap(write => {
      const { at, params } = write;
      // A person's own stop is credited to nobody, by whomever it was done.
      const changed = write.changed.filter(id => askedFor(evidence, write, id) === null);
      return changed.map(id => {
        const called = epochSeconds(at);
        // Hibernating, it is billed until its memory has been written out.
        const hibernates = (params as { Hibernate?: boolean }).Hibernate === true;
        const billed = cloud.record.billed(id).find(span => span.from <= called && (span.to ?? end) >= called);
        const from = hibernates ? Math.min(end, billed?.to ?? end) : called;
        const awake = cloud.record.billed(id).find(span => span.from > from)?.from ?? end;
        const goneAt = cloud.record.transitions.find(t => t.instance === id && t.to === 'shutting-down' && epochSeconds(t.at) >= from)?.at;
        const to = Math.min(awake, goneAt === undefined ? end : epochSeconds(goneAt), end);
        const late = hibernates && (unheard.has(id) || hits.length > 0) ? 2 * HOUR : 0;
        const unanswered = hits.some(hit => LOSES_ANSWERS.test(hit.kind) && Math.abs(epochSeconds(hit.at) - called) <= 2);
        const lost = unanswered && goneAt !== undefined && epochSeconds(goneAt) - called <= ASKED_WITHIN;
        return { id, from, to, slack: skewAround(evidence, from), late, lost };
      });
    });
}

/** A stop is metered by the clock of the run that made it, or of the one that found it done. */
const skewAround = ({ visits }: Evidence, from: number): number =>
  Math.max(0, ...visits.filter(v => Math.abs(epochSeconds(v.at) - from) <= HOUR).map(v => Math.abs(v.skew)));

const meterOf = (opened: Item, closed: Item | undefined, { plot }: Evidence): Meter => ({
  id: (opened['resource'] as { id: string }).id,
  from: epochSeconds(asInstant(opened['at'])),
  to: epochSeconds(closed === undefined ? plot.end : asInstant(closed['at'])),
});
