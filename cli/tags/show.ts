/** What `ebb tags` prints for people. */
import { type Scope, scopeKey } from '../../shared/model/ids.ts';
import { dollars } from '../../shared/model/money.ts';
import type { Unread } from '../../shared/model/observation.ts';
import type { Instant } from '../../shared/model/time.ts';
import { count, share } from '../../shared/report/numbers.ts';
import { offerClause } from '../../shared/report/offers.ts';
import { named, plain, plainList } from '../../shared/report/plain.ts';
import { paint, section, table, wrap } from '../../shared/report/text.ts';
import { clock, moment } from '../../shared/report/when.ts';
import type { Activation } from './activation.ts';
import { type Compliance, type Line, perMonth } from './compliance.ts';
import type { TagRow } from './row.ts';

export interface Shown {
  readonly at: Instant;
  readonly scopes: readonly Scope[];
  readonly compliance: Compliance;
  /** `null`: nobody asked Cost Explorer. */
  readonly activation: Activation | null;
  readonly unread: readonly Unread[];
}

interface View {
  readonly zone: string;
  readonly width: number;
}

/** So many lines of each list: the rest is in `--csv`. */
const LINES_MAX = 12;

export function tagsText({ at, scopes, compliance, activation, unread }: Shown, view: View): string {
  const { width, zone } = view;
  const { byTeam, byAccount, byRegion, byKind, offenders, marked, offers } = compliance;
  const parts = [
    paint('bold', wrap(`Tags of ${clock(zone)(at)} in ${scopes.map(scopeKey).join(', ')}`, width)),
    headline(compliance, view),
    ...section(
      'Could not be read, so this is a part of it',
      ...unread.map(u => wrap(`${plain(u.what)}: ${plain(u.why, 200)}`, width, '    ', '  ! ')),
    ),
    ...lines(
      view,
      'By team',
      byTeam.map(line => [line.team === null ? paint('yellow', 'no team') : plain(line.team, 24), line] as const),
    ),
    ...lines(
      view,
      'By kind',
      byKind.map(line => [line.kind, line] as const),
    ),
    ...(byAccount.length > 1
      ? lines(
          view,
          'By account',
          byAccount.map(line => [line.account, line] as const),
        )
      : []),
    ...(byRegion.length > 1
      ? lines(
          view,
          'By region',
          byRegion.map(line => [line.region, line] as const),
        )
      : []),
    ...keysText(compliance, activation, view),
    ...section('Worst offenders', ...cut(offenders, row => offenderText(row, scopes, view))),
    ...section(`Marked, with a deadline (${zone})`, markedTable(marked, view), more(marked.length)),
    ...section('On offer: nothing of it is written before somebody says yes', ...offersText(offers, view)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function headline({ all, fixable, settling, exempt, unread }: Compliance, { width }: View): string {
  if (all.resources === 0) return 'No resource is in the reach of a policy of tags.';
  const { resources, complete, perMonth: total, unattributed, unpriced, unattributedUnpriced } = all;
  const rest = [
    ...(fixable > 0 ? [`something is written to ${fixable} without asking anybody`] : []),
    ...(settling > 0 ? [`${settling} too young to count`] : []),
    ...(exempt > 0 ? [`${exempt} of which nothing is asked`] : []),
    ...(unread > 0 ? [`${unread} whose tags could not be read`] : []),
  ];
  return [
    wrap(
      `${paint('bold', share(complete / resources))} complete: ${complete} of ${count(resources, 'resource')} carry every required tag.`,
      width,
    ),
    wrap(
      `${paint('bold', dollars(unattributed))} a month of ${dollars(total)} at list prices is unattributed${unpricedNote(unattributedUnpriced, unpriced)}.`,
      width,
    ),
    ...(rest.length === 0 ? [] : [paint('dim', wrap(`${capital(rest.join(', '))}.`, width))]),
  ].join('\n');
}

const unpricedNote = (lacking: number, all: number): string =>
  all === 0
    ? ''
    : `; ${all === lacking ? '' : `${lacking} of `}${count(all, 'resource')} of unknown price ${all === 1 ? 'is' : 'are'} not in it`;

const HEAD = ['', 'complete', '', '', 'unattributed a month'] as const;

function lines({ width }: View, heading: string, all: readonly (readonly [string, Line])[]): string[] {
  const rows = all.slice(0, LINES_MAX).map(([name, line]) => lineCells(name, line, width < 90 ? 0 : 16));
  return section(
    heading,
    table([[...HEAD].map(cell => paint('dim', cell)), ...rows], { right: [1, 2, 4], indent: '  ' }),
    more(all.length),
  );
}

function lineCells(name: string, { resources, complete, unattributed, unattributedUnpriced }: Line, barWidth: number): string[] {
  const part = resources === 0 ? 1 : complete / resources;
  const unknown = unattributedUnpriced === 0 ? '' : ` + ${unattributedUnpriced} unpriced`;
  return [
    name,
    `${complete} of ${resources}`,
    share(part),
    bar(part, barWidth),
    `${unattributed === 0 ? (unknown === '' ? '–' : '') : dollars(unattributed)}${unknown}`,
  ];
}

/** Filled by what is complete; never full unless all of it is. */
function bar(part: number, width: number): string {
  const filled = part === 1 ? width : Math.min(Math.max(0, width - 1), Math.round(part * width));
  return `${paint(part === 1 ? 'green' : 'yellow', '█'.repeat(filled))}${paint('dim', '░'.repeat(width - filled))}`;
}

function keysText({ byKey }: Compliance, activation: Activation | null, { width }: View): string[] {
  if (byKey.length === 0) return [];
  const rows = byKey.map(({ key, lacking, perMonth: amount, unpriced }) => [
    plain(key, 40),
    lacking === 0 ? paint('green', 'nobody lacks it') : `${lacking} lack it`,
    lacking === 0 ? '' : `${dollars(amount)}${unpriced === 0 ? '' : ` + ${unpriced} unpriced`}`,
    activation === null ? '' : standingOf(key, activation),
  ]);
  const note =
    activation === null
      ? 'A tag that is not activated for cost allocation is on no bill: --cost-allocation asks Cost Explorer ($0.01 a request).'
      : activation.why !== null
        ? `Cost Explorer did not tell which keys are activated: ${plain(activation.why, 200)}`
        : '';
  return section(
    'Required keys',
    table(rows, { right: [2], indent: '  ' }),
    note === '' ? '' : paint('dim', wrap(note, width, '  ', '  ')),
  );
}

function standingOf(key: string, { keys }: Activation): string {
  switch (keys.get(key)) {
    case 'active':
      return paint('green', 'on the bill');
    case 'inactive':
      return paint('red', 'on no bill: not activated');
    case 'unseen':
      return paint('yellow', 'billing has not seen it yet');
    default:
      return '';
  }
}

function offenderText(row: TagRow, scopes: readonly Scope[], { width, zone }: View): string {
  const { resource, missing, full, mark, fixes, parent, team } = row;
  const written = fixes.map(({ key, value }) => (value === null ? `${key} goes` : `${key}=${value}`));
  const facts = [
    `${resource.kind}${scopes.length > 1 ? ` in ${scopeKey(resource.scope)}` : ''} lacks ${plainList(missing)}`,
    ...(team === null ? [] : [`team ${plain(team, 32)}`]),
    ...(full === null ? [] : [`carries ${count(full, 'tag')} already, so that nothing can be added`]),
    ...(mark === null ? [] : [`marked, due ${moment(mark.deadline, zone)}`]),
    ...(parent === null ? [] : [`to be put right at its ${parent.kind} ${plain(parent.name)}`]),
    ...(written.length === 0 ? [] : [`to be written: ${plainList(written)}`]),
  ];
  return [
    `  ${costOf(row).padEnd(18)} ${paint('bold', named(resource))}`,
    paint('dim', wrap(facts.join(' · '), width, '      ', '      ')),
  ].join('\n');
}

function costOf(row: TagRow): string {
  const price = perMonth(row);
  return price === null ? 'price unknown' : price === 0 ? 'no cost of its own' : `${dollars(price)} a month`;
}

/** The name gives way first: ids are never cut. */
function markedTable(marked: readonly TagRow[], { width, zone }: View): string {
  const room = Math.max(8, width - 72);
  const rows = marked
    .slice(0, LINES_MAX)
    .map(({ resource: { name, id }, mark, missing }) => [
      mark === null ? '' : moment(mark.deadline, zone),
      name === null || name === id ? plain(id) : `${plain(name, room)} (${plain(id)})`,
      plainList(missing, 2),
    ]);
  return table(rows, { indent: '  ' });
}

function offersText(offers: Compliance['offers'], { width, zone }: View): string[] {
  return cut(offers, ({ offer: { key, value, because, confidence }, rows }) => {
    const [first] = rows;
    const whose = rows.length === 1 && first !== undefined ? named(first.resource) : count(rows.length, 'resource');
    const example = rows.length === 1 || first === undefined ? '' : `${named(first.resource)}: `;
    return [
      `  ${paint('bold', `${plain(key, 40)}=${plain(value)}`)} for ${whose} (${confidence})`,
      paint('dim', wrap(`${example}${offerClause(because, clock(zone))}`, width, '      ', '      ')),
    ].join('\n');
  });
}

const cut = <T>(all: readonly T[], text: (one: T) => string): string[] => [...all.slice(0, LINES_MAX).map(text), more(all.length)];

const more = (all: number): string => (all <= LINES_MAX ? '' : paint('dim', `  … and ${all - LINES_MAX} more: --csv lists them all`));

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
