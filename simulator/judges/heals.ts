/**
 * Heals: some ticks after the last fault the world is as it would be without any. Compared is what people did not touch and chance does
 * not steer: a box that only its schedule moves, a group that only its demand moves, and after long tails the tags.
 */
import { addSeconds, epochSeconds, HOUR, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Box, TagWays } from '../swarm/plot.ts';
import { hoursFor, nameOf, ourChanges, pausedAt, policiesAt, tagsAt } from './facts.ts';
import { shieldedIn } from './shields.ts';
import { boundsBefore, fleetPolicyAt, ownBounds, policyBounds, sizesIn, sleepsAt } from './sizes.ts';
import { heritages, isMade, kindOf, lacking, MARK, markedSince, putRight, type Tags, waysOf } from './tags.ts';
import type { Judge } from './verdict.ts';
import { lastTurn } from './wall-clock.ts';

export const heals: Judge = function* (evidence, twin) {
  yield* answered(evidence);
  yield* settled(evidence);
  yield* lowered(evidence);
  yield* tagged(evidence);
  if (twin === null) return;
  const { plot } = evidence;
  const touched = new Set(plot.deeds.flatMap(d => ('box' in d ? d.box : 'fleet' in d && typeof d.fleet === 'string' ? d.fleet : [])));
  for (const { box } of [...evidence.answers, ...twin.answers]) touched.add(nameOf(evidence, box));
  for (const box of plot.boxes) {
    if (touched.has(box.id)) continue;
    if (isSteered(evidence, box)) yield* compare(evidence, twin, box.id, stateOf);
    if (epochSeconds(plot.end) - epochSeconds(plot.calm) > 18 * HOUR) yield* compare(evidence, twin, box.id, tagsOf);
  }
  for (const { id, kind } of plot.fleets) {
    // A margin is learned from what was seen, and the two have seen different things: `settled` looks at what it carries.
    if (kind === 'environment' || touched.has(id) || plot.rules.fleetsFollow === 'signals' || isFloor(plot)) continue;
    const [here, there] = [evidence, twin].map(e => e.cloud.group(id).desired);
    // Target tracking remembers: between out and in there is a band in which either of two neighbours is right.
    if (Math.abs((here ?? 0) - (there ?? 0)) > 1)
      yield { at: plot.end, what: `${id} has ${here} instances, and would have ${there} without faults` };
  }
};

/** A question is answered within three ticks of the slowest pen that acts, and the two minutes for which a write may be on its way, once nothing goes wrong. */
function* answered(evidence: Evidence) {
  const { open, hits } = evidence;
  for (const { at, what, since } of open) {
    const quiet = addSeconds(at, -ANSWERED);
    if (pausedAt(evidence, quiet) || pausedAt(evidence, at)) continue; // nobody looks
    // What a command left behind rings no more: the next whole look, within the hour, finds it.
    if (at < addSeconds(since, HOUR + ANSWERED) && byCommand(evidence, since)) continue;
    if (since < quiet && !hits.some(hit => hit.at >= quiet && hit.at <= at && !MEASURED.test(hit.kind)))
      yield { at, what: `${what} is an open question since ${since}, though nothing has gone wrong for long` };
  }
}

const byCommand = ({ visits }: Evidence, since: Instant): boolean =>
  visits.some(v => v.function === 'ebb' && v.at <= since && since <= addSeconds(v.at, MINUTE));

const ANSWERED = 18 * MINUTE;
const MEASURED = /-metric$|slack/;

/**
 * Without a twin: a group whose capacity nobody has changed for three quarters of an hour carries its demand, and no more than target
 * tracking's band allows. Minutes that a lagging metric could not yet tell are left out.
 */
function* settled(evidence: Evidence) {
  const { cloud, plot } = evidence;
  if (plot.deeds.some(deed => deed.does === 'releases')) return; // nobody looks after it any more
  const end = Math.floor(epochSeconds(plot.end) / MINUTE) * MINUTE;
  const justNow = addSeconds(plot.end, -LAG);
  for (const { id, kind } of plot.fleets) {
    const group = [...cloud.world.regions.values()].flatMap(r => r.groups.get(id) ?? [])[0];
    if (kind !== 'tracked' || group === undefined || epochSeconds(plot.calm) > end - SETTLED) continue;
    const capacity = group.counts.GroupInServiceInstances.at(end - MINUTE);
    const samples = Array.from({ length: (SETTLED - LAG) / MINUTE }, (_, i) => end - SETTLED + i * MINUTE + 30);
    // Whose bounds have just been set has had no time to follow.
    if (evidence.cloud.record.writes.some(w => w.action === 'UpdateAutoScalingGroup' && w.changed.includes(id) && w.at >= justNow))
      continue;
    if (capacity === 0 || samples.some(at => group.counts.GroupInServiceInstances.at(at) !== capacity)) continue;
    const used = samples.map(at => (100 * group.demand.at(at)(at)) / capacity);
    const most = Math.min(group.maxSize, plot.rules.fleetMax);
    const policy = fleetPolicyAt(evidence, plot.end);
    const shielded = shieldedIn(evidence, id, Number.POSITIVE_INFINITY, { at: plot.end }).length;
    const least = Math.max(group.minSize, policy === undefined ? 0 : policyBounds(evidence, policy, plot.end).minSize, shielded);
    const learned = plot.rules.fleetsFollow === 'signals';
    const targets = learned
      ? [PROMISED]
      : [TARGET, ...plot.deeds.flatMap(d => (d.does === 'deploys' ? (d.fleet?.target?.value ?? []) : []))];
    // What sleeps at 0 and still runs is held by somebody's protection, and owes nobody its demand.
    const sleeps = policy?.offHours?.minSize === 0 && sleepsAt(evidence, plot.end);
    if (!sleeps && capacity < most && Math.min(...used.slice(-SUSTAINED)) > Math.max(...targets) + ROUNDING)
      yield { at: plot.end, what: `${id} has ${capacity} instances, and has been above its target for long` };
    if (
      !learned && // what it keeps spare is its own to say
      !isFloor(plot) &&
      capacity > least &&
      Math.max(...used) < 0.9 * Math.min(...targets) - ROUNDING &&
      Math.ceil(worst(used, capacity, targets)) < capacity
    )
      yield { at: plot.end, what: `${id} has ${capacity} instances, and has been far below its target for long` };
  }
}

/** Without a twin: a floor of ours falls again, an hour after its latest change at most, when the demand of all that time asks for far less. */
function* lowered(evidence: Evidence) {
  const { plot, done, hits, cloud } = evidence;
  const since = addSeconds(plot.end, -LOWERED);
  if (!isFloor(plot) || plot.rules.fleetsFollow === 'signals' || hits.some(hit => hit.at >= since)) return;
  if (pausedAt(evidence, plot.end) || done.some(d => d.deed.does === 'releases' || (d.at >= since && 'fleet' in d.deed))) return;
  const policy = fleetPolicyAt(evidence, plot.end);
  if (policy?.mode !== 'act' || sleepsAt(evidence, plot.end) || sleepsAt(evidence, since)) return;
  for (const { id, kind } of plot.fleets) {
    if (kind !== 'tracked' || !hasGroup(cloud, id)) continue;
    const { minSize } = boundsBefore(evidence, id, Number.POSITIVE_INFINITY);
    const least = Math.max(ownBounds(evidence, id, Number.POSITIVE_INFINITY).minSize, policyBounds(evidence, policy, plot.end).minSize);
    if (minSize <= least || ourChanges(evidence).some(w => w.at >= since && sizesIn(w).AutoScalingGroupName === id)) continue;
    const { demand } = cloud.group(id);
    const loads = Array.from({ length: LOWERED / MINUTE }, (_, i) => epochSeconds(since) + i * MINUTE - LAG).map(at => demand.at(at)(at));
    const needed = Math.max(least, Math.ceil((100 * Math.max(...loads)) / (policy.target?.value ?? TARGET)));
    if (needed < 0.8 * minSize - 1)
      yield { at: plot.end, what: `${id} has a floor of ${minSize} of ours, where ${needed} have been enough for long` };
  }
}

/** An hour of rest, a metric's lag, and the datapoints that argue for less. */
const LOWERED = 90 * MINUTE;

/** Capacity that has been reached is AWS's to take back. */
const isFloor = ({ rules }: Evidence['plot']): boolean => rules.fleetSizes?.writes === 'floor';

/** Instances that the busiest of these minutes asked for, by the lowest target that ever stood. */
const worst = (used: readonly number[], capacity: number, targets: readonly number[]): number =>
  (capacity * (Math.max(...used) + ROUNDING)) / Math.min(...targets);

const SETTLED = 45 * MINUTE;
const LAG = 5 * MINUTE;
/** Minutes; three datapoints argue for more. */
const SUSTAINED = 15;
const TARGET = 50;
const PROMISED = 90;
/** Of a percent: CloudWatch publishes with four digits, and demand moves within a minute. */
const ROUNDING = 2;

/**
 * Without a twin: some whole looks after the last fault the tags of everything are as its policy would have them, what still lacks some is
 * marked by us, and what lacks none is not.
 */
function* tagged(evidence: Evidence) {
  const { plot } = evidence;
  const { end: at } = plot;
  const ways = waysOf(plot);
  const acts = policiesAt(evidence, at).some(p => p.kind === 'tags' && p.mode === 'act');
  // The budget of marks is for some in a run; who is over it waits for the next day.
  if (ways === null || !acts || ways.tight || pausedAt(evidence, at) || !evidence.visits.some(v => v.at > plot.calm)) return;
  for (const id of carriers(evidence, ways)) {
    const tags = tagsAt(evidence, id, at);
    if (tags['ebb:policy'] !== undefined || isMade(evidence, id, at)) continue;
    const rights = heritages(evidence, ways, id, source => tagsAt(evidence, source, at)).map(source => putRight(ways, tags, source));
    if (rights.some(right => Object.keys({ ...right, [MARK]: '' }).length > TAGS_MAX)) continue; // no room
    const wrong = (right: Tags) => Object.keys({ ...right, ...tags }).filter(key => key !== MARK && right[key] !== tags[key]);
    const name = nameOf(evidence, id);
    if (rights.every(right => wrong(right).length > 0))
      yield { at, what: `${name} would be put right (${wrong(rights[0] ?? {}).join(', ')}), and has not been` };
    const lacks = lacking(ways, tags);
    const isOurMark = markedSince(evidence, id, Number.POSITIVE_INFINITY) !== null;
    if (lacks.length > 0 && !tags[MARK]?.startsWith(`missing ${lacks.join(' ')} `))
      yield { at, what: `${name} lacks ${lacks.join(', ')}, and its mark says ${tags[MARK] ?? 'nothing'}` };
    if (lacks.length === 0 && isOurMark && tags[MARK] !== undefined) yield { at, what: `${name} lacks nothing, and is marked` };
  }
}

const TAGS_MAX = 50;

/** All that is there at the end, of the kinds that its policy speaks of, but for what a group has made. */
function carriers(evidence: Evidence, ways: TagWays): string[] {
  const { cloud, plot, ids } = evidence;
  const alive = cloud.record.instances().filter(m => m.group === null && m.state !== 'terminated' && m.state !== 'shutting-down');
  const things = (plot.things ?? []).filter(({ kind }) => kind !== 'root-volume').flatMap(({ id }) => ids.get(id) ?? []);
  const groups = plot.fleets.filter(({ id, kind }) => kind !== 'beanstalk' && hasGroup(cloud, id)).map(({ id }) => id);
  const all = [...alive.flatMap(({ id, volumes }) => [id, ...volumes]), ...things, ...groups];
  return all.filter(id => ways.resources.includes(kindOf(evidence, id)));
}

const hasGroup = (cloud: Evidence['cloud'], name: string): boolean => [...cloud.world.regions.values()].some(r => r.groups.has(name));

function* compare(evidence: Evidence, twin: Evidence, name: string, look: (evidence: Evidence, id: string) => string) {
  const [here, there] = [evidence, twin].map(e => look(e, e.ids.get(name) ?? ''));
  if (here !== there) yield { at: evidence.plot.end, what: `${name} is ${here}, and would be ${there} without faults` };
}

/** Nothing but its schedule moves it, and not within the last minutes. */
function isSteered(evidence: Evidence, { tags, load, type }: Box): boolean {
  const { plot } = evidence;
  const { budget, second, idleHours, instances } = plot.rules;
  const mayIdle =
    instances === undefined || instances === 'retain' || instances === 'early' ? idleHours !== null : instances !== 'enforced';
  // Borrowed credits are a reason of their own, and they are only known where they could be measured.
  const isFree =
    (tags['environment'] === 'test' ? second === undefined : budget === null) && !type.startsWith('t') && (!mayIdle || load === 'busy');
  const ways = waysOf(plot);
  // A deadline that follows from a later mark comes later, too.
  if (ways?.escalates && lacking(ways, tags).length > 0) return false;
  const turned = lastTurn(hoursFor(evidence, tags), epochSeconds(plot.end));
  return isFree && turned < epochSeconds(plot.end) - 900;
}

function stateOf({ cloud }: Evidence, id: string): string {
  const { state } = cloud.instance(id);
  return state === 'pending' || state === 'running' ? 'up' : state === 'stopping' || state === 'stopped' ? 'down' : 'gone';
}

function tagsOf({ cloud }: Evidence, id: string): string {
  const { tags } = cloud.instance(id);
  const said = [...tags].map(([key, value]) => (key === 'ebb:mark' ? key : `${key}=${value}`));
  return `tagged ${said.toSorted().join(' ')}`;
}
