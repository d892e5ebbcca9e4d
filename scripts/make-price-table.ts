/**
 * Trims a dated list of EC2 prices to what is shipped: `node scripts/make-price-table.ts ec2-prices.json.gz`.
 * In: schema `ec2-prices/1`, `od[region][type] = [linux, windows | null, source letters]`, USD per hour.
 * Out: shared/observe/price-table.json, micro-dollars per hour; Windows figures that are only estimated are left out.
 * The formatter then lays it out: `npx biome check --write shared/observe/price-table.json`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const REGIONS = ['us-east-1', 'eu-west-1', 'sa-east-1', 'ap-southeast-1', 'ap-northeast-1', 'ap-southeast-2'];
const FAMILIES = 't2 t3 t3a t4g m5 m5a m6i m6a m6g m7i m7g m8g c5 c5a c6i c6g c7i c7g c8g r5 r5a r6i r6g r7i r7g r8g'.split(' ');
const SIZES = 'nano micro small medium large xlarge 2xlarge 4xlarge'.split(' ');

/** What the first letter says of the Linux figure, and the second of the Windows figure. */
const SOURCES = {
  Y: '2025-04-04',
  B: '2025-04-04',
  K: '2026-07-20',
  a: '2023-08-30',
  d: '2025-04-04, Windows surcharge of 2023-08-30',
  h: '2019-04-05',
};

type Row = [linux: number, windows: number | null, letters: string];
interface Prices {
  readonly meta: { readonly schema: string; readonly builtFrom: readonly Readonly<Record<string, string>>[] };
  readonly od: Readonly<Record<string, Readonly<Record<string, Row>>>>;
}

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: node scripts/make-price-table.ts FILE.json[.gz]');
const bytes = readFileSync(path);
const prices = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as Prices;
if (prices.meta.schema !== 'ec2-prices/1') throw new Error(`unknown schema ${prices.meta.schema}`);

const table = {
  about:
    'EC2 on-demand list prices, micro-dollars per instance-hour, shared tenancy: [Linux, Windows, source letters]. Made by scripts/make-price-table.ts.',
  from: prices.meta.builtFrom
    .filter(({ id }) => 'YKWH'.includes(id ?? '-'))
    .map(({ id, repo, commit, licence }) => `${id}: ${repo}@${commit?.slice(0, 8)} (${licence})`),
  listedOn: SOURCES,
  perHour: Object.fromEntries(REGIONS.map(region => [region, familiesOf(prices.od[region] ?? {})])),
};
writeFileSync(new URL('../shared/observe/price-table.json', import.meta.url), `${JSON.stringify(table, null, 2)}\n`);

function familiesOf(rows: Readonly<Record<string, Row>>) {
  const families = FAMILIES.map(family => [family, sizesOf(rows, family)] as const);
  return Object.fromEntries(families.filter(([, sizes]) => Object.keys(sizes).length > 0));
}

function sizesOf(rows: Readonly<Record<string, Row>>, family: string) {
  const found: Record<string, Row> = {};
  for (const size of SIZES) {
    const row = rows[`${family}.${size}`];
    if (row === undefined) continue;
    const [linux, windows, letters] = row;
    const estimated = letters[1] === 'e';
    found[size] = [micros(linux), windows === null || estimated ? null : micros(windows), estimated ? letters.slice(0, 1) : letters];
  }
  return found;
}

function micros(usd: number): number {
  if (!(usd > 0)) throw new Error(`not a price: ${usd}`);
  return Math.round(usd * 1_000_000);
}
