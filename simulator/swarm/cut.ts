/** A part of a plot: only these of its boxes, fleets, deeds and faults, shorter spells, plainer rules, and no later than an instant. What is left happens as it did. */
import type { Instant } from '../../shared/model/time.ts';
import { earlier, later } from '../../shared/model/time.ts';
import type { Plot, Rules } from './plot.ts';

export interface Cut {
  /** Ids that stay; all of them when absent. */
  readonly keep?: ReadonlySet<string>;
  readonly until?: Instant;
  /** Between which instants a spell still blows, by its id. */
  readonly narrow?: ReadonlyMap<string, Span>;
  /** Rules that are as usual again. */
  readonly usual?: ReadonlySet<RuleName>;
}

/** Half-open. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

export const PARTS = ['spells', 'deeds', 'things', 'boxes', 'fleets'] as const;

/** What rules come to where a story asks for nothing: `null` is written, `undefined` is left out. */
const USUAL = {
  ...{ budget: null, hibernate: false, idleHours: null, tags: false },
  ...{ instances: undefined, fleetsFollow: undefined, fleetSizes: undefined, beanstalk: undefined, tagWays: undefined },
} as const satisfies Partial<Record<keyof Rules, unknown>>;

export type RuleName = keyof typeof USUAL;
export const RULE_NAMES = Object.keys(USUAL) as readonly RuleName[];

export const isUsual = (rules: Rules, name: RuleName): boolean => rules[name] === USUAL[name];

export const idsOf = (plot: Plot): string[] => PARTS.flatMap(part => (plot[part] ?? []).map(({ id }) => id));

export function cut(plot: Plot, { keep, until, narrow, usual }: Cut): Plot {
  const end = until === undefined ? plot.end : earlier(plot.end, until);
  const stays = ({ id }: { readonly id: string }) => keep === undefined || keep.has(id);
  const blows = <T extends Span & { readonly id: string }>(spell: T): T => {
    const { from, to } = narrow?.get(spell.id) ?? spell;
    return { ...spell, from: later(spell.from, from), to: earlier(earlier(spell.to, to), end) };
  };
  return {
    ...plot,
    end,
    calm: earlier(plot.calm, end),
    ...(usual !== undefined && { rules: plainer(plot.rules, usual) }),
    echoes: plot.echoes.filter(at => at < end),
    boxes: plot.boxes.filter(stays),
    fleets: plot.fleets.filter(stays),
    ...(plot.things && { things: plot.things.filter(thing => stays(thing) && (thing.box === null || keep?.has(thing.box) !== false)) }),
    deeds: plot.deeds.filter(deed => stays(deed) && deed.at < end),
    spells: plot.spells
      .filter(stays)
      .map(blows)
      .filter(({ from, to }) => from < to),
  };
}

function plainer(rules: Rules, usual: ReadonlySet<RuleName>): Rules {
  const names: ReadonlySet<string> = usual;
  const said = Object.entries(rules).map(([name, value]) => [name, names.has(name) ? USUAL[name as RuleName] : value] as const);
  return Object.fromEntries(said.filter(([, value]) => value !== undefined)) as unknown as Rules;
}
