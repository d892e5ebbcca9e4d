/** Dev-test instances: what to stop, what to bring back, and why everything else is left alone. Facts in, plan out. */
import type { TypeSpec } from '../model/instance-type.ts';
import type { InstanceMemory, PendingChange, TagMark, Wish } from '../model/memory.ts';
import type { Instance, Maintenance, Observation, StatusChecks } from '../model/observation.ts';
import type { Change, Left, LeftReason, Plan } from '../model/plan.ts';
import { type Instant, soonest } from '../model/time.ts';
import { policiesOf } from '../policy/match.ts';
import type { Config, InstancePolicy } from '../policy/schema.ts';
import { readOwner, readTags } from '../policy/tags.ts';
import { withLaterHours } from './boomerangs.ts';
import { afterChecks, booting } from './boot.ts';
import { breaker } from './breaker.ts';
import { rank, trim } from './budget.ts';
import type { Decision } from './decision.ts';
import { declaredBaseline } from './declared.ts';
import { enrolInstance } from './enrol.ts';
import { type Hours, hoursAt } from './hours.ts';
import type { Thinking } from './idle/consider.ts';
import { toChange } from './instance-change.ts';
import { wakeUps } from './instance-wakes.ts';
import { withKeepOver } from './kept-over.ts';
import { inOrder } from './order.ts';
import type { Sizing } from './resize.ts';
import { putOff, startAsked, stopAsked } from './rules/asked.ts';
import { comesBack, type Owed } from './rules/comes-back.ts';
import { startEnforced, stoppedBySomeone } from './rules/enforced.ts';
import { idleness, runsLongEnough } from './rules/idleness.ts';
import { maintenanceDue, paidFor, surplusBilled } from './rules/maintenance.ts';
import { leftOpen, offHours, onHoursNow, startedAhead } from './rules/off-hours.ts';
import { instanceStoreData, instanceStoreRoot, kept, member, spot, stopProtected, stopProtectionUnread } from './rules/protection.ts';
import { settledType, undoResize } from './rules/retype.ts';
import { firstVerdict, leave, type Rule, type Verdict } from './rules/rule.ts';
import { type TagDue, tagDeadline, tagDueOf } from './rules/tag-deadline.ts';
import { afterSizing } from './sized.ts';
import { badTag, speakerFor } from './speaker.ts';
import { underNotice, type Warnable, type Warnings } from './warnings.ts';

export interface InstanceFacts extends Observation<Instance, InstanceMemory> {
  /** Claimed and not settled, by resource id: nothing is decided about them until that question is answered. */
  readonly pending: ReadonlyMap<string, PendingChange>;
  /** Instances whose DisableApiStop could not be read, with EC2's words. */
  readonly protectionUnread: ReadonlyMap<string, string>;
  /** What people asked for, by resource id. */
  readonly wishes: ReadonlyMap<string, Wish>;
  /** What is thought of their idleness, by id; absent: it was not the hour for it. */
  readonly idle?: ReadonlyMap<string, Thinking>;
  /** Of instances that a rule would stop; absent: nobody was asked yet. */
  readonly checked?: ReadonlyMap<string, Checked>;
  /** Status checks of those whose start is watched; absent: they could not be read. */
  readonly checks?: ReadonlyMap<string, StatusChecks>;
  /** What types offer, as far as it was read. */
  readonly types?: ReadonlyMap<string, TypeSpec>;
  /** Load and offers of those whose size is looked at now. */
  readonly sizings?: ReadonlyMap<string, Sizing>;
  /** What the tag pen has marked, by id; absent: no policy lets anything follow from it. */
  readonly marks?: ReadonlyMap<string, TagMark>;
  /** Whether all of the scope was seen; so it was unless told otherwise. */
  readonly whole?: boolean;
  readonly disruptionsToday: number;
  readonly commitments: 'none' | 'unknown';
}

/** What could not be read is in `unread`, and no reason to leave an instance alone. */
export interface Checked {
  readonly events: readonly Maintenance[];
  /** CPUSurplusCreditBalance: credits that it has borrowed. */
  readonly surplus: number;
}

/** What is known of one instance besides itself. */
export interface Standing {
  readonly at: Instant;
  readonly policy: InstancePolicy | null;
  readonly gate: LeftReason | null;
  readonly hours: Hours | null;
  readonly keepUntil: Instant | null;
  readonly memory: InstanceMemory | null;
  readonly protectionUnread: ReadonlyMap<string, string>;
  readonly wish: Wish | null;
  readonly checked: Checked | null;
  readonly tagDue: TagDue | null;
  readonly types: ReadonlyMap<string, TypeSpec> | null;
  /** `null`: nobody thought about it at this tick. */
  readonly idle: Thinking | null;
}

/** … once a policy speaks for it, which enrols it: what the rules are handed. */
export type InstanceContext = Standing & { readonly policy: InstancePolicy; readonly memory: InstanceMemory };

const BEFORE_MEASURING: readonly Rule<Instance, InstanceContext>[] = [
  kept,
  spot,
  member,
  instanceStoreRoot,
  stopProtected,
  stopProtectionUnread,
  maintenanceDue,
  instanceStoreData,
  undoResize,
  stopAsked,
  tagDeadline,
  startedAhead,
  offHours,
  leftOpen,
];
const STOPPED = [startEnforced, stoppedBySomeone];
const RUNNING = [...BEFORE_MEASURING, booting, idleness, onHoursNow];

export interface InstanceDecision extends Decision<InstanceMemory> {
  readonly warnings: Warnings;
}

export function decideInstances(facts: InstanceFacts, config: Pick<Config, 'policies' | 'schedules'>): InstanceDecision {
  const { at, scope } = facts;
  const standingOf = standings(facts, config);
  const proposed: Change[] = [];
  const left: Left[] = [];
  const next = new Map<string, InstanceMemory>();
  const wakes: (Instant | null)[] = [];
  const warnable = new Map<string, Warnable>();

  for (const instance of facts.resources) {
    const standing = seen(standingOf(instance), instance, facts);
    if (standing.memory !== null && standing.memory !== facts.memory.get(instance.ref.id)) next.set(instance.ref.id, standing.memory);

    const verdict = verdictOf(instance, standing, facts.pending.get(instance.ref.id));
    const change = 'left' in verdict ? verdict : toChange(instance, verdict, standing, facts);
    const answer = 'left' in change ? change : (notWorthIt(change, standing) ?? change);
    if ('left' in answer) {
      left.push({ resource: instance.ref, pen: 'stop-start-instances', because: answer.left, policy: standing.policy?.name ?? null });
    } else {
      proposed.push(answer);
    }
    wakes.push(...wakeUps(verdict, standing, at));
    const { policy, memory } = standing;
    warnable.set(instance.ref.id, { policy, memory, launchedAt: instance.launchedAt, owner: readOwner(instance.tags) });
  }
  const inTurn = inOrder(
    { changes: proposed, left },
    { at, resources: facts.resources, memory: new Map([...facts.memory, ...next]), whole: facts.whole ?? true },
  );
  const afforded = afford(inTurn.changes, inTurn.left, facts, policiesOf(config.policies, 'instances'));
  const { changes, left: all, warnings } = underNotice(afforded, warnable, at);
  // What was argued for and not yet done is argued again at the next tick; who is under notice has an hour of their own.
  const noticed = new Set(afforded.changes.filter(c => !changes.includes(c)));
  if (proposed.some(c => c.mode === 'act' && !noticed.has(c))) wakes.push(at);

  const plan: Plan = { version: 1, at, scopes: [scope], changes: rank(changes), left: all, unread: facts.unread };
  return { plan, next, warnings, nextAt: soonest(wakes) };
}

const notWorthIt = (change: Change, { checked, policy }: Standing) =>
  surplusBilled(change, checked?.surplus ?? 0) ?? paidFor(change, policy);

/** Memory as this look leaves it: what its start came to, whose type it has, and what its load justifies. */
function seen(standing: Standing, instance: Instance, { checks, sizings, at }: InstanceFacts): Standing {
  if (standing.memory === null) return standing;
  const booted = afterChecks(settledType(standing.memory, instance), instance, checks?.get(instance.ref.id) ?? null, at);
  const sized = afterSizing(booted, instance, { standing, sizing: sizings?.get(instance.ref.id) ?? null });
  return { ...standing, memory: withKeepOver(withLaterHours(sized, standing.hours, at), standing.keepUntil, at) };
}

/** Which policy speaks for each instance, what its tags wish, what its schedule says, and what is remembered of it. */
export function standings(
  {
    at,
    memory,
    protectionUnread,
    wishes,
    checked,
    marks,
    types,
    idle,
  }: Pick<InstanceFacts, 'at' | 'memory' | 'protectionUnread' | 'wishes' | 'checked' | 'marks' | 'types' | 'idle'>,
  { policies, schedules }: Pick<Config, 'policies' | 'schedules'>,
): (instance: Instance) => Standing {
  const hoursOf = hoursAt(at);
  return instance => {
    const { policy, gate } = speakerFor(policies, 'instances', instance);
    const said = readTags(instance.tags, policy?.schedule, schedules, policy?.scheduleTags);
    const held = memory.get(instance.ref.id) ?? null;
    // What is gone is not enrolled any more: EC2 shows it for an hour, and nobody would ever forget it again.
    const enrolled =
      policy === null || isGone(instance) ? null : enrolInstance(held, instance.baseline, at, declaredBaseline(policy, schedules, at));
    const known = {
      at,
      policy,
      memory: enrolled ?? held,
      protectionUnread,
      wish: wishes.get(instance.ref.id) ?? null,
      checked: checked?.get(instance.ref.id) ?? null,
      tagDue: tagDueOf(instance, marks?.get(instance.ref.id), policies),
      types: types ?? null,
      idle: idle?.get(instance.ref.id) ?? null,
    };
    if ('bad' in said) return { ...known, gate: gate ?? badTag(said.bad), hours: null, keepUntil: null };
    const { schedule, keepUntil, optedOut } = said.ok;
    const out: LeftReason | null = optedOut === undefined ? null : { code: 'opted-out', tag: optedOut };
    return { ...known, gate: gate ?? out, hours: policy === null || schedule === null ? null : hoursOf(schedule), keepUntil };
  };
}

export const isGone = ({ state }: Instance): boolean => state === 'terminated' || state === 'shutting-down';

function verdictOf(instance: Instance, standing: Standing, question: PendingChange | undefined): Verdict {
  const { state } = instance;
  if (isGone(instance)) return leave({ code: 'gone', state });
  if (question !== undefined) return leave({ code: 'unsettled', changeId: question.change.id, claimedAt: question.claimedAt });
  const asked = state === 'stopped' ? startAsked(instance, standing) : null;
  if (asked !== null) return asked;
  // What we owe comes before every reason to keep our hands off.
  if (state === 'stopped' && isOwed(standing)) return comesBack(instance, standing);
  if (!isSpokenFor(standing)) return leave(standing.gate ?? { code: 'no-policy' });
  if (state === 'pending' || state === 'stopping') return leave({ code: 'in-transition', state });
  if (state === 'stopped') return firstVerdict(STOPPED, instance, standing);
  const verdict = firstVerdict(RUNNING, instance, standing);
  return 'left' in verdict ? verdict : putOff(verdict, standing);
}

const isOwed = (standing: Standing): standing is Owed => standing.memory?.stop != null;

const isSpokenFor = (standing: Standing): standing is InstanceContext =>
  standing.gate === null && standing.policy !== null && standing.memory !== null;

/** Whether the idleness rule would be reached, and read what was measured: nobody else's is worth a metric. */
export function wouldMeasure(instance: Instance, standing: Standing): boolean {
  if (instance.state !== 'running' || !isSpokenFor(standing) || standing.policy.idle === undefined) return false;
  if (!runsLongEnough(instance, standing.policy.idle, standing.at)) return false;
  return BEFORE_MEASURING.every(rule => rule(instance, standing) === null);
}

/** Breaker and budget, policy by policy. Debts outlive their policy: what we stopped is given back whoever speaks for it now. */
function afford(proposed: readonly Change[], left: readonly Left[], facts: InstanceFacts, policies: readonly InstancePolicy[]) {
  const isOurs = (c: Change) => policies.some(p => p.name === c.policy);
  const changes = proposed.filter(c => !isOurs(c));
  const kept = [...left];
  for (const policy of policies) {
    const mine = proposed.filter(c => c.policy === policy.name);
    const matched = mine.length + left.filter(l => l.policy === policy.name).length;
    const plausible = breaker(mine, policy.breaker, matched);
    const within = trim(plausible.changes, policy.budget, facts.disruptionsToday);
    changes.push(...within.changes);
    kept.push(...plausible.left, ...within.left);
  }
  return { changes, left: kept };
}
