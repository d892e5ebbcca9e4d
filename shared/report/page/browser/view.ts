/** What the reader has chosen to see, and who wants to know when that changes. */
import { DIMENSIONS, type Dimension, type Group, type PageData } from '../data.ts';

export interface View {
  readonly data: PageData;
  /** The dimension that the breakdown is by. */
  by: Dimension;
  /** Only what belongs to these names; a dimension that is absent is not narrowed. */
  readonly only: Map<Dimension, number>;
  /** Called now and at every change. */
  watch(draw: () => void): void;
  changed(): void;
}

export function viewOf(data: PageData): View {
  const watchers: (() => void)[] = [];
  return {
    data,
    by: data.names.team.length > 1 ? 'team' : 'policy',
    only: new Map(),
    watch: draw => {
      watchers.push(draw);
      draw();
    },
    changed: () => {
      for (const draw of watchers) draw();
    },
  };
}

/** Whether a group of meters is among what is shown. */
export const shows = ({ only }: View, group: Group): boolean =>
  [...only].every(([dimension, name]) => group[DIMENSIONS.indexOf(dimension)] === name);

/** What carries no name in its dimension. */
const NAMELESS: Readonly<Record<Dimension, string>> = {
  team: 'no team',
  policy: 'no policy',
  account: 'no account',
  owner: 'no owner',
  class: 'no class',
};

export const nameOf = ({ names }: PageData, dimension: Dimension, index: number): string => names[dimension][index] ?? NAMELESS[dimension];

export const TITLES: Readonly<Record<Dimension, string>> = {
  team: 'Team',
  policy: 'Policy',
  account: 'Account',
  owner: 'Owner',
  class: 'Kind',
};
