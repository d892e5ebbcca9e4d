/** Stories of a kind of their own, drawn for a seed: all is idle at once, or a second policy has a say over some. */
import { chance } from './chance.ts';
import type { Box, Rules } from './plot.ts';

interface Cast {
  readonly boxes: readonly Box[];
  readonly rules: Rules;
}

export const varied = (seed: number, cast: Cast): Cast => withSecond(seed, drowsy(seed, cast));

/** Measurement says of everything that nobody uses it: what a breaker is for. */
function drowsy(seed: number, cast: Cast): Cast {
  if (!chance(seed, 'drowsy').maybe(0.08)) return cast;
  const {
    boxes,
    rules: { instances: _, ...rules },
  } = cast;
  const asleep = (box: Box): Box => ({ ...box, load: 'idle', tags: { ...box.tags, 'ebb:schedule': 'always' } });
  return { boxes: boxes.map(asleep), rules: { ...rules, idleHours: 2 } };
}

/** What is for tests has a policy of its own, with a budget of its own. */
function withSecond(seed: number, { boxes, rules }: Cast): Cast {
  const c = chance(seed, 'second');
  if (!c.maybe(0.2)) return { boxes, rules };
  const second = { perRun: c.whole(1, 2), perDay: c.whole(2, 4), perOwner: 1 };
  const moved = (box: Box): Box =>
    box.tags['environment'] === 'dev' && chance(seed, `second of ${box.id}`).maybe(0.5)
      ? { ...box, tags: { ...box.tags, environment: 'test' } }
      : box;
  return { boxes: boxes.map(moved), rules: { ...rules, second } };
}
