/** What people have asked the house for, as they themselves know it, held against what it says it was asked for. */
import { addSeconds, type Instant } from '../../shared/model/time.ts';
import type { Answer } from '../people/answers.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Write } from '../world/record.ts';
import { rowsOf, signatures } from './facts.ts';

/** By whom, and when, in the words of the claim. */
export interface AskedFor {
  readonly by: string;
  readonly at: Instant;
}

const claims = new WeakMap<Evidence, ReadonlyMap<string, AskedFor & { readonly resource: string }>>();

/** Whether a write of ours says that a person asked for it, of this target; `null`: it argues otherwise. */
export function askedFor(evidence: Evidence, write: Write, id: string): AskedFor | null {
  const known = claims.get(evidence) ?? claimsIn(evidence);
  claims.set(evidence, known);
  return (
    signatures(write)
      .flatMap(change => known.get(change) ?? [])
      .find(({ resource }) => resource === id) ?? null
  );
}

function claimsIn(evidence: Evidence): Map<string, AskedFor & { readonly resource: string }> {
  const asked = rowsOf(evidence, 'claimed').flatMap(({ change }) => {
    const { id, resource, because } = change as { id: string; resource: { id: string }; because: { code: string } & AskedFor };
    return because.code === 'asked' ? [[id, { by: because.by, at: because.at, resource: resource.id }] as const] : [];
  });
  return new Map(asked);
}

/** A function whose clock is wrong, or slow, notes another second. */
const ABOUT = 30;

/** The one who is said to have asked has asked for this, and could: else why not. */
export function whyNotAsked({ answers }: Evidence, { by, at }: AskedFor, id: string, wants: Answer['wants']): string | null {
  const theirs = answers.filter(a => a.box === id && a.by === by && a.wants === wants && a.heard !== 'refused');
  const meant = theirs.filter(a => addSeconds(a.at, -ABOUT) <= at && at <= addSeconds(a.ended, ABOUT));
  if (meant.length === 0) return `for ${by}, who had not asked for it then`;
  return meant.some(a => a.may) ? null : `for ${by}, whose it is not to say`;
}

/** Wishes that stand for an instance, each in the place of the one before. */
const STANDS: ReadonlySet<Answer['wants']> = new Set(['running', 'stopped', 'keep', 'snooze', 'approve']);

/** What was asked for of an instance, by those who may, and may have been heard. */
export const wishesOf = ({ answers }: Evidence, id: string): Answer[] =>
  answers.filter(a => a.box === id && a.may && a.heard !== 'refused' && STANDS.has(a.wants));

/** A clock may be ahead by so much. */
const SKEW = 5;

/** Whether somebody was told that it is left alone until later than this, and nothing was asked for since. */
export function isHushed(evidence: Evidence, id: string, at: Instant): boolean {
  // What is pressed twice is asked for once, from the first time on; what is said again in words is said anew.
  const last = wishesOf(evidence, id).findLast(a => a.ended <= at && !(a.again && a.button !== null));
  const later = wishesOf(evidence, id).some(a => a.at <= at && a.ended > at);
  return last?.heard === 'accepted' && !later && last.until !== null && last.until > addSeconds(at, SKEW);
}
