/** A mark and its deadline: what the visible copy says, when its owner is warned, and from when on it has a consequence. */
import { MARK_TAG, type Tags } from '../../../model/ids.ts';
import type { TagMark, WarningStage } from '../../../model/memory.ts';
import { addSeconds, DAY, type Instant, later, secondsBetween } from '../../../model/time.ts';

/** Only characters that every AWS service allows in a tag, at most 256 of them. */
export function markText(missing: readonly string[], deadline: Instant): string {
  const keys = missing.join(' ').replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_');
  return `missing ${[...keys].slice(0, 200).join('')} - due ${deadline}`;
}

/** Whether the visible mark says what memory says, and that is what is missing now. */
export const stands = (mark: TagMark | null, tags: Tags, missing: readonly string[]): boolean =>
  mark !== null && tags[MARK_TAG] === markText(mark.missing, mark.deadline) && sameKeys(mark.missing, missing);

const sameKeys = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every(k => b.includes(k));

interface Stage {
  readonly stage: WarningStage;
  readonly at: Instant;
}

/** At birth, at half-time and a day before; of a short grace those that come before one another. */
export function stagesOf(mark: Span): Stage[] {
  const [half, last] = [halfTime(mark), lastStage(mark)];
  return [{ stage: 'birth', at: mark.markedAt }, ...(half.at < last.at ? [half] : []), last];
}

type Span = Pick<TagMark, 'markedAt' | 'deadline'>;

const halfTime = ({ markedAt, deadline }: Span): Stage => ({
  stage: 'half-time',
  at: addSeconds(markedAt, Math.floor(secondsBetween(markedAt, deadline) / 2)),
});

function lastStage(mark: Span): Stage {
  const at = addSeconds(mark.deadline, -DAY);
  return at > mark.markedAt ? { stage: 'last-day', at } : halfTime(mark);
}

/** The warning that is due: of several that were missed only the latest, which says all that the others would have. */
export function warningDue(mark: TagMark, at: Instant): WarningStage | null {
  const reached = stagesOf(mark).findLast(s => s.at <= at);
  return reached === undefined || mark.warned?.some(w => w.stage === reached.stage) ? null : reached.stage;
}

/**
 * From when on the mark has its consequence: its deadline, or later, where the last warning came late: it stands for as long as it was
 * meant to. `null`: that warning has not been given, so nothing follows yet.
 */
export function dueFrom(mark: TagMark): Instant | null {
  const last = lastStage(mark);
  const given = mark.warned?.find(w => w.stage === last.stage);
  if (given === undefined) return null;
  return later(mark.deadline, addSeconds(given.at, secondsBetween(last.at, mark.deadline)));
}
