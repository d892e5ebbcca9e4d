/** Numbers for names: what recurs in thousands of rows is written once. */
import { DIMENSIONS, type Dimension, type Group } from './data.ts';

/** What a meter or a change belongs to; `null` where it carries none. */
export type Belongs = Readonly<Record<Dimension, string | null>>;

export interface Register {
  /** The number of a name in its dimension. */
  index(dimension: Dimension, name: string | null): number;
  /** The number of a combination. */
  group(belongs: Belongs): number;
  names(): Record<Dimension, (string | null)[]>;
  groups(): Group[];
}

export function register(): Register {
  const names = new Map(DIMENSIONS.map(dimension => [dimension, new Map<string | null, number>()] as const));
  const groups = new Map<string, { readonly number: number; readonly group: Group }>();
  const index = (dimension: Dimension, name: string | null): number => {
    const known = names.get(dimension) ?? new Map<string | null, number>();
    const number = known.get(name) ?? known.size;
    known.set(name, number);
    return number;
  };
  return {
    index,
    group: belongs => {
      const group = DIMENSIONS.map(dimension => index(dimension, belongs[dimension])) as unknown as Group;
      const key = group.join(' ');
      const known = groups.get(key) ?? { number: groups.size, group };
      groups.set(key, known);
      return known.number;
    },
    names: () =>
      Object.fromEntries([...names].map(([dimension, known]) => [dimension, [...known.keys()]])) as Record<Dimension, (string | null)[]>,
    groups: () => [...groups.values()].map(({ group }) => group),
  };
}
