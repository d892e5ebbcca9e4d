/** What a policy of tags asks, reckoned from what was drawn and not from how the house reads it; and what the world's record says of tags. */
import { addSeconds, epochSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Plot, TagWays } from '../swarm/plot.ts';
import { COST_CENTRE, ENVIRONMENTS, OWNERS, SPELLINGS, UNSORTED } from '../swarm/rules.ts';
import type { Write } from '../world/record.ts';
import { isOurs, policiesAt, tagsAt, tagsBefore, tagsIn } from './facts.ts';
import type { Standing } from './looked.ts';

export type Tags = Readonly<Record<string, string>>;

export const MARK = 'ebb:mark';

const USUAL: TagWays = {
  ...{ mode: 'act', resources: ['instance'], grace: 7 * 64, settle: 600, escalates: false, owners: 'any' },
  ...{ respells: false, costCentre: 'default', inherits: false, tight: false },
};

/** `null`: no tags are required. */
export const waysOf = ({ rules }: Plot): TagWays | null => (rules.tags ? (rules.tagWays ?? USUAL) : null);

/** Seconds from a mark to its deadline. */
export const graceOf = ({ grace }: TagWays): number => (grace * 86_400) / 64;

/** Keys that are absent, empty, or hold what is not allowed. */
export function lacking(ways: TagWays, tags: Tags): string[] {
  const owner = tags['owner'] ?? '';
  const environment = tags['environment'] ?? '';
  const cost = tags['cost-centre'] ?? '';
  const listed = (value: string, values: readonly string[]) => values.some(v => v.toLowerCase() === value.toLowerCase());
  return [
    ...(owner === '' || (ways.owners === 'listed' && !listed(owner, OWNERS)) ? ['owner'] : []),
    ...(ways.respells && !listed(environment, ENVIRONMENTS) ? ['environment'] : []),
    ...(cost === '' ||
    (ways.costCentre === 'pattern' && !new RegExp(`^(?:${COST_CENTRE})$`).test(cost)) ||
    (ways.costCentre === 'upper' && cost !== cost.toUpperCase())
      ? ['cost-centre']
      : []),
  ];
}

/** The tags as the policy would have them, as far as it says so. @param source of what it hangs on. */
export function putRight(ways: TagWays, worn: Tags, source: Tags | null): Tags {
  const tags: Record<string, string> = { ...worn };
  if (ways.respells) oneSpelling(tags);
  const spell = (key: string, how: (value: string) => string) => {
    if ((tags[key] ?? '') !== '') tags[key] = how(tags[key] ?? '');
  };
  if (ways.respells) spell('environment', environmentSpelt);
  if (ways.owners === 'listed') spell('owner', value => asListed(value, OWNERS));
  if (ways.costCentre === 'upper') spell('cost-centre', value => value.toUpperCase());
  for (const key of ways.inherits && source !== null ? ['owner', 'environment', 'cost-centre'] : []) {
    const value = source?.[key] ?? '';
    if ((tags[key] ?? '') === '' && value !== '' && !lacking(ways, { ...FINE, [key]: value }).includes(key)) tags[key] = value;
  }
  if (ways.costCentre === 'default' && (tags['cost-centre'] ?? '') === '') tags['cost-centre'] = UNSORTED;
  const again = worn !== tags && Object.keys({ ...worn, ...tags }).some(key => worn[key] !== tags[key]);
  return again ? putRight(ways, tags, source) : tags;
}

const FINE: Tags = { owner: 'team', environment: 'dev', 'cost-centre': 'CC-101' };

/** Two that contradict each other stay, both of them. */
function oneSpelling(tags: Record<string, string>): void {
  const others = ['Env', 'env'].filter(key => (tags[key] ?? '') !== '');
  const values = new Set(others.map(key => environmentSpelt(tags[key] ?? '')));
  const [value] = values;
  const held = tags['environment'] ?? '';
  if (value === undefined || values.size > 1 || (held !== '' && environmentSpelt(held) !== value)) return;
  tags['environment'] = value;
  for (const key of others) delete tags[key];
}

const environmentSpelt = (value: string): string =>
  asListed(Object.entries(SPELLINGS).find(([, others]) => others.includes(value))?.[0] ?? value, ENVIRONMENTS);

const asListed = (value: string, values: readonly string[]): string => values.find(v => v.toLowerCase() === value.toLowerCase()) ?? value;

/** Of what it hangs on: the instance of a volume, the volume of a snapshot. */
export function sourceOf({ cloud, plot, ids }: Evidence, id: string): string | null {
  if (id.startsWith('vol-')) return cloud.record.instances().find(m => m.volumes.includes(id))?.id ?? null;
  const copy = plot.things?.find(thing => thing.kind === 'snapshot' && ids.get(thing.id) === id);
  return copy === undefined ? null : (cloud.record.machine(ids.get(copy.box ?? '') ?? '')?.volumes[0] ?? null);
}

/** What it may inherit at an instant: the tags of its source as they are, and as they should be; nothing any more, where that is gone. */
export function heritages(evidence: Evidence, ways: TagWays, id: string, wornBy: (id: string) => Tags): (Tags | null)[] {
  const source = sourceOf(evidence, id);
  if (source === null) return [null];
  const worn = wornBy(source);
  const gone = isOrphan(evidence, id) ? [null] : [];
  return [...gone, ...heritages(evidence, ways, source, wornBy).flatMap(above => [worn, putRight(ways, worn, above)])];
}

/** What it hung on is gone: it is its own from then on. */
export function isOrphan(evidence: Evidence, id: string): boolean {
  const ended = evidence.cloud.record.machine(id)?.terminatedAt;
  if (ended != null) return true;
  const source = sourceOf(evidence, id);
  return source !== null && isOrphan(evidence, source);
}

/** Whoever made it writes its tags: a group, a stack; or made what it hangs on. */
export function isMade(evidence: Evidence, id: string, at: Instant): boolean {
  if (evidence.cloud.record.machine(id)?.group != null) return true;
  if (tagsAt(evidence, id, at)['aws:cloudformation:stack-name'] !== undefined) return true;
  const source = sourceOf(evidence, id);
  return source !== null && isMade(evidence, source, at);
}

export type Kind = TagWays['resources'][number];

export function kindOf({ plot }: Evidence, id: string): Kind {
  if (id.startsWith('i-')) return 'instance';
  if (id.startsWith('vol-')) return 'volume';
  if (id.startsWith('snap-')) return 'snapshot';
  if (id.startsWith('eipalloc-')) return 'elastic-ip';
  return plot.fleets.some(f => f.id === id && f.kind === 'environment') ? 'beanstalk-environment' : 'auto-scaling-group';
}

/** When a mark of ours that still stands before this write was set first; what people make of the tag meanwhile does not count. */
export function markedSince({ cloud }: Evidence, id: string, before: number): Instant | null {
  let since: Instant | null = null;
  for (const write of cloud.record.writes) {
    if (write.sequence >= before) break;
    if (!isOurs(write) || (write.changed.length === 0 && write.error !== null)) continue;
    const { written, removed } = tagsIn(write, id);
    if (removed.includes(MARK)) since = null;
    else if (written[MARK] !== undefined) since ??= write.at;
  }
  return since;
}

/** A function whose clock is ahead sees a boundary that many seconds early. */
const SKEW = 5;

/** Why a stop that argues from a mark should not have been. */
export function notToEscalate(evidence: Evidence, write: Write, id: string, standing: Standing) {
  const ways = waysOf(evidence.plot);
  if (ways === null || !ways.escalates) return 'for its tags, which nothing follows from';
  if (standing(({ at }) => policiesAt(evidence, at).some(p => p.kind === 'tags' && p.mode === 'plan')))
    return 'for its tags, whose policy only plans';
  if (standing(({ before }) => lacking(ways, tagsBefore(evidence, id, before)).length === 0)) return 'for its tags, which are complete';
  const since = markedSince(evidence, id, write.sequence);
  if (since === null) return 'for its tags, of which no mark of ours told';
  const deadline = addSeconds(since, graceOf(ways));
  if (write.at < addSeconds(deadline, -SKEW)) return `for its tags, marked at ${since}, before their deadline`;
  const start = evidence.cloud.record.writes.findLast(
    w => w.sequence < write.sequence && w.action === 'StartInstances' && w.changed.includes(id),
  );
  const warned = warnedAt(evidence, id, since, write.at, graceOf(ways) / 2);
  if (warned === null)
    return isExcused(evidence, since, write.at) ? null : 'for its tags, and nobody was warned half of their grace before';
  const due = Math.max(epochSeconds(deadline), epochSeconds(warned) + graceOf(ways) / 2);
  return start !== undefined && !isOurs(start) && epochSeconds(start.at) > due + SKEW ? 'for its tags, and started by hand since' : null;
}

/** The last warning that Slack heard and that stood for so many seconds; a few minutes pass from the outbox to Slack. */
function warnedAt({ told, ids }: Evidence, id: string, since: Instant, at: Instant, stands: number): Instant | null {
  const name = [...ids].find(([, i]) => i === id)?.[0] ?? id;
  const latest = addSeconds(at, -stands + MAIL);
  const speaks = (body: string) => (body.includes(id) || body.includes(name)) && body.includes('still lacks');
  return told.find(t => t.at >= since && t.at <= latest && speaks(t.body))?.at ?? null;
}

const MAIL = 6 * MINUTE;

/** While Slack hears nothing, or what is on its way to it is lost, a warning waits in the outbox, which keeps no past. */
const isExcused = ({ hits }: Evidence, from: Instant, to: Instant): boolean =>
  hits.some(
    ({ kind, what, at }) => at >= from && at <= to && (/slack|table|crash|lambda-timeout|lost-tick/.test(kind) || /ssm/.test(what)),
  );
