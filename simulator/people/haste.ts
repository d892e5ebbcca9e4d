/**
 * People who act in the middle of a run: between its look and its write, where nobody but a second look can see it. They act just before a
 * run names what they are about for the so manyth time: by its look, its look again, its write.
 */

interface Armed {
  /** Id of an instance, or name of a group. */
  readonly about: string;
  /** 1: the first call that names it. */
  readonly call: number;
  readonly act: () => void;
}

/** How often a run has named what so far. */
export type Named = Map<string, number>;

export interface Haste {
  /** From now on they wait for a run. */
  arm(one: Armed): void;
  /** A run is about to make this call to EC2 or Auto Scaling. */
  before(input: unknown, named: Named): void;
}

export function hasteOf(): Haste {
  let waiting: readonly Armed[] = [];
  return {
    arm: one => {
      waiting = [...waiting, one];
    },
    before: (input, named) => {
      if (waiting.length === 0) return;
      const text = JSON.stringify(input);
      for (const about of new Set(waiting.map(one => one.about)))
        if (text.includes(JSON.stringify(about))) named.set(about, (named.get(about) ?? 0) + 1);
      const now = waiting.filter(one => text.includes(JSON.stringify(one.about)) && named.get(one.about) === one.call);
      waiting = waiting.filter(one => !now.includes(one));
      for (const { act } of now) act();
    },
  };
}
