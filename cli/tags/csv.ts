/** One line for each resource, for a spreadsheet: whatever people wrote into tags stays data there. */
import type { Unread } from '../../shared/model/observation.ts';
import { csv } from '../../shared/report/csv.ts';
import { offerClause } from '../../shared/report/offers.ts';
import { plain } from '../../shared/report/plain.ts';
import { perMonth } from './compliance.ts';
import type { TagRow } from './row.ts';

const HEAD = [
  ...[
    'account',
    'region',
    'kind',
    'id',
    'name',
    'team',
    'owner',
    'policy',
    'standing',
    'missing',
    'marked_at',
    'deadline',
    'usd_per_month',
  ],
  ...['price_source', 'to_be_written', 'offered', 'offered_because', 'confidence'],
];

export const tagsCsv = (rows: readonly TagRow[]): string => csv(HEAD, rows.map(cells));

/** What the spreadsheet has no place for: a part is not to be taken for the whole. */
export const besideCsv = (unread: readonly Unread[]): string =>
  unread.map(({ what, why }) => `Could not be read, and is not in it: ${plain(what)}: ${plain(why, 200)}\n`).join('');

function cells(row: TagRow): (string | number | null)[] {
  const { resource, team, owner, policy, standing, missing, mark, price, fixes, offers } = row;
  const month = perMonth(row);
  const listed = (texts: readonly string[]) => (texts.length === 0 ? null : texts.map(harmless).join('; '));
  return [
    ...[resource.scope.account, resource.scope.region, resource.kind, resource.id].map(harmless),
    ...[resource.name, team, owner, policy].map(text => (text === null ? null : harmless(text))),
    standing,
    listed(missing),
    ...[mark?.markedAt ?? null, mark?.deadline ?? null],
    month === null ? null : month / 1_000_000,
    price?.source ?? null,
    listed(fixes.map(({ key, value }) => (value === null ? `${key} goes` : `${key}=${value}`))),
    listed(offers.map(({ key, value }) => `${key}=${value}`)),
    listed(offers.map(({ because }) => offerClause(because))),
    listed(offers.map(({ confidence }) => confidence)),
  ];
}

/** As it was written, less what steers a terminal or turns text around: a tag has 256 characters at most. */
const harmless = (text: string): string => (text === '' ? '' : plain(text, 300));
