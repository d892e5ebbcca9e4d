/** What types offer, read once and kept; and, once a week for each instance whose policy asks for it, the load that its size is held against. */
import { type InstanceFacts, isGone, type Standing } from '../../decide/decide-instances.ts';
import { familiesBeside, needsSizing, type Offer, type Sizing } from '../../decide/resize.ts';
import { typeFamilyKey, typesShelf } from '../../memory/shelves.ts';
import type { TypeSpec } from '../../model/instance-type.ts';
import type { Instance, Unread } from '../../model/observation.ts';
import { addSeconds, DAY, floorTo, HOUR, type Instant } from '../../model/time.ts';
import { type MetricWanted, readMetrics } from '../../observe/metrics.ts';
import { priceOf } from '../../observe/prices.ts';
import { familyOf, observeTypes } from '../../observe/types.ts';
import { why } from '../../observe/why.ts';
import type { Run } from '../run.ts';
import type { Apart } from './look.ts';

export type Types = ReadonlyMap<string, TypeSpec>;

/** EC2 adds sizes to a family now and then. */
const KEPT = 30 * DAY;

/** Asked for a family, it looks on its shelf before it asks EC2. What cannot be read is said once, and is not there. */
export class TypeReader {
  readonly unread: Unread[] = [];
  readonly #run: Run;
  readonly #specs = new Map<string, TypeSpec>();
  readonly #fresh = new Map<string, readonly TypeSpec[]>();
  readonly #known = new Set<string>();
  #shelf: Promise<void> | null = null;

  constructor(run: Run) {
    this.#run = run;
  }

  async of(types: readonly string[]): Promise<Types> {
    if (types.length === 0) return this.#specs;
    this.#shelf ??= this.#recall();
    await this.#shelf;
    const missing = [...new Set(types.map(familyOf))].filter(family => !this.#known.has(family));
    for (const family of missing) this.#known.add(family);
    if (missing.length > 0) await this.#ask(missing);
    return this.#specs;
  }

  /** What EC2 told just now, to be put on the shelf. */
  kept(): Apart[] {
    const { scope, at } = this.#run;
    const items = [...this.#fresh].map(([family, specs]) => ({
      item: { key: typeFamilyKey(family), value: specs, version: 0 },
      expiresAt: addSeconds(at, KEPT),
    }));
    return items.map(item => ({ shelf: typesShelf(scope), items: [item] }));
  }

  async #recall(): Promise<void> {
    const { memory, scope, at } = this.#run;
    for (const { key, value } of await memory.readShelf(typesShelf(scope), at)) {
      this.#known.add(key.slice(key.indexOf('#') + 1));
      for (const spec of value as readonly TypeSpec[]) this.#specs.set(spec.type, spec);
    }
  }

  async #ask(families: readonly string[]): Promise<void> {
    try {
      const found = await observeTypes(this.#run.clients, families);
      for (const family of families) {
        const specs = [...found.values()].filter(({ type }) => familyOf(type) === family);
        this.#fresh.set(family, specs);
        for (const spec of specs) this.#specs.set(spec.type, spec);
      }
    } catch (error) {
      this.unread.push({ what: `instance types ${families.join(', ')}`, why: why(error) });
    }
  }
}

/** Loads that are read at one look: a fleet that is enrolled in one hour is looked at over some. */
const SIZED_MAX = 50;

export interface Sized {
  readonly sizings: ReadonlyMap<string, Sizing>;
  readonly unread: readonly Unread[];
}

export async function observeSizings(
  { clients, scope, at }: Run,
  facts: Pick<InstanceFacts, 'resources' | 'memory'>,
  standingOf: (instance: Instance) => Standing,
  types: TypeReader,
): Promise<Sized> {
  const due = facts.resources.flatMap(instance => {
    const days = daysToRead(instance, standingOf(instance), facts, at);
    return days === null ? [] : [{ instance, days }];
  });
  if (due.length === 0) return { sizings: new Map(), unread: [] };
  const now = due.slice(0, SIZED_MAX);
  const specs = await types.of(now.flatMap(({ instance }) => familiesBeside(instance.type).map(family => `${family}.`)));
  const { series, unread } = await readMetrics(
    clients,
    now.flatMap(({ instance, days }) => loadsOf(instance, days, at)),
  );
  const sizings = now.flatMap(({ instance }): [string, Sizing][] => {
    const cpu = series.get(cpuKey(instance));
    if (cpu === undefined) return [];
    return [[instance.ref.id, { cpu, memory: series.get(memoryKey(instance)) ?? null, offers: offersFor(instance, specs, scope.region) }]];
  });
  // Where nobody publishes memory there is nothing to be found, and that is what a finding says.
  return { sizings: new Map(sizings), unread: unread.filter(({ what }) => !what.startsWith(MEMORY)) };
}

/** `null`: its size is not looked at now. */
function daysToRead(instance: Instance, standing: Standing, { memory }: Pick<InstanceFacts, 'memory'>, at: Instant): number | null {
  const { policy, gate } = standing;
  const held = memory.get(instance.ref.id);
  if (policy?.resize === undefined || gate !== null || isGone(instance)) return null;
  if (instance.parent !== null || instance.lifecycle !== 'on-demand' || held?.retype != null) return null;
  const isThere = instance.state === 'running' || (instance.state === 'stopped' && held?.stop != null);
  return isThere && needsSizing(instance, held?.sized, at) ? policy.resize.days : null;
}

const cpuKey = ({ ref }: Instance): string => `size cpu ${ref.id}`;
const memoryKey = ({ ref }: Instance): string => `size memory ${ref.id}`;
const MEMORY = 'memory in use';

function loadsOf(instance: Instance, days: number, at: Instant): MetricWanted[] {
  const { id } = instance.ref;
  const end = floorTo(at, HOUR);
  const window = { start: addSeconds(end, -days * DAY), end };
  const cpu = { namespace: 'AWS/EC2', metric: 'CPUUtilization', dimensions: { InstanceId: id }, statistic: 'Maximum' };
  // The agent may add image and type to its dimensions, and the type is what changes: so it is searched by the instance alone.
  const search = `MAX(SEARCH('Namespace="CWAgent" MetricName="mem_used_percent" InstanceId="${id}"', 'Maximum', ${HOUR}))`;
  return [
    { key: cpuKey(instance), asked: cpu, periodSeconds: HOUR, window, what: 'CPU', of: id },
    { key: memoryKey(instance), asked: { expression: search, metrics: {} }, periodSeconds: HOUR, window, what: MEMORY, of: id },
  ];
}

const offersFor = ({ type, platform, tenancy }: Instance, specs: Types, region: string): Offer[] =>
  [...specs.values()]
    .filter(spec => familiesBeside(type).includes(familyOf(spec.type)))
    .map(spec => ({ spec, price: priceOf({ region, type: spec.type, platform, tenancy }) }));

/** Types that stand behind a start which failed, for those whose policy names others. */
export const typesToFallBackOn = (
  facts: Pick<InstanceFacts, 'resources' | 'memory'>,
  standingOf: (instance: Instance) => Standing,
): string[] =>
  facts.resources.flatMap(instance => {
    const wanted = standingOf(instance).policy?.start?.fallbackTypes ?? [];
    const failure = facts.memory.get(instance.ref.id)?.start?.failure ?? null;
    return failure === null || wanted.length === 0 ? [] : [instance.type, ...wanted];
  });
