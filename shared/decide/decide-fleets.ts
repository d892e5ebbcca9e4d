/** Fleets: which capacity the measured demand asks for, within bounds, warm-up and cooldown; and why it stays where it is. */
import type { FleetMemory, PendingChange } from '../model/memory.ts';
import type { Fleet, Observation } from '../model/observation.ts';
import { type Action, type Change, changeId, givesBack, type Left, type LeftReason, type Plan } from '../model/plan.ts';
import { addSeconds, DAY, earlier, HOUR, type Instant, later, latest, type Window } from '../model/time.ts';
import { boundsAt, overrideHours } from '../policy/overrides.ts';
import type { Config, FleetPolicy } from '../policy/schema.ts';
import { readOwner, readTags, TAG_KEEP_UNTIL, TAG_POLICY, TAG_SCHEDULE } from '../policy/tags.ts';
import { rank } from './budget.ts';
import type { Decision } from './decision.ts';
import { enrolFleet } from './enrol.ts';
import type { Service } from './fleet/learner.ts';
import { serviceOf, type Thought, unitsInService } from './fleet/think.ts';
import { type Hours, hoursAt } from './hours.ts';
import { awsScalingPolicies, beanstalkOwned, boundsContradict, outsideBounds, suspended } from './rules/bounds.ts';
import { demand } from './rules/demand.ts';
import { bySettings, ENVIRONMENT_PACE, isEnvironment, pauses, resumes, throughBeanstalk } from './rules/environment.ts';
import { sleeps, wakes } from './rules/fleet-sleep.ts';
import { floorOf, releasesFloor, standingFloor } from './rules/floor.ts';
import { forecast } from './rules/forecast.ts';
import { type Act, firstOf, firstVerdict, leave, type Rule, type Verdict } from './rules/rule.ts';
import { safely } from './rules/safely.ts';
import { savingOfCapacity } from './saving.ts';
import { seenAgain } from './seen-again.ts';
import { badTag, speakerFor } from './speaker.ts';

/** What is known of one fleet besides itself: nobody speaks for it, or a tag of it cannot be read, or the rules decide. */
export type FleetStanding = Ungoverned | Unread | Governed;

interface Ungoverned {
  readonly at: Instant;
  readonly policy: null;
  readonly gate: LeftReason;
  readonly hours: null;
  readonly memory: FleetMemory | null;
}

interface Unread {
  readonly at: Instant;
  readonly policy: FleetPolicy;
  readonly gate: LeftReason;
  readonly hours: null;
  readonly memory: FleetMemory;
}

interface Governed {
  readonly at: Instant;
  readonly policy: FleetPolicy;
  readonly gate: null;
  /** What its schedule says; `null`: it has none. */
  readonly hours: Hours | null;
  readonly keepUntil: Instant | null;
  readonly memory: FleetMemory;
}

/** … what the rules are handed. */
export interface FleetContext extends Governed {
  /** The tighter of the policy's bounds and the group's. */
  readonly min: number;
  readonly max: number;
  /** Units of capacity whose load made the metric: in service and warm. */
  readonly carriers: number;
  /** What its signals come to; `null`: its policy follows a target, or nobody has listened. */
  readonly thought: Thought | null;
  /** The latest launches carry load from here on. */
  readonly warmUntil: Instant | null;
  /** The latest resize, by whomever: the metric speaks of this capacity from here on. */
  readonly changedAt: Instant | null;
  /** No scale-in before. */
  readonly coolUntil: Instant | null;
}

export interface FleetFacts extends Observation<Fleet, FleetMemory> {
  /** What was made of the signals, by resource id. */
  readonly thoughts: ReadonlyMap<string, Thought>;
  readonly pending: ReadonlyMap<string, PendingChange>;
  readonly commitments: 'none' | 'unknown';
}

const HINDRANCES: readonly Rule<Fleet, FleetContext>[] = [beanstalkOwned, awsScalingPolicies, suspended];
/** What argues for a capacity: the fleet's own past, or a fixed target. */
const argues: Rule<Fleet, FleetContext> = (fleet, context) => (context.policy.signals === undefined ? demand : forecast)(fleet, context);

const RULES: Readonly<Record<FleetPolicy['capacity'], readonly Rule<Fleet, FleetContext>[]>> = {
  desired: [boundsContradict, outsideBounds, argues],
  floor: [boundsContradict, argues], // capacity is AWS's to set, and our bounds are bounds of the floor
};

/** Seconds until an instance carries its share, where neither policy nor group says so: a launch, and a start from the warm pool. */
const USUAL_WARMUP = { launched: 180, warmed: 60 } as const;

export function decideFleets(facts: FleetFacts, config: Pick<Config, 'policies' | 'schedules'>): Decision<FleetMemory> {
  const { at, scope, commitments } = facts;
  const standingOf = fleetStandings(facts, config);
  const changes: Change[] = [];
  const left: Left[] = [];
  const next = new Map<string, FleetMemory>();

  for (const fleet of facts.resources) {
    const standing = standingOf(fleet);
    const { memory, policy } = standing;
    if (memory !== null && memory !== facts.memory.get(fleet.ref.id)) next.set(fleet.ref.id, memory);

    const verdict = verdictOf(fleet, facts, standing);
    if ('left' in verdict) {
      left.push({ resource: fleet.ref, pen: 'resize-fleets', because: verdict.left, policy: policy?.name ?? null });
    } else {
      const baseline = memory?.baseline ?? ({ kind: 'unknown', why: 'not-read-yet', frozenAt: at } as const);
      changes.push(toChange(fleet, verdict, standing, { price: fleet.price, baseline, commitments }));
    }
  }
  const plan: Plan = { version: 1, at, scopes: [scope], changes: rank(changes), left, unread: facts.unread };
  return { plan, next, nextAt: at };
}

/** Which policy speaks for each fleet, what its tags wish, what its schedule says, and what is remembered of it. */
export function fleetStandings(
  { at, memory: remembered }: Pick<FleetFacts, 'at' | 'memory'>,
  { policies, schedules }: Pick<Config, 'policies' | 'schedules'>,
): (fleet: Fleet) => FleetStanding {
  const hoursOf = hoursAt(at);
  return fleet => {
    const { policy, gate } = speakerFor(policies, 'fleets', fleet);
    const held = remembered.get(fleet.ref.id) ?? null;
    if (policy === null) return { at, policy, gate, hours: null, memory: held === null ? null : seenAgain(held, fleet, at, false) };
    const enrolled = enrolFleet(held, fleet.baseline, at);
    const wishes = readTags(fleet.tags, policy.schedule, schedules);
    if ('bad' in wishes) return { at, policy, gate: badTag(wishes.bad), hours: null, memory: seenAgain(enrolled, fleet, at, false) };
    const { schedule, keepUntil } = wishes.ok;
    const hours = policy.offHours === undefined || schedule === null ? null : withOverrides(hoursOf(schedule), policy, at);
    return { at, policy, gate, hours, keepUntil, memory: seenAgain(enrolled, fleet, at, hours?.state === 'stopped') };
  };
}

/** While an override lasts there are no off-hours; after it they begin anew, and they end where the next one begins. */
function withOverrides(hours: Hours, policy: FleetPolicy, at: Instant): Hours {
  const { running, ended, next } = overrideHours(policy, at);
  if (running !== null) return { ...hours, state: 'running', since: running.start, until: null, nextOn: null };
  const since = hours.state === 'stopped' && ended !== null ? later(hours.since ?? ended, ended) : hours.since;
  if (next === null) return { ...hours, since };
  const until = earlier(hours.until ?? next, next);
  const isNext = until === next;
  // What begins in hours that are on anyhow may outlast them: when they end is seen when it is over.
  if (isNext && hours.state === 'running') return { ...hours, until: null, nextOn: null };
  return { ...hours, since, until, nextOn: earlier(hours.nextOn ?? next, next), turnsTo: isNext ? 'running' : hours.turnsTo };
}

function verdictOf(fleet: Fleet, { pending, thoughts }: FleetFacts, standing: FleetStanding): Verdict {
  const question = pending.get(fleet.ref.id);
  if (question !== undefined) return leave({ code: 'unsettled', changeId: question.change.id, claimedAt: question.claimedAt });
  const answer = answerOf(fleet, standing, thoughts.get(fleet.ref.id) ?? null);
  return isEnvironment(fleet) ? throughBeanstalk(fleet, answer) : answer;
}

function answerOf(fleet: Fleet, standing: FleetStanding, thought: Thought | null): Verdict {
  const environment = isEnvironment(fleet);
  // What we owe comes before every reason to keep our hands off.
  const owed = (environment ? resumes(fleet, standing) : wakes(fleet, standing)) ?? releasesFloor(fleet, standing);
  if (owed !== null) return owed;
  if (standing.gate !== null) return leave(standing.gate);
  const { policy } = standing;
  const context = { ...contextOf(fleet, { ...standing, policy: environment ? { ...policy, capacity: 'floor' } : policy }), thought };
  const { capacity } = context.policy;
  const argued = (smaller: Fleet): Verdict | null =>
    capacity === 'floor' ? null : firstVerdict(RULES.desired, smaller, { ...contextOf(smaller, context), thought });
  const hindered = firstOf(HINDRANCES, fleet, context) ?? (environment ? pauses(fleet, context) : sleeps(fleet, context, argued));
  if (hindered !== null) return 'left' in hindered ? hindered : safely(fleet, context, hindered);
  const verdict = firstVerdict(RULES[capacity], fleet, context);
  if (capacity === 'desired') return safely(fleet, context, verdict);
  const floor = environment ? floorOf(bySettings(fleet), context, verdict, ENVIRONMENT_PACE) : floorOf(fleet, context, verdict);
  return safely(fleet, context, floor);
}

/** When a launch asked for now, or latest, carries its share; `null`: none is remembered. */
export function warmUntil(fleet: Fleet, policy: FleetPolicy, out: FleetMemory['lastScaleOut']): Instant | null {
  if (out === null) return null;
  // The metric lags by a period or two, so a launch warms until its first own datapoints have been published.
  return addSeconds(out.at, warmupOf(fleet, policy) + 2 * (policy.target?.period ?? policy.period));
}

/** Seconds from a launch until it carries its share. */
const warmupOf = (fleet: Fleet, policy: FleetPolicy): number =>
  policy.instanceWarmup ?? fleet.instanceWarmup ?? (fleet.warmPool > 0 ? USUAL_WARMUP.warmed : USUAL_WARMUP.launched);

/** What a fleet that follows signals has to be provisioned for. */
export const serviceFor = (fleet: Fleet, standing: Unread | Governed): Service =>
  serviceOf(standing.policy, warmupOf(fleet, standing.policy), boundsOf(fleet, standing));

/** The tighter of the policy's bounds and the group's. */
function boundsOf(fleet: Fleet, { policy, hours, memory, at }: Unread | Governed) {
  const bounds = boundsAt(policy, hours?.state === 'stopped', at);
  const own = standingFloor(fleet, memory.floor ?? null)?.was ?? fleet.minSize; // a floor of ours binds nobody
  return { min: Math.max(bounds.minSize, own), max: Math.min(bounds.maxSize, fleet.maxSize) };
}

function contextOf(fleet: Fleet, standing: Governed): Omit<FleetContext, 'thought'> {
  const { at, policy, memory } = standing;
  const { lastScaleOut: out, lastScaleInAt: inAt } = memory;
  const inService = unitsInService(fleet);
  const warm = warmUntil(fleet, policy, out);
  const warming = warm !== null && at < warm;
  const lastChange = latest([out?.at ?? null, inAt]);
  return {
    ...standing,
    ...boundsOf(fleet, standing),
    carriers: warming && out !== null ? Math.min(inService, out.from) : inService,
    warmUntil: warm,
    changedAt: latest([lastChange, memory.capacity?.changedAt ?? null]),
    coolUntil: lastChange === null ? null : addSeconds(lastChange, policy.cooldown),
  };
}

/** What people say with their tags must still be said when the pen is lifted, and the policy must still speak for whoever wears them. */
const SPOKEN = [TAG_POLICY, TAG_SCHEDULE, TAG_KEEP_UNTIL];

function toChange(fleet: Fleet, verdict: Act, standing: FleetStanding, worth: Parameters<typeof savingOfCapacity>[2]): Change {
  const { act, because, causeAt, attempt } = verdict;
  const { policy } = standing;
  const heard = [...SPOKEN, ...Object.keys(policy?.match.tags ?? {})];
  const expects =
    because.code === 'off-hours'
      ? { ...verdict.expects, tags: Object.fromEntries(heard.map(key => [key, fleet.tags[key] ?? null])) }
      : verdict.expects;
  const to = capacityAfter(act) ?? fleet.desiredCapacity;
  const { start, end } = countedIn(verdict, standing);
  return {
    id: changeId({ resource: fleet.ref, action: act, expects, causeAt, attempt }),
    pen: 'resize-fleets',
    resource: fleet.ref,
    action: act,
    because,
    causeAt,
    expects,
    attempt,
    policy: policy?.name ?? 'none',
    mode: givesBack({ action: act, because }) || policy === null ? 'act' : policy.mode,
    saving:
      to === fleet.desiredCapacity && act.kind !== 'set-desired-capacity'
        ? null
        : savingOfCapacity(start, instances(fleet, fleet.desiredCapacity - to), worth, end),
    losing: to < fleet.desiredCapacity ? ['capacity'] : [],
    owner: readOwner(fleet.tags),
  };
}

/** What it saves is counted from when it takes effect: over the hour to come, or for as long as it sleeps, a day at most. */
function countedIn({ act, because }: Act, { at, hours }: FleetStanding): Window {
  const [start, back] =
    act.kind === 'pause-environment' ? [act.pauseAt, act.resumeAt] : [at, because.code === 'off-hours' ? (hours?.until ?? null) : null];
  return { start, end: back === null ? addSeconds(start, HOUR) : earlier(back, addSeconds(start, DAY)) };
}

/** The capacity that an action names; `null`: it leaves that to AWS. */
function capacityAfter(act: Action): number | null {
  if (act.kind === 'pause-environment') return act.down.desiredCapacity;
  if (act.kind === 'resume-environment') return act.back.desiredCapacity;
  return 'desiredCapacity' in act ? act.desiredCapacity : null;
}

/** Units in instances of the fleet's usual weight. */
function instances({ weighted, members }: Fleet, units: number): number {
  if (!weighted || members.length === 0) return units;
  return (units * members.length) / members.reduce((sum, m) => sum + m.weight, 0);
}
