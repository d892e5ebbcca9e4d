/**
 * Heals: some ticks after the last fault the world is as it would be without any. Compared is what people did not touch and chance does
 * not steer: a box that only its schedule moves, a group that only its demand moves, and after long tails the tags.
 */
import { epochSeconds, HOUR } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Box } from '../swarm/plot.ts';
import { hoursFor } from './facts.ts';
import type { Judge } from './verdict.ts';
import { lastTurn } from './wall-clock.ts';

export const heals: Judge = function* (evidence, twin) {
  if (twin === null) return;
  const { plot } = evidence;
  const touched = new Set(plot.deeds.flatMap(d => ('box' in d ? d.box : 'fleet' in d && typeof d.fleet === 'string' ? d.fleet : [])));
  for (const box of plot.boxes) {
    if (touched.has(box.id)) continue;
    if (isSteered(evidence, box)) yield* compare(evidence, twin, box.id, stateOf);
    if (epochSeconds(plot.end) - epochSeconds(plot.calm) > 18 * HOUR) yield* compare(evidence, twin, box.id, tagsOf);
  }
  for (const { id } of plot.fleets) {
    if (touched.has(id)) continue;
    const [here, there] = [evidence, twin].map(e => e.cloud.group(id).desired);
    // Target tracking remembers: between out and in there is a band in which either of two neighbours is right.
    if (Math.abs((here ?? 0) - (there ?? 0)) > 1)
      yield { at: plot.end, what: `${id} has ${here} instances, and would have ${there} without faults` };
  }
};

function* compare(evidence: Evidence, twin: Evidence, name: string, look: (evidence: Evidence, id: string) => string) {
  const [here, there] = [evidence, twin].map(e => look(e, e.ids.get(name) ?? ''));
  if (here !== there) yield { at: evidence.plot.end, what: `${name} is ${here}, and would be ${there} without faults` };
}

/** Nothing but its schedule moves it, and not within the last minutes. */
function isSteered(evidence: Evidence, { tags, load }: Box): boolean {
  const { plot } = evidence;
  const { budget, idleHours } = plot.rules;
  const isFree = budget === null && (idleHours === null || load === 'busy');
  const turned = lastTurn(hoursFor(evidence, tags), epochSeconds(plot.end));
  return isFree && turned < epochSeconds(plot.end) - 900;
}

function stateOf({ cloud }: Evidence, id: string): string {
  const { state } = cloud.instance(id);
  return state === 'pending' || state === 'running' ? 'up' : state === 'stopping' || state === 'stopped' ? 'down' : 'gone';
}

function tagsOf({ cloud }: Evidence, id: string): string {
  const { tags } = cloud.instance(id);
  const said = [...tags].map(([key, value]) => (key === 'ebb:mark' ? key : `${key}=${value}`));
  return `tagged ${said.toSorted().join(' ')}`;
}
