/** Fleets: which capacity the measured demand asks for, within bounds, warm-up and cooldown; and why it stays where it is. */
import type { FleetMemory, PendingChange } from '../model/memory.ts';
import type { Fleet, Observation } from '../model/observation.ts';
import { type Change, changeId, type Left, type Plan } from '../model/plan.ts';
import { addSeconds, type Instant, later } from '../model/time.ts';
import type { Config, FleetPolicy } from '../policy/schema.ts';
import { readOwner } from '../policy/tags.ts';
import { rank } from './budget.ts';
import type { Decision } from './decision.ts';
import { enrolFleet } from './enrol.ts';
import { awsScalingPolicies, beanstalkOwned, boundsContradict, outsideBounds, suspended } from './rules/bounds.ts';
import { demand } from './rules/demand.ts';
import { type Act, firstVerdict, leave, type Rule, type Verdict } from './rules/rule.ts';
import { savingOfCapacity } from './saving.ts';
import { speakerFor } from './speaker.ts';

export interface FleetContext {
  readonly at: Instant;
  readonly policy: FleetPolicy;
  /** The tighter of the policy's bounds and the group's. */
  readonly min: number;
  readonly max: number;
  /** Instances whose load made the metric: in service and warm. */
  readonly carriers: number;
  /** The latest launches carry load from here on. */
  readonly warmUntil: Instant | null;
  /** Our latest resize: the metric speaks of this capacity from here on. */
  readonly changedAt: Instant | null;
  /** No scale-in before. */
  readonly coolUntil: Instant | null;
}

export interface FleetFacts extends Observation<Fleet, FleetMemory> {
  readonly pending: ReadonlyMap<string, PendingChange>;
  readonly commitments: 'none' | 'unknown';
}

const RULES: readonly Rule<Fleet, FleetContext>[] = [
  beanstalkOwned,
  awsScalingPolicies,
  suspended,
  boundsContradict,
  outsideBounds,
  demand,
];

/** Seconds until an instance carries its share, where neither policy nor group says so. */
const USUAL_WARMUP = 180;

export function decideFleets(facts: FleetFacts, { policies }: Pick<Config, 'policies'>): Decision<FleetMemory> {
  const { at, scope, commitments } = facts;
  const changes: Change[] = [];
  const left: Left[] = [];
  const next = new Map<string, FleetMemory>();

  for (const fleet of facts.resources) {
    const { policy, gate } = speakerFor(policies, 'fleets', fleet);
    const held = facts.memory.get(fleet.ref.id) ?? null;
    const remembered = policy === null ? null : enrolFleet(held, fleet.baseline, at);
    if (remembered !== null) next.set(fleet.ref.id, remembered);
    const memory = remembered ?? held;

    const verdict =
      policy === null || gate !== null
        ? leave(gate ?? { code: 'no-policy' })
        : verdictOf(fleet, facts, contextOf(fleet, policy, memory, at));
    if ('left' in verdict) {
      left.push({ resource: fleet.ref, pen: 'resize-fleets', because: verdict.left, policy: policy?.name ?? null });
    } else if (policy !== null) {
      const baseline = memory?.baseline ?? ({ kind: 'unknown', why: 'not-read-yet', frozenAt: at } as const);
      changes.push(toChange(fleet, verdict, policy, { price: fleet.price, baseline, commitments }, at));
    }
  }
  const plan: Plan = { version: 1, at, scopes: [scope], changes: rank(changes), left, unread: facts.unread };
  return { plan, next, nextAt: at };
}

function verdictOf(fleet: Fleet, facts: FleetFacts, context: FleetContext): Verdict {
  const question = facts.pending.get(fleet.ref.id);
  if (question !== undefined) return leave({ code: 'unsettled', changeId: question.change.id, claimedAt: question.claimedAt });
  return firstVerdict(RULES, fleet, context);
}

function contextOf(fleet: Fleet, policy: FleetPolicy, memory: FleetMemory | null, at: Instant): FleetContext {
  const inService = fleet.members.filter(m => m.lifecycleState === 'InService').length;
  const out = memory?.lastScaleOut ?? null;
  // The metric lags by a period or two, so a launch warms until its first own datapoints have been published.
  const warmup = (policy.instanceWarmup ?? fleet.instanceWarmup ?? USUAL_WARMUP) + 2 * (policy.target?.period ?? policy.period);
  const warmUntil = out === null ? null : addSeconds(out.at, warmup);
  const warming = warmUntil !== null && at < warmUntil;
  const lastChange =
    out === null ? (memory?.lastScaleInAt ?? null) : memory?.lastScaleInAt == null ? out.at : later(out.at, memory.lastScaleInAt);
  return {
    at,
    policy,
    min: Math.max(policy.minSize, fleet.minSize),
    max: Math.min(policy.maxSize, fleet.maxSize),
    carriers: warming && out !== null ? Math.min(inService, out.from) : inService,
    warmUntil,
    changedAt: lastChange,
    coolUntil: lastChange === null ? null : addSeconds(lastChange, policy.cooldown),
  };
}

function toChange(
  fleet: Fleet,
  { act, because, causeAt, expects, attempt }: Act,
  policy: FleetPolicy,
  worth: Parameters<typeof savingOfCapacity>[2],
  at: Instant,
): Change {
  const to = act.kind === 'set-desired-capacity' ? act.desiredCapacity : fleet.desiredCapacity;
  return {
    id: changeId({ resource: fleet.ref, action: act, expects, causeAt, attempt }),
    pen: 'resize-fleets',
    resource: fleet.ref,
    action: act,
    because,
    causeAt,
    expects,
    attempt,
    policy: policy.name,
    mode: policy.mode,
    saving: savingOfCapacity(at, fleet.desiredCapacity - to, worth),
    losing: to < fleet.desiredCapacity ? ['capacity'] : [],
    owner: readOwner(fleet.tags),
  };
}
