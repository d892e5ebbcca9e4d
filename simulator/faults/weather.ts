/** Whether something goes wrong at this occasion. Each spell counts its own occasions, so taking one away leaves the others as they were. */
import { epochSeconds, type Instant, instant } from '../../shared/model/time.ts';
import type { FaultKind, Spell } from '../swarm/plot.ts';
import { seedOf, unit } from '../world/random.ts';
import type { World } from '../world/world.ts';

export interface Hit {
  readonly at: Instant;
  readonly spell: string;
  readonly kind: FaultKind;
  /** `ec2 StopInstances`, `resize-fleets`. */
  readonly what: string;
}

/** A fault that is to come, if what it is to meet goes so far. */
export interface Threat {
  /** A whole number from 1 to `most`, by powers: as often from 1 to 5 as from 6 to 35. */
  readonly step: (most: number) => number;
  /** It has come: written down now. */
  readonly strikes: () => void;
}

export interface Weather {
  /** Whether this occasion meets a fault of the kind; then it is written down. */
  meets(kind: FaultKind, what: string): boolean;
  /** Whether this occasion is to meet a fault of the kind later on; written down when it strikes. */
  threatens(kind: FaultKind, what: string): Threat | null;
  /** A whole number from `from` to `to` for the latest fault that was met: how late, at which call. */
  measure(from: number, to: number): number;
  readonly hits: readonly Hit[];
}

export function weatherOf(world: World, seed: number, spells: readonly Spell[]): Weather {
  const blowing = new Map<FaultKind, { spell: Spell; from: number; to: number; chance: number; occasions: number }[]>();
  for (const spell of spells) {
    const { id, kind, from, to } = spell;
    const all = blowing.get(kind) ?? [];
    all.push({ spell, from: epochSeconds(from), to: epochSeconds(to), chance: seedOf(seed, id), occasions: 0 });
    blowing.set(kind, all);
  }
  const hits: Hit[] = [];
  let measured = 0;
  const draw = (kind: FaultKind): { spell: Spell; measured: number } | null => {
    const now = world.clock.now();
    for (const one of blowing.get(kind) ?? []) {
      if (now < one.from || now >= one.to) continue;
      const occasion = one.occasions++;
      if (unit(one.chance, occasion) < one.spell.share) return { spell: one.spell, measured: unit(one.chance, occasion, 1) };
    }
    return null;
  };
  const write = (spell: Spell, kind: FaultKind, what: string) =>
    hits.push({ at: instant(world.clock.now() * 1000), spell: spell.id, kind, what });

  return {
    hits,
    meets: (kind, what) => {
      const drawn = draw(kind);
      if (drawn === null) return false;
      measured = drawn.measured;
      write(drawn.spell, kind, what);
      return true;
    },
    threatens: (kind, what) => {
      const drawn = draw(kind);
      if (drawn === null) return null;
      return { step: most => Math.floor((most + 1) ** drawn.measured), strikes: () => write(drawn.spell, kind, what) };
    },
    measure: (from, to) => from + Math.floor(measured * (to - from + 1)),
  };
}
