/** What a run has to say, put into the outbox; what it left alone, kept for the summaries. */
import { isDisruptive } from '../decide/budget.ts';
import { retryAt } from '../decide/rules/comes-back.ts';
import { NO_ANSWER } from '../execute/execute.ts';
import { LEFT_KEY } from '../memory/shelves.ts';
import type { Doorbell } from '../model/doorbell.ts';
import type { LeftDigest, NoticeLine } from '../model/notice.ts';
import { type ActionKind, type Change, givesBack, type Left, type Plan } from '../model/plan.ts';
import type { MemoryItem } from '../model/ports.ts';
import type { Receipt } from '../model/receipt.ts';
import { addSeconds, floorTo, HOUR, type Instant } from '../model/time.ts';
import { actionPhrase } from '../report/sentences.ts';
import { post } from './outbox.ts';
import type { Run } from './run.ts';
import { FELL_BACK, hasFallenBack } from './witness.ts';

export async function tell(run: Run, plan: Plan, receipts: readonly Receipt[]): Promise<void> {
  await tellChanges(run, receipts);
  await tellFailingStarts(run, plan, receipts);
  await tellBreakers(run, plan);
}

/** Demand's own resizes are told in the summaries only; what changed nothing is not told at all. */
async function tellChanges(run: Run, receipts: readonly Receipt[]): Promise<void> {
  const lines = receipts.filter(r => isNews(r) && !(r.outcome === 'done' && ROUTINE.has(r.change.action.kind))).map(line);
  for (let i = 0; i < lines.length; i += LINES_MAX)
    await post(run.memory, { kind: 'changes', at: run.at, scope: run.scope, pen: run.pen, lines: lines.slice(i, i + LINES_MAX) });
}

const ROUTINE: ReadonlySet<ActionKind> = new Set<ActionKind>(['set-desired-capacity', 'set-min-size', 'set-environment-min-size']);

/** An item of the table holds 400 KB, and a line takes at most about one. */
const LINES_MAX = 300;

/** A pause is no news to whoever paused, and would be told at every tick; a start that fails has a notice of its own. */
function isNews({ change, outcome, requestId }: Receipt): boolean {
  if (outcome === 'done') return true;
  if (outcome === 'failed' && change.action.kind === 'stop-instance' && !isTold(change.attempt)) return false;
  if (change.because.code === 'asked' && change.action.kind === 'stop-instance')
    return outcome === 'refused' || outcome === 'stale' || outcome === 'failed';
  if (isReturn(change)) return false;
  return outcome === 'failed' || (outcome === 'refused' && requestId !== null);
}

/** Of a stop that is tried at every tick: when it first fails, ten minutes later, and then hourly. */
const isTold = (attempt: number): boolean => attempt === 3 || attempt % 12 === 1;

const line = ({ change, outcome, detail }: Receipt): NoticeLine => ({
  resource: change.resource,
  action: actionPhrase(change.action, change.expects),
  because: change.because,
  outcome,
  detail,
  owner: change.owner,
});

/**
 * A start that AWS refused is told when it is refused; one that EC2 took and let fall back, when that is found and the next is made. At the
 * first failure, after a quarter of an hour, and then about hourly.
 */
async function tellFailingStarts(run: Run, { changes }: Plan, receipts: readonly Receipt[]): Promise<void> {
  for (const { change, outcome, at, detail } of receipts) {
    if (!isReturn(change) || (outcome !== 'failed' && outcome !== 'refused')) continue;
    await tellFailure(run, change, change.attempt, detail ?? outcome, retryAt({ attempt: change.attempt, at }));
  }
  for (const change of changes) {
    const { because } = change;
    if ((because.code !== 'on-hours' && because.code !== 'asked' && because.code !== 'enforced') || !hasFallenBack(because.lastFailure))
      continue;
    await tellFailure(run, change, change.attempt - 1, because.lastFailure ?? FELL_BACK, run.at);
  }
}

/** A floor that is not given back keeps nobody from working: it is told like any other failure. */
const isReturn = (change: Change): boolean =>
  change.action.kind === 'start-instance' || (givesBack(change) && change.because.code !== 'floor-released');

async function tellFailure(run: Run, { resource, owner }: Change, attempts: number, why: string, nextAt: Instant): Promise<void> {
  if (attempts !== 1 && attempts !== 3 && !(attempts >= 5 && attempts % 2 === 1)) return;
  await post(run.memory, { kind: 'start-failing', at: run.at, resource, owner, attempts, why, nextAt });
}

/** A tripped breaker is told once an hour. */
async function tellBreakers(run: Run, { left }: Plan): Promise<void> {
  const tripped = Map.groupBy(left, l => (l.because.code === 'breaker' ? l.policy : null));
  for (const [policy, [first]] of tripped) {
    if (policy === null || first?.because.code !== 'breaker') continue;
    const { touched, of, share } = first.because;
    await post(run.memory, { kind: 'breaker', at: floorTo(run.at, HOUR), scope: run.scope, pen: run.pen, policy, touched, of, share });
  }
}

const EXAMPLES = 5;

/** After a whole look, at most once an hour: the fleet pen looks every minute. @returns whether it was time. */
export async function keepDigest(run: Run, plan: Plan, look: Doorbell['look'], kept: MemoryItem<LeftDigest> | null): Promise<boolean> {
  if (look !== 'all' || (kept !== null && kept.value.at > addSeconds(run.at, -HOUR))) return false;
  await run.memory.write(run.shelf, { key: LEFT_KEY, value: digest(run, plan.left), version: kept?.version ?? 0 });
  return true;
}

function digest({ at }: Run, left: readonly Left[]): LeftDigest {
  const groups = [...Map.groupBy(left, l => l.because.code)].map(([code, members]) => ({
    code,
    count: members.length,
    examples: members.slice(0, EXAMPLES).map(({ resource, because }) => ({ resource, because })),
  }));
  return { at, groups: groups.toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)) };
}

/** How many people these changes would disturb: spent from the daily budget before any of them is begun, since a crash tells nobody. */
export const disruptionsOf = (changes: readonly Change[]): number => changes.filter(isDisruptive).length;

/** … and how many of them this run has not disturbed after all. A lost answer is not given back: it may have been carried out. */
export const givenBack = (receipts: readonly Receipt[]): number =>
  receipts.filter(r => r.outcome !== 'done' && r.detail !== NO_ANSWER && isDisruptive(r.change)).length;
