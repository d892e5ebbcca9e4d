/** A pen at work: one doorbell, one run. */
import type { Context, SQSEvent } from 'aws-lambda';
import type { Doorbell } from '../model/doorbell.ts';
import { type Pen, scopeKey } from '../model/ids.ts';
import type { Instant } from '../model/time.ts';
import { rememberBirth } from './births.ts';
import { type Outside, outside } from './outside.ts';
import { reconcile } from './reconcile.ts';
import { runOf } from './run.ts';
import { fifoWorker, type Handler, ownAccount, type WorkerAnswer } from './stack.ts';
import { count, keepTally } from './tally.ts';
import type { Telemetry } from './telemetry.ts';
import { ASKED } from './wishes.ts';

export const worker = (pen: Pen): Handler<SQSEvent, WorkerAnswer> =>
  fifoWorker(pen, async (doorbell, context, telemetry) => {
    if (isAnswered(doorbell)) return telemetry.info('already looked since', { at: doorbell.at, cause: doorbell.cause });
    await answer(doorbell, context, telemetry);
  });

async function answer(doorbell: Doorbell, context: Context, telemetry: Telemetry): Promise<void> {
  const run = await runOf(doorbell.pen, doorbell.scope, ownAccount(context), () => context.getRemainingTimeInMillis());
  await rememberBirth(run, doorbell);
  const { plan, receipts } = await reconcile(run, doorbell.look);
  countDoorbell();
  await keepTally(run.pen, run.memory, run.at).catch((error: unknown) => telemetry.warn('our own use could not be kept', { error }));
  if (plan === null) return;
  if (doorbell.look === 'all') lookedAt().set(placeOf(doorbell), run.at);

  for (const { what, why } of plan.unread) telemetry.warn('could not be read', { what, why });
  for (const { change, outcome, detail } of receipts) {
    telemetry.count(`Changes${pascal(outcome)}`);
    const log = outcome === 'failed' || outcome === 'refused' ? telemetry.error : telemetry.info;
    log(`${change.action.kind} ${change.resource.id}: ${outcome}`, { changeId: change.id, because: change.because, detail });
  }
  telemetry.info('looked', { cause: doorbell.cause, at: run.at, changes: plan.changes.length, left: plan.left.length });
}

/** Somebody rang: a run of dispatch, which keeps no count of its own, and a message that was sent, received and deleted. */
function countDoorbell(): void {
  count('scheduler-runs', 1);
  count('lambda-runs', 1);
  count('lambda-mb-ms', 100 * 512);
  count('sqs-requests', 3);
}

/**
 * When this container last looked at a whole scope. Only a saving: a doorbell rung before then has been answered by what was seen, and
 * one that is answered again does no harm.
 */
const looks = new WeakMap<Outside, Map<string, Instant>>();

function lookedAt(): Map<string, Instant> {
  const known = looks.get(outside()) ?? new Map<string, Instant>();
  looks.set(outside(), known);
  return known;
}

const placeOf = ({ pen, scope }: Doorbell): string => `${pen} ${scopeKey(scope)}`;

/**
 * A due look belongs to the agenda, which may have fallen due since: it is always asked. So is a wish: it may have been written down while
 * the scope was being looked at, and by a clock that is not ours.
 */
function isAnswered(doorbell: Doorbell): boolean {
  const looked = lookedAt().get(placeOf(doorbell));
  return (
    looked !== undefined && doorbell.at < looked && doorbell.look !== 'due' && doorbell.cause !== ASKED && doorbell.birth === undefined
  );
}

const pascal = (outcome: string): string =>
  outcome
    .split('-')
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
