/**
 * From CloudTrail's event to the mark: people make things of every kind at odd moments, through the rules, queues and functions that
 * serverless.yml wires, in virtual time. `npm run bench:births [-- THINGS]`
 */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addSeconds, type Instant, instant, secondsBetween } from '../shared/model/time.ts';
import { type Cloud, createCloud } from '../simulator/cloud.ts';
import type { Handler } from '../simulator/stage/lambda.ts';
import { readWiring } from '../simulator/stage/wiring.ts';
import { openStage } from '../simulator/stage.ts';
import { openTables } from '../simulator/tables.ts';
import { configOf, requiredTags } from '../test/support/policies.ts';

const THINGS = Number(process.argv[2] ?? 200);
const ROOT = resolve(import.meta.dirname, '..');
const REGION = 'eu-west-1';
/** Seconds that every call of ours takes. */
const LATENCY = 0.3;
/** One thing every so many seconds, on average. */
const EVERY = 47;

const KINDS = ['instance', 'volume', 'snapshot', 'elastic-ip'] as const;

console.log(`Node ${process.version}, ${THINGS} things, one every ${EVERY} s, every call of ours ${LATENCY} s`);
for (const settle of [0, 600]) await bench(settle);

async function bench(settle: number): Promise<void> {
  const tables = await openTables();
  const cloud = createCloud({ seed: 11, at: instant('2025-05-14T08:00:13Z'), latency: LATENCY });
  const budget = { perRun: 20, perDay: 1_000_000, perOwner: 1_000_000 };
  const config = configOf({ policies: [requiredTags({ settle, budget, match: { resources: [...KINDS], except: {} } })] });
  const wiring = await readWiring(join(ROOT, 'serverless.yml'), cloud.account);
  const functions = wiring.functions
    .filter(f => f.name === 'dispatch' || f.name === 'enforce-tags')
    .map(f => ({ ...f, schedules: f.schedules.filter(({ input }) => (input as { tick?: string }).tick === 'enforce-tags') }));
  const load = async (name: string) =>
    ((await import(pathToFileURL(join(ROOT, `functions/${name}.ts`)).href)) as { handler: Handler }).handler;
  await openStage({ cloud, tables, config, serverless: { ...wiring, functions }, region: REGION, load });

  const told = new Map<string, Instant>();
  cloud.onEvent(event => {
    // What our own marks are recorded with names them, too.
    if (!event['detail-type'].includes('CloudTrail') || (event.detail as { eventName: string }).eventName === 'CreateTags') return;
    for (const [id] of JSON.stringify(event.detail).matchAll(/(?:i|vol|snap|eipalloc)-0[0-9a-f]{16}/g))
      if (!told.has(id)) told.set(id, cloud.now());
  });
  const made = new Map<string, Instant>();
  for (let i = 0; i < THINGS; i++) {
    await cloud.advanceTo(addSeconds(cloud.now(), 1 + ((i * 7919) % (2 * EVERY))));
    for (const id of makeOne(cloud, i)) made.set(id, cloud.now());
  }
  await cloud.advanceTo(addSeconds(cloud.now(), 3_600));

  const marks = cloud.record.writes.filter(w => w.action === 'CreateTags' && w.error === null);
  const markedAt = new Map(marks.flatMap(({ at, changed }) => changed.map(id => [id, at] as const)));
  const seconds = [...made].flatMap(([id, at]) => {
    const [event, mark] = [told.get(id), markedAt.get(id)];
    return mark === undefined
      ? []
      : [{ event: secondsBetween(event ?? mark, mark), call: secondsBetween(at, mark), named: event !== undefined }];
  });
  console.log(`\nsettle ${settle} s: ${made.size} made, ${seconds.length} marked`);
  print(
    'event to mark',
    seconds.filter(s => s.named).map(s => s.event),
  );
  print(
    'call to mark',
    seconds.map(s => s.call),
  );
  await tables.close();
}

/** An instance with its volume, a volume, a snapshot, an address, in turns. */
function makeOne(cloud: Cloud, i: number): string[] {
  const who = cloud.human.as(`person-${i % 9}@example.com`);
  const answer = (call: string, input: object) => who.calls('ec2', call, input) as Record<string, string>;
  switch (KINDS[i % KINDS.length]) {
    case 'volume':
      return [answer('CreateVolume', { AvailabilityZone: `${REGION}a`, Size: 8 })['VolumeId'] ?? ''];
    case 'elastic-ip':
      return [answer('AllocateAddress', { Domain: 'vpc' })['AllocationId'] ?? ''];
    case 'snapshot': {
      const volume = answer('CreateVolume', { AvailabilityZone: `${REGION}a`, Size: 8 })['VolumeId'] ?? '';
      return [volume, answer('CreateSnapshot', { VolumeId: volume })['SnapshotId'] ?? ''];
    }
    default: {
      const box = who.launches();
      return [box, ...cloud.instance(box).volumes];
    }
  }
}

function print(what: string, seconds: readonly number[]): void {
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const within = seconds.filter(s => s <= 60).length;
  console.log(
    `  ${what.padEnd(14)} median ${at(0.5)} s, 95 % within ${at(0.95)} s, longest ${at(1)} s; ${within} of ${seconds.length} within a minute`,
  );
}
