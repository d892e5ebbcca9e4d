/**
 * What fits into the limits of its policy, told before anything is made a change: of a hundred thousand that lack a tag a few are written, and
 * the others need no more than their reason.
 */
import { MARK_TAG } from '../../../model/ids.ts';
import type { Tagged } from '../../../model/observation.ts';
import type { Left } from '../../../model/plan.ts';
import type { TagPolicy } from '../../../policy/schema.ts';
import { readOwner } from '../../../policy/tags.ts';
import { type Beyond, compare, within } from '../../budget.ts';
import type { Write } from './writes.ts';

export interface Draft {
  readonly resource: Tagged;
  readonly write: Write;
  /** `null`: nobody speaks for it, and what is written only takes our own mark away. */
  readonly policy: TagPolicy | null;
}

export interface Afforded {
  readonly kept: readonly Draft[];
  readonly left: readonly Left[];
  /** Something that may be done at once was put off for its number alone. */
  readonly isCut: boolean;
}

const FIXES_PER_RUN = 1_000;

/** Marks are counted against the budget, since each is a step towards a stop; what is merely put right has a limit of its own. */
export function afford(drafts: readonly Draft[], spentToday: number): Afforded {
  const all = [...Map.groupBy(drafts, draft => draft.policy)].map(([policy, mine]) => {
    if (policy === null) return { kept: mine, left: [], isCut: false };
    const { fixesPerRun: limit = FIXES_PER_RUN, budget, mode, name } = policy;
    const ranked = mine.toSorted((a, b) => compare(a.resource.ref.id, b.resource.ref.id));
    const fixes = ranked.filter(draft => !marks(draft));
    const marked = within(ranked.filter(marks), draft => readOwner(draft.resource.tags), budget, spentToday);
    return {
      kept: [...fixes.slice(0, limit), ...marked.kept],
      left: [
        ...fixes.slice(limit).map(draft => leftFor(draft, name, { per: 'run', limit })),
        ...marked.cut.map(({ one, beyond }) => leftFor(one, name, beyond)),
      ],
      isCut: fixes.length > limit && mode === 'act',
    };
  });
  return { kept: all.flatMap(a => a.kept), left: all.flatMap(a => a.left), isCut: all.some(a => a.isCut) };
}

const marks = ({ write }: Draft): boolean => Object.hasOwn(write.tags, MARK_TAG);

const leftFor = ({ resource, write }: Draft, policy: string, beyond: Beyond): Left => ({
  resource: resource.ref,
  pen: 'enforce-tags',
  because: { code: 'over-budget', ...beyond, would: write.because },
  policy,
});
