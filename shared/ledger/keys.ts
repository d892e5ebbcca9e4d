/** Where a row is filed. Keys follow from the facts alone, so the same fact is one row however often it is told. */
import { type Scope, scopeKey } from '../model/ids.ts';
import type { LedgerRow } from '../model/ledger.ts';
import { addSeconds, DAY, floorTo, type Instant, utcDay } from '../model/time.ts';

export interface RowKey {
  /** `123456789012/eu-west-1#2025-05-14` */
  readonly pk: string;
  /** `change#chg-…#claimed`, `meter#mtr-…#opened`, `noted#2025-05-14T19:00:00Z#instance/i-0abc#stopped-by-someone` */
  readonly sk: string;
}

/**
 * A change's rows are filed under the day of its cause, so that its id, cause and scope are enough to find them all. Both rows of a meter
 * are filed under the day it was opened: it closes at most once, whoever closes it and whenever.
 */
export function rowKey(row: LedgerRow): RowKey {
  switch (row.kind) {
    case 'claimed':
    case 'proposed':
      return { pk: partition(row.scope, row.change.causeAt), sk: `${changePrefix(row.change.id)}${row.kind}` };
    case 'settled':
      return { pk: partition(row.scope, row.causeAt), sk: `${changePrefix(row.changeId)}settled` };
    case 'meter-opened':
      return { pk: partition(row.scope, row.at), sk: `meter#${row.meterId}#opened` };
    case 'meter-closed':
      return { pk: partition(row.scope, row.openedAt), sk: `meter#${row.meterId}#closed` };
    case 'meter-corrected':
      return { pk: partition(row.scope, row.openedAt), sk: `meter#${row.meterId}#corrected#${numbered(row.revision)}` };
    case 'own-cost':
      return { pk: `${scopeKey(row.scope)}#${row.day}`, sk: `own-cost#${row.function}` };
    case 'sealed':
      return { pk: sealedPartition(row.scope, row.day), sk: `${row.day}#${numbered(row.revision)}` };
    case 'noted':
      return { pk: partition(row.scope, row.at), sk: `noted#${row.at}#${row.resource.kind}/${row.resource.id}#${row.what}` };
    default:
      return row satisfies never;
  }
}

export const partition = (scope: Scope, at: Instant): string => `${scopeKey(scope)}#${utcDay(at)}`;

/** All sealed days of a year lie together, so that one query reads them. */
export const sealedPartition = (scope: Scope, day: string): string => `${scopeKey(scope)}#sealed#${day.slice(0, 4)}`;

/** What the sort keys of all rows about one meter begin with. */
export const meterPrefix = (meterId: string): string => `meter#${meterId}#`;

/** Sorts as text. */
const numbered = (revision: number): string => String(revision).padStart(4, '0');

/** What the sort keys of all rows about one change begin with. */
export const changePrefix = (changeId: string): string => `change#${changeId}#`;

/** The first instant of every UTC day from the day of `from` on that begins before `to`. */
export function daysBetween(from: Instant, to: Instant): Instant[] {
  const days: Instant[] = [];
  for (let day = floorTo(from, DAY); day < to; day = addSeconds(day, DAY)) days.push(day);
  return days;
}
