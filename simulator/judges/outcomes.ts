/** Of *nothing lost*: the outcome on record of a write is what the world made of it. */
import { addSeconds, type Instant } from '../../shared/model/time.ts';
import type { Evidence, Item } from '../swarm/evidence.ts';
import type { Write } from '../world/record.ts';
import { asInstant, isOurs, nameOf, ourWrites, rowsOf, signatures, targetsOf } from './facts.ts';

export function* outcomes(evidence: Evidence) {
  const claims = new Map(rowsOf(evidence, 'claimed').map(row => [(row['change'] as Claimed).id, row]));
  const calls = new Map<string, Write[]>();
  for (const write of ourWrites(evidence)) for (const id of signatures(write)) calls.set(id, [...(calls.get(id) ?? []), write]);
  for (const row of rowsOf(evidence, 'settled')) {
    const claim = claims.get(String(row['changeId']));
    if (claim === undefined) continue;
    const { id: resource } = (claim['change'] as Claimed).resource;
    const made = (calls.get(String(row['changeId'])) ?? []).filter(w => targetsOf(w).includes(resource) || w.changed.includes(resource));
    const wrong = row['outcome'] === 'done' ? notDone(evidence, claim, resource, made) : notLeft(evidence, row, resource, made);
    if (wrong !== null)
      yield {
        at: asInstant(row['at']),
        what: `${row['changeId']} of ${nameOf(evidence, resource)} is on record as ${row['outcome']}, ${wrong}`,
      };
  }
}

interface Claimed {
  readonly id: string;
  readonly resource: { readonly id: string };
}

/** AWS took a call of it, or it has come to be so by another hand just then, which nobody can tell from ours. */
function notDone(evidence: Evidence, claim: Item, resource: string, made: readonly Write[]): string | null {
  if (made.some(w => w.error === null || w.changed.includes(resource))) return null;
  // Sizes may come to be so by AWS's own doing; and a lost call is on nobody's record.
  if (made.length === 0 && !resource.startsWith('i-')) return null;
  const since = asInstant(claim['at']);
  if (byOthers(evidence, resource, addSeconds(since, -SKEW), addSeconds(since, LOOKED_UP_WITHIN))) return null;
  const errors = [...new Set(made.map(w => w.error))];
  return made.length === 0 ? 'and nobody called' : `and AWS refused it (${errors.join(', ')})`;
}

/** What is whole in one call and took effect is no failure, unless somebody undid it, or it came to nothing, before it was looked up. */
function notLeft(evidence: Evidence, row: Item, resource: string, made: readonly Write[]): string | null {
  const write = made.find(w => WHOLE.test(w.action) && w.changed.includes(resource));
  if (write === undefined) return null;
  const until = addSeconds(asInstant(row['at']), SKEW);
  const { transitions } = evidence.cloud.record;
  const fell = transitions.some(
    t => t.instance === resource && t.at >= write.at && t.at <= until && /^(stopped|shutting-down|terminated)$/.test(t.to),
  );
  if (byOthers(evidence, resource, addSeconds(write.at, -SKEW), until) || (write.action === 'StartInstances' && fell)) return null;
  return `though ${write.action} took effect at ${write.at}`;
}

const WHOLE = /^(StopInstances|StartInstances|SetDesiredCapacity|ModifyInstanceAttribute)$/;

const byOthers = ({ cloud }: Evidence, resource: string, from: Instant, to: Instant): boolean =>
  cloud.record.writes.some(w => !isOurs(w) && w.changed.includes(resource) && w.at >= from && w.at <= to);

/** A clock may be wrong by so much. */
const SKEW = 5;
/** What EC2 dates later than this after a claim is not taken for its doing. */
const LOOKED_UP_WITHIN = 200;
