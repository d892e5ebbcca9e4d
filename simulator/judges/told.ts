/** Whether an owner has been told why something of theirs does not come back: by its name, to them, and with what the world had really answered. */
import { addSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import { OWNERS } from '../people/answers.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { FaultKind } from '../swarm/plot.ts';
import { isOurs, nameOf, tagsAt, targetsOf } from './facts.ts';

/** In Slack, with the named cause and before whose it is; or on its way there for some minutes, or for as long as Slack is deaf. */
export function isTold(evidence: Evidence, id: string, due: Instant, until: Instant): boolean {
  const heard = evidence.told.some(({ at, body }) => at >= due && at <= until && tells(evidence, id, at, body));
  return heard || evidence.memory.some(item => item.pk === 'outbox' && waits(evidence, id, until, item['value'] as Waiting));
}

const SAYS = /does not come back(?! by itself)/;

function tells(evidence: Evidence, id: string, at: Instant, body: string): boolean {
  if (![id, nameOf(evidence, id)].some(name => body.includes(name)) || !SAYS.test(body)) return false;
  const owners = [at, addSeconds(at, -MAIL)].map(when => tagsAt(evidence, id, when)['ebb:owner']);
  return owners.some(owner => reaches(evidence, owner, body)) && causes(evidence, id, at).some(cause => cause.test(body));
}

/** Named where everybody reads, or told in their own place, where there is one. */
function reaches({ plot }: Evidence, owner: string | undefined, body: string): boolean {
  const place = plot.rules.toldIn === 'dm' ? OWNERS.get(owner ?? '') : undefined;
  const { channel } = JSON.parse(body) as { channel?: string };
  return owner === undefined || (body.includes(owner) && (place === undefined || channel === place));
}

/** What the world has answered by then to whoever would bring it back: the errors of its calls, the reason of a fall, or what is in the way of all calls. */
function causes(evidence: Evidence, id: string, at: Instant): RegExp[] {
  const { cloud, hits } = evidence;
  const refusals = cloud.record.writes.filter(w => w.at <= at && w.error !== null && isOurs(w) && targetsOf(w).includes(id));
  const fell = cloud.record.transitions.some(t => t.instance === id && t.at <= at && t.from === 'pending' && t.to === 'stopped');
  const faults = new Set(hits.filter(hit => hit.at <= at && hit.at > addSeconds(at, -REMEMBERED)).map(hit => hit.kind));
  return [
    ...refusals.map(({ error }) => new RegExp(`\\b${error}\\b`)),
    ...(fell ? [/Client\.InternalError/, /fell back to stopped/] : []),
    ...[...faults].flatMap(kind => IN_THE_WAY[kind] ?? []),
  ];
}

/** An attempt that failed is told of at its third and fifth repetition, too. */
const REMEMBERED = 60 * MINUTE;

const NO_ANSWER = /TimeoutError|did not answer|no answer from AWS|did not take effect/;
const IN_THE_WAY: Partial<Readonly<Record<FaultKind, RegExp>>> = {
  throttle: /RequestLimitExceeded|Throttling/,
  'server-error': /InternalFailure|Unavailable|InternalError/,
  'timeout-before': NO_ANSWER,
  'timeout-after': NO_ANSWER,
  'crash-before-call': NO_ANSWER,
  'crash-after-call': NO_ANSWER,
  'lambda-timeout': NO_ANSWER,
};

interface Waiting {
  readonly notice?: { readonly kind: string; readonly at: Instant; readonly resource?: { readonly id: string } };
}

function waits({ hits }: Evidence, id: string, until: Instant, { notice }: Waiting): boolean {
  if (notice?.kind !== 'start-failing' || notice.resource?.id !== id || notice.at > until) return false;
  const isDeaf = hits.some(hit => hit.at >= notice.at && DEAF.test(`${hit.kind} ${hit.what}`));
  return isDeaf || notice.at > addSeconds(until, -MAIL);
}

/** What keeps a message from being taken, or from being seen to be: whoever tells may be ill, too. */
const DEAF = /slack|table|ssm|lost-tick/;
/** From the outbox to Slack: its tick, and the run. */
const MAIL = 6 * MINUTE;
