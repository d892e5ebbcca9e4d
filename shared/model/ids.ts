/** Who and where: every type in the house carries its scope from the first day. */
import { createHash } from 'node:crypto';

/** A value of type T that cannot be mistaken for another T: made only by its own constructor function. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** One account in one region: the shard that one worker observes and acts on at a time. */
export interface Scope {
  /** Twelve digits. */
  readonly account: string;
  /** Region code such as `eu-west-1`. */
  readonly region: string;
}

/** `123456789012/eu-west-1`: FIFO message group, table partition and log field alike. */
export const scopeKey = (scope: Scope): string => `${scope.account}/${scope.region}`;

export const sameScope = (a: Scope, b: Scope): boolean => a.account === b.account && a.region === b.region;

export type ResourceKind = 'instance' | 'volume' | 'snapshot' | 'elastic-ip' | 'auto-scaling-group' | 'beanstalk-environment';

/** An environment's id is unlike any name that people give a group, so that ids alone tell which is meant. */
export const isEnvironmentId = (id: string): boolean => /^e-[a-z0-9]{10}$/.test(id);

/** EC2's ids tell what they are of; an address is known by its allocation. What is no id is the name of a group. */
export function kindOfId(id: string): ResourceKind {
  const [, prefix = ''] = /^(i|vol|snap|eipalloc)-[0-9a-f]{8,17}$/.exec(id) ?? [];
  return EC2_IDS[prefix] ?? (isEnvironmentId(id) ? 'beanstalk-environment' : 'auto-scaling-group');
}

const EC2_IDS: Readonly<Record<string, ResourceKind>> = { i: 'instance', vol: 'volume', snap: 'snapshot', eipalloc: 'elastic-ip' };

/** What a change is about. `id` is EC2's or the environment's id, or the group's name; `name` is what people call it. */
export interface ResourceRef {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string | null;
  readonly scope: Scope;
}

/** What people see: `payroll-test (i-0abc…)`, or the id alone. */
export const label = (resource: Pick<ResourceRef, 'id' | 'name'>): string =>
  resource.name === null || resource.name === resource.id ? resource.id : `${resource.name} (${resource.id})`;

/** The visible copy of a mark: the tag whose writing makes a mark, and whose removal clears it. Memory is the truth. */
export const MARK_TAG = 'ebb:mark';

/** Each pen is the only writer of one kind of fact. Its name is its Lambda's name. */
export type Pen = 'resize-fleets' | 'stop-start-instances' | 'enforce-tags';
export const PENS: readonly Pen[] = ['resize-fleets', 'stop-start-instances', 'enforce-tags'];

export type Tags = Readonly<Record<string, string>>;

/** First 20 hex digits of a SHA-256 over the canonical JSON of `value`: keys sorted, so that equal facts have equal ids. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 20);
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join(',')}}`;
}
