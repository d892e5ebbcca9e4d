/** A statement by team, policy, account and so on, as a spreadsheet takes it. */
import type { Line, Statement } from '../ledger/statement.ts';
import type { ResourceRef } from '../model/ids.ts';
import { HOUR } from '../model/time.ts';
import { csv } from './csv.ts';
import { CLASSES } from './summary-words.ts';

export const GROUPINGS = ['team', 'policy', 'account', 'owner', 'class', 'resource'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface NamedLine {
  /** `null`: what carries no owner, or no team. */
  readonly name: string | null;
  readonly line: Line;
  /** By resource only. */
  readonly resource?: ResourceRef;
}

/** By the high bound, greatest first. */
export const linesBy = (statement: Statement, by: Grouping): NamedLine[] => named(statement, by).toSorted(byWorth);

function named(statement: Statement, by: Grouping): NamedLine[] {
  switch (by) {
    case 'team':
      return statement.byTeam.map(line => ({ name: line.team, line }));
    case 'policy':
      return statement.byPolicy.map(line => ({ name: line.policy, line }));
    case 'account':
      return statement.byAccount.map(line => ({ name: line.account, line }));
    case 'owner':
      return statement.byOwner.map(line => ({ name: line.owner, line }));
    case 'class':
      return statement.byClass.map(line => ({ name: CLASSES[line.class], line }));
    case 'resource':
      return statement.byResource.map(line => ({ name: line.resource.id, line, resource: line.resource }));
    default:
      return by satisfies never;
  }
}

const byWorth = ({ line: a }: NamedLine, { line: b }: NamedLine): number =>
  (b.money?.total.high ?? 0) - (a.money?.total.high ?? 0) || b.avoidedSeconds + b.asleepSeconds - a.avoidedSeconds - a.asleepSeconds;

/** Dollars and hours; a cell is empty where nothing has a price. Names stand as they were written, but never as a formula. */
export const statementCsv = (statement: Statement, by: Grouping): string =>
  csv(
    [
      by,
      ...(by === 'resource' ? ['name', 'account', 'region'] : []),
      'from',
      'to',
      'low_usd',
      'high_usd',
      'realised_low_usd',
      'open_low_usd',
      'hours_avoided',
      'hours_unpriced',
      'hours_asleep',
      ...GRADED,
    ],
    linesBy(statement, by).map(({ name, line, resource }) => [
      name,
      ...(resource === undefined ? [] : [resource.name, resource.scope.account, resource.scope.region]),
      statement.window.start,
      statement.window.end,
      ...dollarsOf(line),
      ...[line.avoidedSeconds, line.unpricedSeconds, line.asleepSeconds].map(seconds => Math.round((1000 * seconds) / HOUR) / 1000),
      ...[line.meters, line.grades.A, line.grades.B, line.grades.C, line.grades['hours-only']],
    ]),
  );

const GRADED = ['meters', 'grade_a', 'grade_b', 'grade_c', 'hours_only'];

const dollarsOf = ({ money }: Line): (number | null)[] =>
  money === null
    ? [null, null, null, null]
    : [money.total.low, money.total.high, money.realised.low, money.open.low].map(micros => micros / 1_000_000);
