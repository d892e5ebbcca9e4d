/** What becomes of wishes: which changes they let through, and which of them are over. Pure. */
import type { Wish } from '../model/memory.ts';
import type { Change, LeftReason, Plan } from '../model/plan.ts';
import type { Receipt } from '../model/receipt.ts';
import { writtenTags } from '../model/tagging.ts';

type Wishes = ReadonlyMap<string, Wish>;

/** Carried out, though its policy may only propose it: a change to the kind of which somebody has said yes. */
export const approved = (plan: Plan, wishes: Wishes): Plan => ({
  ...plan,
  changes: plan.changes.map(change => (isApproved(change, wishes.get(change.resource.id)) ? { ...change, mode: 'act' as const } : change)),
});

const isApproved = ({ action }: Change, wish: Wish | undefined): boolean =>
  wish?.want === 'approve' && wish.spentAt === undefined && wish.action === action.kind;

/** `denied`: why nothing came of it. */
export type Spent = { readonly wish: Wish; readonly denied: LeftReason | null };

/**
 * The wishes of this run that are over: carried out, so in the world, or denied for a reason that will not pass by itself. What failed is
 * tried again until the wish expires, and keep and snooze last as long as they say.
 */
export function spentWishes(wishes: Wishes, { changes, left }: Plan, receipts: readonly Receipt[]): Map<string, Spent> {
  const spent = new Map<string, Spent>();
  for (const [id, wish] of wishes) {
    if (wish.spentAt !== undefined || wish.want === 'keep' || wish.want === 'snooze') continue;
    const receipt = receipts.find(({ change }) => change.resource.id === id && isCause(wish, change));
    if (receipt !== undefined) {
      if (isOver(wish, receipt)) spent.set(id, { wish, denied: null });
      continue;
    }
    const argued = changes.filter(change => change.resource.id === id);
    if (argued.some(change => isCause(wish, change))) continue;
    // What is only proposed stays so at each look, and tells how it is now: what would be stopped runs.
    if (argued.some(({ mode, action }) => mode === 'plan' && action.kind === OPPOSITE[wish.want])) spent.set(id, { wish, denied: null });
    const answer = left.find(one => one.resource.id === id)?.because;
    if (answer !== undefined && !PASSING.has(answer.code) && !waits(wish, answer))
      spent.set(id, { wish, denied: isSo(wish, answer) ? null : answer });
  }
  return spent;
}

const OPPOSITE: Readonly<Partial<Record<Wish['want'], Change['action']['kind']>>> = { running: 'stop-instance', stopped: 'start-instance' };

/** A start that EC2 took may yet fall back to stopped: the wish is over when it is seen up. */
const isOver = ({ want }: Wish, { outcome }: Receipt): boolean =>
  outcome !== 'failed' && outcome !== 'not-attempted' && !(want === 'running' && outcome === 'done');

const isCause = (wish: Wish, { action, because, causeAt }: Change): boolean =>
  wish.want === 'approve'
    ? wish.action === action.kind
    : wish.want === 'tags'
      ? Object.entries(wish.tags).some(([key, value]) => writtenTags(action)[key] === value)
      : because.code === 'asked' && causeAt === wish.at;

/** What will be otherwise at one of the next looks. */
const PASSING: ReadonlySet<LeftReason['code']> = new Set<LeftReason['code']>([
  'unsettled',
  'in-transition',
  'start-failing',
  'not-measured',
  'over-budget',
  'stop-protection-unread',
  'tags-unread',
]);

/** A yes waits for its occasion as long as it is good for: to stop at seven is not to stop at noon, and a type is changed in a stop. */
const waits = (wish: Wish, { code }: LeftReason): boolean =>
  wish.want === 'approve' && (wish.action === 'modify-instance-type' ? !HANDS_OFF.has(code) : code === 'on-hours-now');

/** Whether it is as was asked, whoever saw to it. */
function isSo({ want }: Wish, { code }: LeftReason): boolean {
  const asleep = code === 'asleep' || code === 'stopped-by-someone';
  if (want === 'stopped') return asleep;
  if (want === 'tags') return code === 'compliant' || code === 'marked';
  return want === 'running' && !asleep && !HANDS_OFF.has(code);
}

/** Said before anybody looks whether it runs. */
const HANDS_OFF: ReadonlySet<LeftReason['code']> = new Set<LeftReason['code']>(['no-policy', 'opted-out', 'bad-tag', 'gone']);
