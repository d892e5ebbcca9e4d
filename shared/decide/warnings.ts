/**
 * Warned first: a policy with a `notice` stops nobody for idleness before its owner has been told, and had the time to answer. What is
 * announced by a schedule needs no warning. Pure: the runtime tells, and remembers what it has told.
 */
import type { InstanceMemory, Warned } from '../model/memory.ts';
import { type Change, isIdle, type Left, type LeftReason } from '../model/plan.ts';
import { addSeconds, floorTo, HOUR, type Instant, MINUTE } from '../model/time.ts';
import type { InstancePolicy } from '../policy/schema.ts';
import { leftBy } from './budget.ts';

export interface Warnings {
  /** To be told, and remembered once they are. */
  readonly given: readonly { readonly change: Change; readonly warned: Warned }[];
  /** No longer true: to be forgotten; told where a machine has come to life, for whoever caused that knows the rest. */
  readonly over: readonly {
    readonly answer: Change | Left;
    readonly owner: string | null;
    readonly warned: Warned;
    readonly told: LeftReason | null;
  }[];
}

/** Whom a warning is about, by id. */
export interface Warnable {
  readonly policy: InstancePolicy | null;
  readonly memory: InstanceMemory | null;
  readonly launchedAt: Instant;
  readonly owner: string | null;
}

interface Answers {
  readonly changes: readonly Change[];
  readonly left: readonly Left[];
}

/** @param afforded what breaker and budget have let through: nobody is warned of what would not be done. */
export function underNotice(
  { changes, left }: Answers,
  of: ReadonlyMap<string, Warnable>,
  at: Instant,
): Answers & { readonly warnings: Warnings } {
  const given: Warnings['given'][number][] = [];
  const held: Left[] = [];
  const free = changes.filter(change => {
    const notice = noticeOf(change, of.get(change.resource.id));
    if (notice === null) return true;
    const warned = notice.warned ?? {
      at,
      launchedAt: notice.launchedAt,
      stopsAt: dueAt(at, notice.minutes),
      unanswered: notice.unanswered,
    };
    if (notice.warned === null) given.push({ change, warned });
    const reason = waiting(warned, change, at);
    if (reason !== null) held.push(leftBy(change, reason));
    return reason === null;
  });
  const answers = { changes: free, left: [...left, ...held] };
  return { ...answers, warnings: { given, over: overdue(answers, of) } };
}

function noticeOf(change: Change, about: Warnable | undefined) {
  if (about?.policy?.notice === undefined || !isIdle(change.because) || change.mode !== 'act') return null;
  const { notice } = about.policy;
  const { memory, launchedAt } = about;
  // What was started since is another finding, and another warning.
  const warned = memory?.warned?.launchedAt === launchedAt ? memory.warned : null;
  return { ...notice, launchedAt, warned };
}

/** The first look at whole hours that is not too early: by then an hour has been measured that nobody knew of when the warning was given. */
const dueAt = (at: Instant, minutes: number): Instant => addSeconds(floorTo(addSeconds(at, minutes * MINUTE - 1), HOUR), HOUR);

function waiting({ at: since, stopsAt, unanswered }: Warned, { because: would }: Change, at: Instant): LeftReason | null {
  if (at < stopsAt) return { code: 'notice-given', at: since, stopsAt, unanswered, would };
  return unanswered === 'leave' ? { code: 'unanswered', at: since, would } : null;
}

function overdue({ changes, left }: Answers, of: ReadonlyMap<string, Warnable>): Warnings['over'] {
  return [...changes, ...left].flatMap(answer => {
    const about = of.get(answer.resource.id);
    const reason = 'action' in answer ? null : answer.because;
    if (about?.memory?.warned == null) return [];
    const { owner } = about;
    const { warned } = about.memory;
    if (reason === null ? isIdle(answer.because as Change['because']) : STANDING.has(reason.code)) return [];
    return [{ answer, owner, warned, told: reason !== null && AWAKE.has(reason.code) ? reason : null }];
  });
}

type Codes = ReadonlySet<LeftReason['code']>;

/** The finding stands, or nobody could look. */
const STANDING: Codes = new Set<LeftReason['code']>([
  ...(['notice-given', 'unanswered', 'over-budget', 'breaker'] as const),
  ...(['not-measured', 'thin-data', 'learning', 'unsettled', 'in-transition', 'stop-protection-unread'] as const),
]);

/** The machine has come to life. */
const AWAKE: Codes = new Set<LeftReason['code']>(['in-use', 'above-floor', 'likely-soon', 'other-use', 'just-woken']);
