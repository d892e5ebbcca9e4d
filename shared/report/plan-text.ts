/** A plan for a terminal: what would change and why, and why everything else is left alone. */
import { type ResourceRef, type Scope, scopeKey } from '../model/ids.ts';
import type { Unread } from '../model/observation.ts';
import type { Change, Left, Plan } from '../model/plan.ts';
import { predict, predictionPhrase, totalPhrase } from './amounts.ts';
import { count } from './numbers.ts';
import { named, plain } from './plain.ts';
import { actionPhrase, clause, interest, lossPhrase, needsALook, sentence } from './sentences.ts';
import { block, PAGE_WIDTH, paint, section, table, wrap } from './text.ts';
import { clock } from './when.ts';

export interface View {
  /** IANA zone the times are told in. Default `UTC`. */
  readonly zone?: string;
  /** Columns of the page. */
  readonly width?: number;
}

/** What `ebb plan` prints: what could not be read, the changes in rank order, and what is left alone, grouped by reason. */
export function planText(plan: Plan, view: View = {}): string {
  const changing = new Set(plan.changes.map(c => c.resource.id));
  const seen = new Set([...plan.changes, ...plan.left].map(one => one.resource.id));
  const parts = [
    paint('bold', wrap(`Plan of ${clock(view.zone)(plan.at)} for ${plan.scopes.map(scopeKey).join(', ') || 'no scope'}`, view.width)),
    ...section('Could not be read, so this plan is partial', ...plan.unread.map(u => unreadLine(u, view))),
    headline(plan, seen.size, view),
    ...plan.changes.map(change => changeText(change, plan.scopes, view)),
    ...section(
      `Left alone: ${seen.size - changing.size} of ${count(seen.size, 'resource')}; each pen has its own answer`,
      leftText(plan.left, view),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What `ebb why` answers for one resource, by its id or name; `null` when the plan has never heard of it. */
export function whyText(plan: Plan, id: string, view: View = {}): string | null {
  const isIt = ({ resource }: { resource: ResourceRef }) => resource.id === id || resource.name === id;
  const answers = [
    ...plan.changes.filter(isIt).map(change => changeText(change, plan.scopes, view)),
    ...plan.left.filter(isIt).map(one => leftAnswer(one, plan.scopes, view)),
  ];
  if (answers.length === 0) return null;
  return `${[...answers, ...section('Could not be read', ...plan.unread.map(u => unreadLine(u, view)))].join('\n\n')}\n`;
}

function headline({ changes }: Plan, seen: number, { width = PAGE_WIDTH }: View): string {
  if (seen === 0) return 'Nothing was seen: no resource in these scopes is in the reach of a policy.';
  if (changes.length === 0) return `No changes. ${count(seen, 'resource')} seen, all left alone.`;
  const act = changes.filter(c => c.mode === 'act').length;
  const only = changes.length - act;
  const modes = [act > 0 ? [`${act} in mode act`] : [], only > 0 ? [`${only} in mode plan (the Lambdas report, and do not act)`] : []];
  const expected = predict(changes);
  return [
    wrap(`${paint('bold', count(changes.length, 'change'))}: ${totalPhrase(expected)}.`, width),
    wrap(`${modes.flat().join(', ')}.`, width),
    ...(expected.money.low === expected.money.high ? [] : [paint('dim', wrap(COMMITMENTS, width))]),
  ].join('\n');
}

const COMMITMENTS = 'The low end counts nothing that a Savings Plan or Reserved Instance may have paid for already.';

function changeText(change: Change, scopes: readonly Scope[], { zone, width = PAGE_WIDTH }: View): string {
  const facts = [
    `policy ${plain(change.policy)}, mode ${change.mode}`,
    ...(change.owner === null ? [] : [`owner ${plain(change.owner)}`]),
    ...(change.attempt > 1 ? [`attempt ${change.attempt}`] : []),
  ];
  return [
    `${paint(VERB_PAINT[change.action.kind], actionPhrase(change.action, change.expects).toUpperCase())}  ${name(change.resource, scopes)}`,
    ...[
      sentence(change.because, zone),
      ...(change.saving === null ? [] : [`${capital(predictionPhrase(change.saving))}.`]),
      ...(change.losing.length === 0 ? [] : [`Not undone by itself: ${change.losing.map(lossPhrase).join('; ')}.`]),
      paint('dim', `${facts.join(' · ')} · ${change.id}`),
    ].map(line => block(line, '    ', width)),
  ].join('\n');
}

const VERB_PAINT = {
  'stop-instance': 'yellow',
  'start-instance': 'green',
  'modify-instance-type': 'yellow',
  'set-desired-capacity': 'yellow',
  'set-min-size': 'yellow',
  'set-sizes': 'yellow',
  'set-environment-min-size': 'yellow',
  'pause-environment': 'yellow',
  'resume-environment': 'green',
  'create-tags': 'yellow',
  'delete-tags': 'green',
  'replace-tags': 'yellow',
  'tag-group': 'yellow',
  'tag-environment': 'yellow',
} as const;

/** One line a reason, what somebody should look into first, then the commonest: how many, one of them with its evidence, and the names of a few more. */
function leftText(left: readonly Left[], { zone, width = PAGE_WIDTH }: View): string {
  const groups = [...Map.groupBy(left, one => one.because.code)]
    .map(([code, members]) => [code, oneEach(members)] as const)
    .sort(([a, as], [b, bs]) => interest(a) - interest(b) || bs.length - as.length || (a < b ? -1 : 1));
  const rows = groups.map(([code, members]) => [String(members.length), needsALook(code) ? paint('yellow', code) : code]);
  const heads = table(rows, { right: [0], indent: '  ' }).split('\n');
  return groups
    .map(([, members], i) => {
      const [first, ...others] = members;
      const example = first === undefined ? '' : `${named(first.resource)}: ${clause(first.because, zone)}`;
      const more = others.slice(0, 3).map(one => plain(one.resource.name ?? one.resource.id));
      const rest = others.length > more.length ? [`${others.length - more.length} more`] : [];
      const also = others.length === 0 ? '' : `; also ${[...more, ...rest].join(', ')}`;
      return `${heads[i]}\n${paint('dim', block(`${example}${also}`, '        ', width))}`;
    })
    .join('\n');
}

/** Two pens may leave one resource for one reason. */
const oneEach = (members: readonly Left[]): Left[] => [...new Map(members.map(one => [one.resource.id, one])).values()];

function leftAnswer({ resource, because, policy, pen }: Left, scopes: readonly Scope[], { zone, width = PAGE_WIDTH }: View): string {
  const facts = `${policy === null ? 'no policy' : `policy ${plain(policy)}`} · seen by ${pen}`;
  return [name(resource, scopes), block(sentence(because, zone), '    ', width), paint('dim', `    ${facts}`)].join('\n');
}

const unreadLine = ({ what, why }: Unread, { width = PAGE_WIDTH }: View): string =>
  wrap(`${plain(what)}: ${plain(why, 200)}`, width, '  ', paint('red', '! '));

/** With its scope where the plan spans several. */
const name = (resource: ResourceRef, scopes: readonly Scope[]): string =>
  `${paint('bold', named(resource))}${scopes.length > 1 ? `  ${scopeKey(resource.scope)}` : ''}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
