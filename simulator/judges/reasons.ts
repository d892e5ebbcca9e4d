/**
 * Of *explained*: the answers that lie with the pens' last whole look, held against the world as it was then. Of each reason some resources are
 * named: nobody has two answers, where all are named nobody has none, and what is said of them could be true.
 */
import { addSeconds, epochSeconds, type Instant } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import { hoursFor, nameOf, speaksFor, tagsAt } from './facts.ts';
import { lacking, type Tags, waysOf } from './tags.ts';
import { isOn } from './wall-clock.ts';

export interface Group {
  readonly code: string;
  readonly count: number;
  readonly examples: readonly { readonly resource: { readonly id: string } }[];
}

/** @param about seconds that the look may have taken. */
export function* reasons(evidence: Evidence, pen: string | undefined, at: Instant, groups: readonly Group[], about: number) {
  const seen = new Map<string, string>();
  for (const { code, examples } of groups) {
    for (const { resource } of examples) {
      const name = nameOf(evidence, resource.id);
      const other = seen.get(resource.id);
      if (other !== undefined) yield { at, what: `${pen} left ${name} alone twice: ${other} and ${code}` };
      seen.set(resource.id, code);
      const could = (POSSIBLE[`${pen} ${code}`] ?? POSSIBLE[code])?.(evidence, resource.id);
      if (could !== undefined && !around(at, about).some(could)) yield { at, what: `${pen} left ${name} alone as ${code}, and it was not` };
    }
  }
}

/** Before, at, and after what a look may have taken, and a clock that is wrong. */
const around = (at: Instant, about: number): Instant[] => [at, ...[-about - SKEW, -SKEW, SKEW, about + SKEW].map(by => addSeconds(at, by))];
const SKEW = 5;

type Possible = (evidence: Evidence, id: string) => (at: Instant) => boolean;

/** What must hold of whoever is left alone for it. */
const POSSIBLE: Readonly<Record<string, Possible>> = {
  'opted-out': worn(tags => tags['ebb:policy'] !== undefined),
  'stop-start-instances no-policy': (evidence, id) => at => speaksFor(evidence, tagsAt(evidence, id, at), at) === null,
  'on-hours-now': (evidence, id) => at => isOn(hoursFor(evidence, tagsAt(evidence, id, at)), epochSeconds(at)),
  asleep: state('stopping', 'stopped'),
  untagged: state('stopping', 'stopped'),
  'stopped-by-someone': state('stopping', 'stopped'),
  'start-failing': state('stopping', 'stopped', 'pending'),
  'in-use': state('pending', 'running'),
  'thin-data': state('pending', 'running'),
  'just-started': state('pending', 'running'),
  booting: state('pending', 'running'),
  gone: state('shutting-down', 'terminated'),
  'started-by-hand': state('pending', 'running'), // by us, where somebody asked for it
  member: (evidence, id) => () => evidence.cloud.record.machine(id)?.group != null,
  spot: (evidence, id) => () => evidence.cloud.record.machine(id)?.market !== 'on-demand',
  compliant: (evidence, id) => at => lacks(evidence, id, at) !== true,
  marked: (evidence, id) => at => lacks(evidence, id, at) !== false,
};

function worn(has: (tags: Tags) => boolean): Possible {
  return (evidence, id) => at => has(tagsAt(evidence, id, at));
}

function state(...states: readonly string[]): Possible {
  return ({ cloud }, id) =>
    at => {
      const { to } = cloud.record.transitions.findLast(t => t.instance === id && t.at <= at) ?? { to: null };
      return to !== null && states.includes(to);
    };
}

/** `null`: it is no instance, and may wear what others hand on to it; or no tags are required. */
function lacks(evidence: Evidence, id: string, at: Instant): boolean | null {
  const ways = waysOf(evidence.plot);
  return ways === null || !id.startsWith('i-') ? null : lacking(ways, tagsAt(evidence, id, at)).length > 0;
}
