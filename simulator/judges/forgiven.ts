/** Comes back, of what was stopped for its tags: once they are there it runs again, now or with its next hours; till then nobody waits for it. */
import { addSeconds, epochSeconds, HOUR, type Instant, instant, later } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Write } from '../world/record.ts';
import { wishesOf } from './asked.ts';
import { arguedBy, hoursFor, isOurs, tagsAt, tagsIn } from './facts.ts';
import { graceOf, lacking, markedSince, waysOf } from './tags.ts';
import { isOn } from './wall-clock.ts';

/** A deadline is over by an instant, and what it was set for is still lacking at one of these. */
export function isWithheld(evidence: Evidence, id: string, ...at: readonly [Instant, ...Instant[]]): boolean {
  const ways = waysOf(evidence.plot);
  if (ways === null || !ways.escalates) return false;
  const { writes } = evidence.cloud.record;
  const last = at.reduce(later);
  const next = writes.find(w => w.at > last)?.sequence ?? Number.POSITIVE_INFINITY;
  const since = markedSince(evidence, id, next);
  return since !== null && addSeconds(since, graceOf(ways)) <= last && at.some(i => lacking(ways, tagsAt(evidence, id, i)).length > 0);
}

/** When it should run again: its tags are there from here on, and it is in its hours. `null`: not within the story, or somebody else saw to it. */
export function forgivenAt(evidence: Evidence, stop: Write, id: string): { readonly due: Instant; readonly until: Instant } | null {
  const ways = waysOf(evidence.plot);
  if (ways === null || arguedBy(evidence, stop, id) !== 'tag-deadline') return null;
  const { writes } = evidence.cloud.record;
  const after = writes.filter(w => w.sequence > stop.sequence && w.changed.includes(id));
  const isWhole = (at: Instant) => lacking(ways, tagsAt(evidence, id, at)).length === 0;
  const told = after.filter(w => Object.keys(tagsIn(w, id).written).length > 0);
  const whole = told.find(w => isWhole(w.at))?.at;
  if (whole === undefined || told.some(w => w.at > whole && !isWhole(w.at))) return null;
  // Whoever handles it himself says by that what he wants.
  if (after.some(w => !isOurs(w) && /^(Stop|Start|Terminate)Instances$/.test(w.action))) return null;
  if (wishesOf(evidence, id).length > 0) return null;
  const hours = hoursFor(evidence, tagsAt(evidence, id, whole));
  const on = hours.find(h => h.to > epochSeconds(whole));
  if (on === undefined) return null;
  const due = isOn(hours, epochSeconds(whole)) ? whole : instant(on.from * 1000);
  return { due: addSeconds(due, isUnheard(evidence, whole) ? HOUR : 0), until: instant(on.to * 1000) };
}

/** Without its event a tag is seen at the agenda's hourly look. */
const isUnheard = ({ hits }: Evidence, at: Instant): boolean =>
  hits.some(
    ({ kind, what, at: when }) => /^(lost|late)-event$/.test(kind) && what.includes('Tag') && when >= at && when <= addSeconds(at, 120),
  );
