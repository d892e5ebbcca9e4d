/** A part of a plot: only these of its boxes, fleets, deeds and faults, and no later than an instant. What is left happens as it did. */
import type { Instant } from '../../shared/model/time.ts';
import { earlier } from '../../shared/model/time.ts';
import type { Plot } from './plot.ts';

export interface Cut {
  /** Ids that stay; all of them when absent. */
  readonly keep?: ReadonlySet<string>;
  readonly until?: Instant;
}

export const PARTS = ['spells', 'deeds', 'things', 'boxes', 'fleets'] as const;

export const idsOf = (plot: Plot): string[] => PARTS.flatMap(part => (plot[part] ?? []).map(({ id }) => id));

export function cut(plot: Plot, { keep, until }: Cut): Plot {
  const end = until === undefined ? plot.end : earlier(plot.end, until);
  const stays = ({ id }: { readonly id: string }) => keep === undefined || keep.has(id);
  return {
    ...plot,
    end,
    calm: earlier(plot.calm, end),
    echoes: plot.echoes.filter(at => at < end),
    boxes: plot.boxes.filter(stays),
    fleets: plot.fleets.filter(stays),
    ...(plot.things && { things: plot.things.filter(thing => stays(thing) && (thing.box === null || keep?.has(thing.box) !== false)) }),
    deeds: plot.deeds.filter(deed => stays(deed) && deed.at < end),
    spells: plot.spells.filter(spell => stays(spell) && spell.from < end).map(spell => ({ ...spell, to: earlier(spell.to, end) })),
  };
}
