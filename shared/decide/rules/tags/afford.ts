/**
 * What fits into the limits of its policy, told before anything is made a change: of a hundred thousand that lack a tag a few are written, and
 * the others need no more than their reason.
 */
import { MARK_TAG } from '../../../model/ids.ts';
import type { Tagged } from '../../../model/observation.ts';
import type { Left, LeftReason } from '../../../model/plan.ts';
import type { TagPolicy } from '../../../policy/schema.ts';
import { readOwner } from '../../../policy/tags.ts';
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
  const all: Afforded[] = [...Map.groupBy(drafts, draft => draft.policy)].map(([policy, mine]) => {
    if (policy === null) return { kept: mine, left: [], isCut: false };
    const ranked = mine.toSorted((a, b) => (a.resource.ref.id < b.resource.ref.id ? -1 : 1));
    const fixes = affordFixes(
      ranked.filter(draft => !marks(draft)),
      policy,
    );
    const marked = affordMarks(ranked.filter(marks), policy, spentToday);
    return { kept: [...fixes.kept, ...marked.kept], left: [...fixes.left, ...marked.left], isCut: fixes.isCut };
  });
  return { kept: all.flatMap(a => a.kept), left: all.flatMap(a => a.left), isCut: all.some(a => a.isCut) };
}

const marks = ({ write }: Draft): boolean => Object.hasOwn(write.tags, MARK_TAG);

function affordFixes(fixes: readonly Draft[], { fixesPerRun: limit = FIXES_PER_RUN, mode }: TagPolicy): Afforded {
  const cut = fixes.slice(limit);
  return {
    kept: fixes.slice(0, limit),
    left: cut.map(draft => leftFor(draft, { per: 'run', limit })),
    isCut: cut.length > 0 && mode === 'act',
  };
}

/** As every budget: so many to one owner, then so many in a run and in a day. */
function affordMarks(drafts: readonly Draft[], { budget }: TagPolicy, spentToday: number): Afforded {
  const today = Math.max(0, budget.perDay - spentToday);
  const cap = today < budget.perRun ? ({ per: 'day', limit: budget.perDay } as const) : ({ per: 'run', limit: budget.perRun } as const);
  const counts = new Map<string, number>();
  const kept: Draft[] = [];
  const left: Left[] = [];
  for (const draft of drafts) {
    const owner = readOwner(draft.resource.tags);
    const count = owner === null ? 0 : (counts.get(owner) ?? 0) + 1;
    if (owner !== null) counts.set(owner, count);
    if (count > budget.perOwner) left.push(leftFor(draft, { per: 'owner', limit: budget.perOwner }));
    else if (kept.length < Math.min(budget.perRun, today)) kept.push(draft);
    else left.push(leftFor(draft, cap));
  }
  return { kept, left, isCut: false };
}

const leftFor = (
  { resource, write, policy }: Draft,
  beyond: Pick<Extract<LeftReason, { code: 'over-budget' }>, 'per' | 'limit'>,
): Left => ({
  resource: resource.ref,
  pen: 'enforce-tags',
  because: { code: 'over-budget', ...beyond, would: write.because },
  policy: policy?.name ?? null,
});
