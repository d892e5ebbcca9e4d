/**
 * Not every thought becomes a resize. More capacity is taken at once; less is waited for until the instances that would be let go have idled
 * for as many instance-minutes as a resize is worth. That worth rises where a fleet is resized too often and falls where it is not.
 */

export interface Restraint {
  /** What was wanted in the latest minutes, oldest first: a passing dip lets nothing go. */
  wanted: number[];
  capacity: number;
  /** Instance-minutes idled since more was held than wanted. */
  idled: number;
  /** What a resize is worth, in instance-minutes. */
  worth: number;
}

const DIP = 3;
const LEARNING = 0.01;
const WORTH = { start: 12, least: 10, most: 400 };

export const openRestraint = (): Restraint => ({ wanted: [], capacity: 0, idled: 0, worth: WORTH.start });

/** @param allowed resizes that are allowed in a minute, on average */
export function restrain(restraint: Restraint, wanted: number, allowed: number, learning: boolean): number {
  const before = restraint.capacity;
  restraint.wanted = [...restraint.wanted.slice(1 - DIP), wanted];
  const needed = Math.max(...restraint.wanted);
  restraint.idled += before - needed;
  if (needed >= before || restraint.idled >= restraint.worth) {
    restraint.capacity = needed;
    restraint.idled = 0;
  }
  if (learning) {
    const resized = restraint.capacity === before ? 0 : 1;
    restraint.worth = Math.min(WORTH.most, Math.max(WORTH.least, restraint.worth * Math.exp(LEARNING * (resized - allowed))));
  }
  return restraint.capacity;
}
