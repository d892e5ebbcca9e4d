/**
 * Trims a dated list of EC2 prices to what is shipped: `node scripts/make-price-table.ts ec2-prices.json.gz`.
 * In: schema `ec2-prices/1`, as cli/price-file.ts reads it. Out: shared/observe/price-table.json, micro-dollars; Windows figures that are
 * only estimated are left out. The formatter then lays it out: `npx biome check --write shared/observe/price-table.json`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { readPriceFile } from '../cli/price-file.ts';
import type { PriceRow } from '../shared/observe/price-table.ts';

const REGIONS = ['us-east-1', 'eu-west-1', 'sa-east-1', 'ap-southeast-1', 'ap-northeast-1', 'ap-southeast-2'];
const FAMILIES = 't2 t3 t3a t4g m5 m5a m6i m6a m6g m7i m7g m8g c5 c5a c6i c6g c7i c7g c8g r5 r5a r6i r6g r7i r7g r8g'.split(' ');
const SIZES = 'nano micro small medium large xlarge 2xlarge 4xlarge'.split(' ');

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: node scripts/make-price-table.ts FILE.json[.gz]');
const { table } = readPriceFile(path, new Date());
const bytes = readFileSync(path);
const { meta } = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as {
  meta: { builtFrom?: readonly Readonly<Record<string, string>>[] };
};

const shipped = {
  about:
    'EC2 on-demand list prices, micro-dollars per instance-hour, shared tenancy: [Linux, Windows, source letters]; volumes: micro-dollars per month, of a GB, of an IOPS, of a MiB/s. Made by scripts/make-price-table.ts.',
  from: (meta.builtFrom ?? [])
    .filter(({ id }) => 'YKWHE'.includes(id ?? '-'))
    .map(({ id, repo, commit, licence }) => `${id}: ${repo}${commit === undefined ? '' : `@${commit.slice(0, 8)}`} (${licence})`),
  listedOn: table.listedOn,
  perHour: Object.fromEntries(REGIONS.map(region => [region, familiesOf(table.perHour[region] ?? {})])),
  volumesListedOn: table.volumesListedOn,
  volumes: Object.fromEntries(REGIONS.map(region => [region, table.volumes[region] ?? {}])),
};
writeFileSync(new URL('../shared/observe/price-table.json', import.meta.url), `${JSON.stringify(shipped, null, 2)}\n`);

function familiesOf(of: Readonly<Record<string, Readonly<Record<string, PriceRow>>>>) {
  const families = FAMILIES.map(family => [family, SIZES.flatMap(size => (of[family]?.[size] ? [[size, of[family][size]]] : []))] as const);
  return Object.fromEntries(families.filter(([, sizes]) => sizes.length > 0).map(([family, sizes]) => [family, Object.fromEntries(sizes)]));
}
