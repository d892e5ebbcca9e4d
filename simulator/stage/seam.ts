/** Puts a world outside as a preload does: under the registered symbol, so that bundled handlers see it as well as the modules here. */
import type { Outside } from '../../shared/runtime/outside.ts';

const SEAM = Symbol.for('ebbtide.outside');
const seam = globalThis as { [SEAM]?: Outside };

/** @returns what puts the world of before outside again. */
export function standOutside(world: Outside): () => void {
  const before = seam[SEAM];
  seam[SEAM] = world;
  return () => {
    if (before === undefined) delete seam[SEAM];
    else seam[SEAM] = before;
  };
}
