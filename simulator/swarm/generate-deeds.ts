/** What people do while the house is at work, drawn for a seed. */
import { addSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import { type Chance, chance } from './chance.ts';
import type { Box, Deed, Fleet, Spoken } from './plot.ts';

interface Scene {
  readonly boxes: readonly Box[];
  readonly fleets: readonly Fleet[];
  readonly from: Instant;
  readonly calm: Instant;
}

export function deedsOf(seed: number, scene: Scene): Deed[] {
  const count = chance(seed, 'deeds').whole(2, 8);
  const deeds = Array.from({ length: count }, (_, i) => deedOf(`deed-${i + 1}`, chance(seed, `deed-${i + 1}`), scene));
  const more = [...pausing(chance(seed, 'pause'), scene), ...sizing(chance(seed, 'sizing'), scene)];
  const all = [...deeds, ...more, ...talkOf(seed, scene)];
  // A pause that is taken away again is nothing that a release stands on.
  const isOver = ({ does }: Deed) => does === 'releases' && more.some(deed => deed.does === 'resumes');
  return all.filter(deed => !isOver(deed)).toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Acts fall into the troubled part, to the second. */
const when = (c: Chance, { from, calm }: Scene): Instant =>
  addSeconds(from, Math.floor((c.number() * 0.95 * (Date.parse(calm) - Date.parse(from))) / 1000));

function deedOf(id: string, c: Chance, scene: Scene): Deed {
  const common = { id, at: when(c, scene) };
  const box = c.pick(scene.boxes).id;
  const fleet = scene.fleets.length === 0 ? null : c.pick(scene.fleets).id;
  switch (c.pick(DEEDS)) {
    case 'starts':
      return { ...common, does: 'starts', box };
    case 'stops':
      return { ...common, does: 'stops', box };
    case 'terminates':
      return { ...common, does: 'terminates', box };
    case 'opts-out':
      return { ...common, does: 'tags', box, tags: { 'ebb:policy': 'off' } };
    case 'keeps':
      return { ...common, does: 'tags', box, tags: { 'ebb:keep-until': addSeconds(common.at, c.whole(1, 8) * 15 * MINUTE) } };
    case 'retags':
      return {
        ...common,
        does: 'tags',
        box,
        tags: c.pick<Record<string, string>>([{ environment: 'prod' }, { environment: 'dev' }, { owner: 'team' }]),
      };
    case 'untags':
      return { ...common, does: 'untags', box, keys: [c.pick(['environment', 'owner', 'ebb:schedule', 'ebb:policy', 'cost-centre'])] };
    case 'launches':
      return { ...common, does: 'launches', box: `new-${id}`, type: 't3.medium', tags: { Name: `new-${id}`, environment: 'dev' } };
    case 'troubles':
      return { ...common, does: 'troubles', box, trouble: c.pick(['capacity', 'kms']), times: c.whole(1, 3) };
    case 'sets-desired':
      return fleet === null
        ? { ...common, does: 'starts', box }
        : { ...common, does: 'sets-desired', fleet, desiredCapacity: c.whole(2, 5) };
    case 'deletes-group':
      return fleet === null ? { ...common, does: 'stops', box } : { ...common, does: 'deletes-group', fleet };
    case 'deploys':
      return {
        ...common,
        does: 'deploys',
        fleet: { minSize: c.whole(1, 3), target: { metric: 'CPUUtilization', value: c.pick([40, 60]), period: 60 } },
      };
  }
}

const DEEDS = [
  ...(['starts', 'starts', 'starts', 'stops', 'stops', 'terminates', 'opts-out', 'keeps', 'retags', 'untags'] as const),
  ...(['launches', 'troubles', 'sets-desired', 'deletes-group', 'deploys'] as const),
];

/** Somebody takes the pens away for a while: by a pause, or by a policy that goes back to `plan`. */
function pausing(c: Chance, scene: Scene): Deed[] {
  if (!c.maybe(0.3)) return [];
  const at = when(c, scene);
  const again = addSeconds(at, c.whole(5, 45) * MINUTE);
  const back = again < scene.calm ? again : scene.calm;
  return c.maybe(0.5)
    ? [
        { id: 'pause', at, does: 'pauses' },
        { id: 'resume', at: back, does: 'resumes' },
      ]
    : [
        { id: 'hands-off', at, does: 'deploys', mode: 'plan' },
        { id: 'hands-on', at: back, does: 'deploys', mode: 'act' },
      ];
}

/** Somebody gives a fleet other bounds. */
function sizing(c: Chance, scene: Scene): Deed[] {
  if (scene.fleets.length === 0 || !c.maybe(0.2)) return [];
  const fleet = c.pick(scene.fleets).id;
  return [{ id: 'sizes', at: when(c, scene), does: 'sets-sizes', fleet, minSize: c.whole(0, 3), maxSize: c.whole(5, 9) }];
}

/** What people ask us for: where a message shows something to press, by `/ebb`, or in a terminal. */
function talkOf(seed: number, scene: Scene): Deed[] {
  const c = chance(seed, 'talk');
  if (!c.maybe(0.75)) return [];
  const deeds = (name: string, most: number, draw: (id: string, c: Chance, scene: Scene) => Deed): Deed[] =>
    Array.from({ length: c.whole(0, most) }, (_, i) => draw(`${name}-${i + 1}`, chance(seed, `${name}-${i + 1}`), scene));
  const all = [...deeds('press', 5, pressOf), ...deeds('command', 4, commandOf), ...deeds('ask', 2, askOf)];
  // Half of them when nothing goes wrong any more: those can be held to it.
  const last = chance(seed, 'release');
  return last.maybe(0.05) ? [...all, { id: 'release', at: addSeconds(scene.calm, last.whole(-10, 10) * MINUTE), does: 'releases' }] : all;
}

const pressOf = (id: string, c: Chance, scene: Scene): Deed => ({
  ...{ id, at: when(c, scene), does: 'presses', button: c.pick(BUTTONS) },
  ...{ message: c.pick(['newest', 'newest', 'oldest', 'stale'] as const), by: c.pick(PEOPLE), again: againOf(c) },
});

const commandOf = (id: string, c: Chance, scene: Scene): Deed => ({
  ...{ id, at: when(c, scene), does: 'commands', box: c.pick(scene.boxes).id, words: wordsOf(c), by: c.pick(PEOPLE), again: againOf(c) },
});

const askOf = (id: string, c: Chance, scene: Scene): Deed => ({
  ...{ id, at: when(c, scene), does: 'asks', box: c.pick(scene.boxes).id, words: wordsOf(c), where: c.maybe(0.5) ? 'rung' : 'here' },
});

const BUTTONS = [
  ...(['Start', 'Start', 'Start', 'Keep', 'Keep', 'Stop', 'Stop'] as const),
  ...(['Snooze', 'Undo', 'Undo', 'Approve', 'Set', 'Why'] as const),
];
const PEOPLE = ['owner', 'owner', 'owner', 'approver', 'stranger'] as const;

const wordsOf = (c: Chance): Spoken => ({
  verb: c.pick(['start', 'start', 'start', 'stop', 'stop', 'snooze', 'keep', 'keep', 'why'] as const),
  minutes: c.whole(1, 8) * 15,
});

const againOf = (c: Chance) => (c.maybe(0.3) ? { after: c.whole(1, 15) * 40, meanwhile: c.maybe(0.6) } : null);
