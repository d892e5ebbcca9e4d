/** A statement for a terminal: its figures, one line for each team, policy or whatever was asked for, and what they rest on. */
import type { Line, Range, Statement } from '../ledger/statement.ts';
import type { Scope } from '../model/ids.ts';
import { dollars } from '../model/money.ts';
import { DAY, HOUR, lengthSeconds } from '../model/time.ts';
import { range } from './amounts.ts';
import { count, hours } from './numbers.ts';
import { named, plain, plainList } from './plain.ts';
import { type Grouping, linesBy, type NamedLine } from './statement-lines.ts';
import { PAGE_WIDTH, paint, section, table, wrap } from './text.ts';
import { clock, days } from './when.ts';

export interface StatementView {
  readonly by: Grouping;
  readonly scopes: readonly Scope[];
  /** IANA zone the times are told in. */
  readonly zone: string;
  readonly width?: number;
}

export function statementText(statement: Statement, { by, scopes, zone, width = PAGE_WIDTH }: StatementView): string {
  const accounts = [...new Set(scopes.map(scope => scope.account))];
  const where = accounts.length === 1 ? `account ${accounts[0]}` : count(accounts.length, 'account');
  const parts = [
    paint('bold', `Statement · ${days(statement.window, zone)} · ${where}`),
    ...(isEmpty(statement) ? [wrap(EMPTY, width)] : [figuresText(statement)]),
    ...section(`By ${by}`, linesText(statement, by)),
    paint('dim', wrap(provenance(statement, zone), width)),
  ];
  return `${parts.join('\n\n')}\n`;
}

const EMPTY =
  'No meter ran in this window: nothing was stopped or resized by us, or the tables are those of a deployment that has not acted yet.';

const isEmpty = ({ total }: Statement): boolean => total.meters === 0;

function figuresText(statement: Statement): string {
  const { total, net, ownCost, corrections, proposals, sealedDays } = statement;
  const { money } = total;
  const unknown = (total.unpricedSeconds + total.asleepSeconds) / HOUR;
  const rows: (readonly [string, string])[] = [
    ...(money === null
      ? [['Saved', 'unknown, see the hours'] as const]
      : [
          ['Saved, to be counted on', paint('bold', dollars(money.headline))] as const,
          ['From at least to at most', range(money.total)] as const,
          ['… of that realised', range(money.realised)] as const,
          ['… and still open', range(money.open)] as const,
        ]),
    ...(ownCost.days === 0
      ? []
      : [['What Ebbtide itself cost', `${dollars(ownCost.cost)} (${count(ownCost.days, 'day')} on record)`] as const]),
    ...(net === null || ownCost.days === 0 ? [] : [['Net of that', range(net)] as const]),
    ['Instance-hours avoided', hours(total.avoidedSeconds / HOUR)],
    ...(unknown === 0 ? [] : [['Hours of unknown worth', hours(unknown)] as const]),
    ...(total.resizedSeconds === 0 ? [] : [['Hours as another type', hours(total.resizedSeconds / HOUR)] as const]),
    ...(corrections.length === 0 ? [] : [['Corrected by the bill', count(corrections.length, 'meter')] as const]),
    ...(proposals.changes === 0
      ? []
      : [['Only proposed, in no sum', `${count(proposals.changes, 'change')}${worthOf(proposals.money)}`] as const]),
    ...(sealedDays === 0 ? [] : [['Days read sealed', String(sealedDays)] as const]),
  ];
  return table(rows.map(([label, value]) => [`  ${label}`, value]));
}

const worthOf = (money: Range | null): string => (money === null ? '' : `, ${range(money)}`);

const HEAD = ['', 'at least', 'at most', 'avoided', 'unknown', 'meters', 'grades'];

function linesText(statement: Statement, by: Grouping): string {
  const lines = linesBy(statement, by);
  if (lines.length === 0) return '';
  return table([HEAD, ...lines.map(lineCells)], { right: [1, 2, 3, 4, 5], indent: '  ' });
}

const lineCells = ({ name, line, resource }: NamedLine): string[] => [
  resource !== undefined ? `${named(resource)} ${resource.scope.region}` : name === null ? 'none' : plain(name),
  line.money === null ? 'unknown' : dollars(line.money.total.low),
  line.money === null ? 'unknown' : dollars(line.money.total.high),
  hours(line.avoidedSeconds / HOUR),
  hours((line.unpricedSeconds + line.asleepSeconds) / HOUR),
  String(line.meters),
  grades(line),
];

/** `12 B, 3 hours only` */
const grades = ({ grades: { A, B, C, 'hours-only': rest } }: Line): string =>
  [A > 0 ? [`${A} A`] : [], B > 0 ? [`${B} B`] : [], C > 0 ? [`${C} C`] : [], rest > 0 ? [`${rest} hours only`] : []].flat().join(', ');

function provenance({ window, at, total, priceSources }: Statement, zone: string): string {
  return [
    ...(priceSources.length === 0 ? [] : [`Prices: ${plainList(priceSources)}.`]),
    ...(total.grades.C === 0 ? [] : ['What a Savings Plan or Reserved Instance may have paid for already is not in the low end.']),
    'Grades: A verified on the bill, B measured, C a range or declared, hours only where price or baseline is unknown.',
    `${lengthSeconds(window) < 2 * DAY ? 'Counted' : 'Days of'} ${zone}; as of ${clock(zone)(at)}.`,
  ].join(' ');
}
