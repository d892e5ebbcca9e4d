/** Tags of all kinds of things, what their policy says, and what people do to them, drawn for a seed. */
import { addSeconds, type Instant } from '../../shared/model/time.ts';
import { type Chance, chance } from './chance.ts';
import { type Box, type Deed, FLEET_TAGS, type TagWays, type Thing } from './plot.ts';

export function tagWaysOf(c: Chance): TagWays | null {
  if (c.maybe(0.25)) return null;
  const more = (['volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment'] as const).filter(() => c.maybe(0.6));
  return {
    mode: c.maybe(0.92) ? 'act' : 'plan',
    resources: ['instance', ...more],
    grace: c.pick([2, 2, 2, 3, 4]),
    settle: c.pick([60, 300, 600]),
    escalates: c.maybe(0.85),
    owners: c.pick(['any', 'listed']),
    respells: c.maybe(0.5),
    costCentre: c.pick(['default', 'required', 'pattern', 'upper']),
    inherits: c.maybe(0.6),
    tight: c.maybe(0.25),
  };
}

type Tags = Record<string, string>;
interface Wearer {
  readonly id: string;
  readonly tags?: Readonly<Tags>;
}

/** The same thing in tags that leave something to do. */
export function dressed<T extends Wearer>(seed: number, wearer: T, ways: TagWays): T {
  const c = chance(seed, `tags of ${wearer.id}`);
  return { ...wearer, tags: wornBy(c, wearer.tags ?? FLEET_TAGS, ways) };
}

function wornBy(c: Chance, { environment, ...rest }: Readonly<Tags>, { respells }: TagWays): Tags {
  const tags: Tags = { ...rest, ...costs(c) };
  if (c.maybe(0.35)) tags['owner'] = c.pick(['Team', 'nobody', '', '', 'payroll']);
  Object.assign(tags, environment === undefined ? {} : respells && c.maybe(0.35) ? spelt(c, environment) : { environment });
  if (c.maybe(0.05)) tags['aws:cloudformation:stack-name'] = 'stack';
  if (c.maybe(0.06)) for (let i = Object.keys(tags).length; i < c.whole(48, 50); i++) tags[`note-${i}`] = 'x';
  return tags;
}

const costs = (c: Chance): Tags =>
  c.pick<Tags>([{ 'cost-centre': 'CC-101' }, { 'cost-centre': 'CC-101' }, { 'cost-centre': 'cc-101' }, { 'cost-centre': '' }, {}, {}]);

const LONG: Readonly<Tags> = { prod: 'production', dev: 'development' };

function spelt(c: Chance, environment: string): Tags {
  const capital = environment.charAt(0).toUpperCase() + environment.slice(1);
  return c.pick<Tags>([
    { Env: environment },
    { env: capital },
    { environment: capital },
    { environment: LONG[environment] ?? environment },
    { Env: 'prod', environment },
    { Env: environment, environment: capital },
  ]);
}

export function thingsOf(seed: number, boxes: readonly Box[], ways: TagWays): Thing[] {
  const c = chance(seed, 'things');
  return Array.from({ length: c.whole(1, 5) }, (_, i) => {
    const id = `thing-${i + 1}`;
    const mine = chance(seed, id);
    const kind = mine.pick(['volume', 'elastic-ip', 'root-volume', 'root-volume', 'snapshot'] as const);
    const box = kind === 'root-volume' || kind === 'snapshot' ? (boxes[i]?.id ?? null) : null;
    const worn = mine.maybe(0.4) ? {} : { environment: mine.pick(['dev', 'prod']), ...(mine.maybe(0.4) && { owner: 'team' }) };
    return { id, kind: box === null && kind !== 'elastic-ip' ? 'volume' : kind, box, tags: wornBy(mine, worn, ways) };
  });
}

interface Scene {
  readonly boxes: readonly Box[];
  readonly things: readonly Thing[];
  readonly from: Instant;
  readonly calm: Instant;
}

/** Tags put right and spoilt, marks that are none of ours; all through the troubled part. */
export function tagDeedsOf(seed: number, { grace }: TagWays, { boxes, things, from, calm }: Scene): Deed[] {
  const count = chance(seed, 'tag deeds').whole(1, 6);
  const span = (Date.parse(calm) - Date.parse(from)) / 1000;
  const late = (c: Chance) => addSeconds(from, Math.floor((grace / 64) * 86_400 * (0.95 + 1.2 * c.number())));
  // Somebody hears of it once something has followed.
  const saved = boxes.flatMap(({ id: box }): Deed[] => {
    const c = chance(seed, `completes ${box}`);
    return c.maybe(0.5) ? [{ id: `completes-${box}`, at: late(c), box, does: 'tags', tags: COMPLETE }] : [];
  });
  const others = Array.from({ length: count }, (_, i): Deed => {
    const id = `tag-deed-${i + 1}`;
    const c = chance(seed, id);
    const at = addSeconds(from, Math.floor(c.number() * 0.95 * span));
    const box = c.maybe(0.7) ? c.pick(boxes).id : c.pick([...boxes, ...things]).id;
    const does = c.pick(DEEDS);
    if (does === 'unmarks') return { id, at, box, does: 'untags', keys: ['ebb:mark'] };
    if (does === 'strips') return { id, at, box, does: 'untags', keys: [c.pick(['owner', 'cost-centre', 'environment'])] };
    return { id, at, box, does: 'tags', tags: c.pick<Tags>(WRITTEN[does]) };
  });
  return [...saved.filter(deed => deed.at < calm), ...others];
}

const DEEDS = ['completes', 'completes', 'completes', 'completes', 'marks', 'unmarks', 'strips', 'spoils', 'respells'] as const;

const COMPLETE = { owner: 'team', 'cost-centre': 'CC-101' };
const WRITTEN = {
  completes: [COMPLETE, COMPLETE, { ...COMPLETE, environment: 'dev' }, { owner: 'payroll' }, { 'cost-centre': 'CC-202' }],
  marks: [{ 'ebb:mark': 'missing owner - due 2020-01-01T00:00:00Z' }, { 'ebb:mark': 'missing nothing - due 2099-01-01T00:00:00Z' }],
  spoils: [{ owner: '' }, { 'cost-centre': '' }, { owner: 'nobody' }, { 'cost-centre': 'x' }],
  respells: [{ Env: 'production' }, { environment: 'Dev' }, { env: 'prod' }, { environment: 'Production' }],
} as const satisfies Readonly<Record<string, readonly Tags[]>>;
