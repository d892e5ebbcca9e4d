/** A price file is read for what it may be used for; anything else is refused with its file, place and remedy. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../../cli/exit.ts';
import { readPriceFile } from '../../cli/price-file.ts';
import { priceOf, usePriceTable, volumePriceOf } from '../../shared/observe/prices.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebb-prices-'));
const today = new Date('2026-08-01T00:00:00Z');
afterEach(() => usePriceTable(null));

const sound = {
  meta: { schema: 'ec2-prices/1', currency: 'USD' },
  od: {
    'eu-west-3': {
      'm5.large': [0.112, 0.204, 'Yd'],
      'm8a.large': [0.13, 0.222, 'Ye'],
      'p4d.24xlarge': [35.39, null, 'Y'],
      'm7g.large': [0.0952, null, 'Y'],
    },
    'us-east-1': { 'p5.48xlarge': [55.04, null, 'K'] },
  },
  ebs: { 'eu-west-3': { gp3: 0.0928, gp3Iops: 0.0058, gp3ThroughputGiBps: 47.5136, io2: 0.145, io2Iops: 0.076, snapshot: 0.053 } },
};

function written(content: unknown, { zipped = false, name = 'prices.json' } = {}): string {
  const path = join(folder, name);
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(path, zipped ? gzipSync(text) : text);
  return path;
}

const linux = { region: 'eu-west-3', platform: 'linux', tenancy: 'default' } as const;

describe('a price file', () => {
  test('takes the place of the shipped table, plain or gzipped, with its dates', () => {
    expect(priceOf({ ...linux, type: 'm5.large' })).toBeNull();
    for (const zipped of [false, true]) {
      usePriceTable(readPriceFile(written(sound, { zipped }), today).table);
      expect(priceOf({ ...linux, type: 'm5.large' })).toMatchObject({ perHour: 112_000, source: 'list price of 2025-04-04 (table)' });
      expect(priceOf({ ...linux, type: 'm5.large', platform: 'windows' })).toMatchObject({ perHour: 204_000 });
    }
  });

  test('gives no estimate, and no price that has moved since: they are unknown, and it says so', () => {
    const { table, notes } = readPriceFile(written(sound), today);
    usePriceTable(table);
    expect(priceOf({ ...linux, type: 'm8a.large' })).toMatchObject({ perHour: 130_000 });
    expect(priceOf({ ...linux, type: 'm8a.large', platform: 'windows' })).toBeNull();
    expect(priceOf({ ...linux, type: 'p4d.24xlarge' })).toBeNull();
    expect(priceOf({ ...linux, region: 'us-east-1', type: 'p5.48xlarge' })).toMatchObject({ perHour: 55_040_000 }); // twelve days old
    expect(notes).toEqual([
      '1 Windows prices are estimates: unknown, hours only',
      '1 prices of accelerated and high-memory types are older than 90 days: unknown, hours only',
    ]);
  });

  const row = (value: unknown, type = 'm5.large') => ({ ...sound, od: { 'eu-west-3': { [type]: value } } });
  test.each([
    ['a price of nothing', row([0, null, 'Y']), 'od.eu-west-3.m5.large: 0 is no price; leave out what is not known, it is never 0'],
    ['a negative one', row([0.1, -1, 'Ya']), 'od.eu-west-3.m5.large: -1 is no price; write null where Windows has none'],
    ['a row without a source', row([0.1, 0.2]), 'od.eu-west-3.m5.large: is not [linux, windows or null, letters]; write all three'],
    ['an unknown source', row([0.1, null, 'Q']), 'od.eu-west-3.m5.large: the letter Q stands for no date; there are Y, B, K, a, d, h'],
    [
      'a Mac',
      row([1.08, null, 'Y'], 'mac2.metal'),
      'od.eu-west-3.mac2.metal: a Mac runs on a dedicated host only and has no price of its own; take it out',
    ],
    ['another schema', { ...sound, meta: { schema: 'ec2-prices/2' } }, 'meta.schema: "ec2-prices/2" is not known; write "ec2-prices/1"'],
    [
      'another currency',
      { ...sound, meta: { ...sound.meta, currency: 'CNY' } },
      'meta.currency: prices in another currency cannot be added to dollars; give a file in USD',
    ],
    ['China', { ...sound, od: { 'cn-north-1': {} } }, 'od.cn-north-1: China bills in another currency; take the region out'],
    [
      'a volume for nothing',
      { ...sound, ebs: { 'eu-west-3': { gp3: 0 } } },
      'ebs.eu-west-3.gp3: 0 is no price; leave out what is not known',
    ],
    ['no prices', { meta: sound.meta }, 'od: is missing; it holds the prices by region and type'],
  ])('with %s is refused', (_what, content, problem) => {
    const path = written(content);
    expect(() => readPriceFile(path, today)).toThrow(`${path} › ${problem}`);
  });

  test.each([
    ['that is not there', join(folder, 'nowhere.json'), 'cannot be read (ENOENT); name a file of list prices'],
    ['that is no JSON', written('{', { name: 'broken.json' }), 'is no JSON object, plain or gzipped; write one of schema "ec2-prices/1"'],
    ['that is a list', written([], { name: 'list.json' }), 'is no JSON object, plain or gzipped; write one of schema "ec2-prices/1"'],
  ])('%s is refused', (_what, path, problem) => expect(() => readPriceFile(path, today)).toThrow(`${path}: ${problem}`));
});

test('a price file with anything in any one place gives prices above nothing, or is refused by its own name', () => {
  const places: string[] = [];
  JSON.parse(JSON.stringify(sound), (key, value: unknown) => {
    places.push(key);
    return value;
  });
  fc.assert(
    fc.property(fc.nat(places.length - 1), fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(null, 1e-9, 1e308, {}, [])), (nth, put) => {
      let seen = 0;
      const spoilt = JSON.stringify(JSON.parse(JSON.stringify(sound), (_, value: unknown) => (seen++ === nth ? put : value)));
      const path = written(spoilt, { name: 'spoilt.json' });
      try {
        const { perHour, volumes } = readPriceFile(path, today).table;
        const rows = Object.values(perHour).flatMap(families => Object.values(families).flatMap(sizes => Object.values(sizes)));
        const prices = [
          ...rows.flatMap(([linuxPrice, windows]) => [linuxPrice, windows ?? 1]),
          ...Object.values(volumes).flatMap(of => Object.values(of)),
        ];
        for (const price of prices) expect(Number.isSafeInteger(price) && price > 0).toBe(true);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        expect(error.message).toMatch(/spoilt\.json(:| ›) ./);
      }
    }),
    { numRuns: 200 },
  );
});

describe('volumes', () => {
  const volume = { region: 'us-east-1', volumeType: 'gp3', gib: 100, iops: null, throughput: null };

  test.each([
    ['100 GB of gp3', volume, 8_000_000], // 100 × $0.08
    ['with IOPS and throughput above what is free', { ...volume, iops: 4_000, throughput: 250 }, 18_000_000], // + 1,000 × $0.005 + 125 × $0.04
    ['with what is free', { ...volume, iops: 3_000, throughput: 125 }, 8_000_000],
    ['io1 with its IOPS', { ...volume, volumeType: 'io1', iops: 1_000 }, 77_500_000], // 100 × $0.125 + 1,000 × $0.065
    ['io2 in its first tier', { ...volume, volumeType: 'io2', iops: 32_000 }, 2_092_500_000],
    ['in another region', { ...volume, region: 'sa-east-1' }, 15_200_000],
  ])('%s', (_what, asked, perMonth) => expect(volumePriceOf(asked)).toEqual({ perMonth, source: 'list price of 2024-07-18 (table)' }));

  test('whose price is not known have none: another region, another type, dearer tiers of io2', () => {
    expect(volumePriceOf({ ...volume, region: 'eu-west-3' })).toBeNull();
    expect(volumePriceOf({ ...volume, volumeType: 'gp9' })).toBeNull();
    expect(volumePriceOf({ ...volume, volumeType: 'io2', iops: 32_001 })).toBeNull();
  });
});
