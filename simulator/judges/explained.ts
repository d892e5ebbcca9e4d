/** Explained: every instance and group has an answer from its pen, every write its reason, every failure its cause, every dollar its source. */
import { addSeconds, epochSeconds, HOUR, type Instant, secondsBetween } from '../../shared/model/time.ts';
import type { Evidence, Item } from '../swarm/evidence.ts';
import type { Thing } from '../swarm/plot.ts';
import { asInstant, nameOf, ourChanges, pausedAt, rowsOf, signatures } from './facts.ts';
import { type Group, reasons } from './reasons.ts';
import { newlyGuarded } from './shields.ts';
import { type Kind, waysOf } from './tags.ts';
import type { Judge } from './verdict.ts';

export const explained: Judge = function* (evidence) {
  yield* answers(evidence);
  const reasons = new Map(rowsOf(evidence, 'claimed').map(row => [changeOf(row).id, changeOf(row).because?.code]));
  for (const write of ourChanges(evidence)) {
    for (const id of signatures(write)) if (!reasons.get(id)) yield { at: write.at, what: `${write.action}: ${id} gives no reason` };
  }
  for (const row of rowsOf(evidence, 'settled')) {
    if (row['outcome'] !== 'done' && !row['detail'])
      yield { at: asInstant(row['at']), what: `${row['changeId']} ended ${row['outcome']}, and nobody says why` };
  }
  for (const row of rowsOf(evidence, 'meter-opened')) {
    if (row['perHour'] !== null && !row['priceSource'])
      yield { at: asInstant(row['at']), what: `${row['meterId']} counts dollars without a source` };
  }
  for (const row of [...rowsOf(evidence, 'claimed'), ...rowsOf(evidence, 'proposed')]) {
    const { saving } = changeOf(row);
    if (saving?.money != null && !saving.priceSource)
      yield { at: asInstant(row['at']), what: `${row.sk} predicts dollars without a source` };
  }
};

const looksAt = ({ visits }: Evidence, pen: string | undefined, at: number, about: number): number =>
  visits.filter(v => v.function === pen && Math.abs(epochSeconds(v.at) - at) <= about).reduce((sum, v) => sum + v.doorbells, 0);

interface ChangeSeen {
  readonly id: string;
  readonly because?: { readonly code?: string };
  readonly resource: { readonly id: string };
  readonly saving: { readonly money: unknown; readonly priceSource: string | null } | null;
}

const changeOf = (row: Item): ChangeSeen => row['change'] as ChangeSeen;

/** What the pens left alone at their last whole look, and what they changed or proposed then, is everything there was, each once. */
function* answers(evidence: Evidence) {
  for (const { pk, sk, value } of evidence.memory as readonly (Item & { value: unknown })[]) {
    if (sk !== 'left') continue;
    const { at, groups } = value as { at: string; groups: Group[] };
    if (pausedAt(evidence, asInstant(at))) continue; // what is argued for under a pause is on no record
    const pen = pk.split('#')[1];
    const seconds = epochSeconds(asInstant(at));
    const about = spanOf(evidence, asInstant(at));
    const left = groups.reduce((sum, { count }) => sum + count, 0);
    const { changed, perhaps, names } = arguedAbout(evidence, pen, seconds, about);
    const there = thereFor(evidence, pen, seconds, about);
    // A stop that its guard refuses is on no record.
    const guarded = pen === 'stop-start-instances' ? newlyGuarded(evidence, asInstant(at)) : 0;
    yield* reasons(evidence, pen, asInstant(at), groups, about);
    const answered = [...groups.flatMap(({ examples }) => examples.map(({ resource }) => resource.id)), ...names];
    const isWhole = guarded === 0 && groups.every(({ count, examples }) => count === examples.length);
    for (const id of isWhole ? named(evidence, pen, seconds, about).filter(one => !answered.includes(one)) : [])
      yield { at: asInstant(at), what: `${pen} says nothing of ${nameOf(evidence, id)}` };
    // Of two looks at once the later one leaves alone what the earlier one has begun to change.
    const alone = looksAt(evidence, pen, seconds, about) <= 1;
    if (left + (alone ? changed : 0) > there.most || left + changed + perhaps + guarded < there.least) {
      yield {
        at: asInstant(at),
        what: `${pen} gave ${left} answers and argued about ${changed}, where there were ${there.least} to ${there.most} to answer for`,
      };
    }
  }
}

/**
 * How many a change was claimed for at that look; and how many more may have been argued about, because a proposal for them, which is put
 * on record once, may have stood.
 */
function arguedAbout(evidence: Evidence, pen: string | undefined, seconds: number, about: number) {
  const ofPen = (kind: string) => rowsOf(evidence, kind).filter(row => (changeOf(row) as { pen?: string }).pen === pen);
  const after = (row: Item) => epochSeconds(asInstant(row['at'])) - seconds;
  const resources = (rows: readonly Item[]) => new Set(rows.map(row => changeOf(row).resource.id));
  const changed = resources(ofPen('claimed').filter(row => Math.abs(after(row)) <= about));
  const proposed = resources(ofPen('proposed').filter(row => after(row) <= about));
  return { changed: changed.size, perhaps: proposed.difference(changed).size, names: [...changed, ...proposed] };
}

/** Instances that were surely there; what else carries tags is only counted. */
function named(evidence: Evidence, pen: string | undefined, at: number, about: number): string[] {
  if (pen === 'resize-fleets') return [];
  return aliveAround(evidence, at, about).map(({ id }) => id);
}

const aliveAround = ({ cloud }: Evidence, at: number, about: number) =>
  cloud.record.instances().filter(m => m.createdAt < at - about && (m.terminatedAt === null || m.terminatedAt > at + about));

interface Count {
  readonly least: number;
  readonly most: number;
}

function thereFor(evidence: Evidence, pen: string | undefined, at: number, about: number): Count {
  if (pen === 'resize-fleets') return groupsThere(evidence);
  return pen === 'enforce-tags' ? tagsThere(evidence, at, about) : instancesThere(evidence, at, about);
}

/** What carries tags, of the kinds that its policy speaks of. A volume is shown as long as its instance is. */
function tagsThere(evidence: Evidence, at: number, about: number): Count {
  const kinds = waysOf(evidence.plot)?.resources ?? [];
  const { least, most } = instancesThere(evidence, at, about);
  const things = (kind: Thing['kind']) => (evidence.plot.things ?? []).filter(thing => thing.kind === kind).length;
  const environments = evidence.plot.fleets.filter(fleet => fleet.kind === 'environment').length;
  const groups = groupsThere(evidence);
  const counts: Readonly<Record<Kind, Count>> = {
    instance: { least, most },
    volume: both({ least, most }, things('volume')), // one each
    snapshot: both(NONE, things('snapshot')),
    'elastic-ip': both(NONE, things('elastic-ip')),
    'auto-scaling-group': { ...groups, least: groups.least - environments }, // an environment's own is seen as the environment
    'beanstalk-environment': both(NONE, environments),
  };
  return kinds.filter(kind => kind !== 'instance').reduce((sum, kind) => plus(sum, counts[kind]), counts.instance);
}

const NONE: Count = { least: 0, most: 0 };
const plus = (a: Count, b: Count): Count => ({ least: a.least + b.least, most: a.most + b.most });
const both = (count: Count, more: number): Count => plus(count, { least: more, most: more });

/** What comes or goes meanwhile is not held against anybody; a terminated instance is shown for an hour. */
function instancesThere(evidence: Evidence, at: number, about: number): Count {
  const alive = aliveAround(evidence, at, about);
  const shown = evidence.cloud.record
    .instances()
    .filter(m => m.createdAt <= at + about && (m.terminatedAt === null || m.terminatedAt + HOUR > at - about));
  return { least: alive.length, most: shown.length };
}

/** A look takes a second, unless calls fail or are slow, or its clock is wrong. */
function spanOf({ hits, plot }: Evidence, at: Instant): number {
  const isTroubled = at < addSeconds(plot.calm, TROUBLED) && hits.some(hit => Math.abs(secondsBetween(hit.at, at)) <= TROUBLED);
  return isTroubled ? TROUBLED : 1;
}

const TROUBLED = 120;

const groupsThere = ({ cloud, plot }: Evidence): Count => ({
  least: [...cloud.world.regions.values()].reduce((sum, r) => sum + r.groups.size, 0),
  most: plot.fleets.length,
});
