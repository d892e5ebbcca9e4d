/** What `ebb why` says beyond the answer: the lever that works where ours does not, and what is known of a machine's starts and size. */
import { describe, expect, test } from '@jest/globals';
import { leverFor, machineHints } from '../../cli/machine-hints.ts';
import { instanceKey } from '../../shared/memory/shelves.ts';
import type { InstanceMemory } from '../../shared/model/memory.ts';
import type { LeftReason } from '../../shared/model/plan.ts';
import { putValues } from '../../simulator/world/custom-metrics.ts';
import { everyReason } from '../report/reasons.ts';
import { devTest } from '../support/policies.ts';
import { day } from '../support/story.ts';

describe('the lever', () => {
  const lever = (because: LeftReason) => leverFor(because, 'i-0abc');

  test.each([
    ['auto-scaling-group', /a policy of `kind: fleets` with a schedule lets web sleep/],
    ['beanstalk', /`beanstalk: true`/],
    ['eks', /node group or node pool/],
    ['ecs', /capacity provider/],
    ['batch', /minvCpus to 0/],
    ['emr', /auto-termination/],
    ['operator', /refuses whatever others want/],
    ['cloudformation-fleet', /modify-fleet/],
    ['something-new', /The lever is web, which made it/],
  ])('of a member of %s is named', (parent, words) => {
    expect(lever({ code: 'member', parent, of: 'web' })).toMatch(words);
  });

  test.each([
    ['InsufficientInstanceCapacity: none', /start\.fallbackTypes/],
    ['EC2 took the start, and the instance fell back to stopped: Client.InternalError: Client error on launch', /kms:CreateGrant/],
    ['VcpuLimitExceeded: 64', /Service Quotas/],
    ['UnauthorizedOperation: no', /is denied/],
    ['Unsupported: Your requested instance type (m5.large) is not supported', /describe-instance-type-offerings/],
    ['OptInRequired: you need to accept terms and subscribe', /Marketplace/],
  ])('of a start that fails for %s is named', (why, words) => {
    expect(lever({ ...everyReason['start-failing'], why })).toMatch(words);
  });

  test('is named for everything that cannot be stopped, and an id is quoted where it helps', () => {
    for (const code of [
      'spot',
      'instance-store-root',
      'instance-store-data',
      'stop-protected',
      'stop-protection-unread',
      'scheduled-event',
      'surplus-credits',
    ] as const)
      expect(lever(everyReason[code])).not.toBeNull();
    expect(lever(everyReason['stop-protected'])).toContain('--instance-id i-0abc --no-disable-api-stop');
    expect(lever(everyReason.booting)).toContain('get-console-output');
    expect(lever({ ...everyReason.booting, failing: null })).toBeNull();
    expect(lever(everyReason['on-hours-now'])).toBeNull();
  });

  test('of a Spot Instance ends nobody’s machine: what is stopped goes with its request', () => {
    expect(lever(everyReason.spot)).toMatch(/stopped and started by hand; .* whoever cancels the request terminates it/);
  });

  test('quotes what others wrote as text', () => {
    expect(lever({ code: 'member', parent: 'auto-scaling-group', of: 'web\u001b[31m' })).not.toContain('\u001b');
  });
});

describe('what is remembered of a machine', () => {
  const policy = devTest({ resize: { mode: 'plan', days: 14, cpuTo: 80, memoryTo: 80 } });

  async function told(change: (memory: InstanceMemory) => InstanceMemory = memory => memory, memoryUsed: number | null = 30) {
    const story = day('2025-05-12', 'UTC', { policies: [policy] });
    const id = story.box({ type: 'm5.xlarge', cpu: () => 30 });
    const [region] = story.cloud.world.regions.values();
    const now = Date.parse(story.now()) / 1000;
    const metric = { namespace: 'CWAgent', name: 'mem_used_percent', dimensions: [{ Name: 'InstanceId', Value: id }] };
    for (let at = now - 14 * 86_400; at < now && region !== undefined && memoryUsed !== null; at += 3600)
      putValues(region, metric, at, [memoryUsed]);
    await story.at('12:00');
    await story.tick();
    const run = await story.run();
    const item = (await run.memory.read(run.shelf, instanceKey(id), run.at)) as { key: string; value: InstanceMemory; version: number };
    await run.memory.write(run.shelf, { ...item, value: change(item.value) });
    return (await machineHints(await story.plan('stop-start-instances', [id]), { account: story.scope.account, config: run.config })).join(
      '\n',
    );
  }

  test('the size that its load justifies, or why it stays', async () => {
    expect(await told()).toMatch(
      /As to its size, a m5\.large would do instead of a m5\.xlarge: CPU reached 30 % in \d+ measured hours, which would be 60 %; \$0\.11 less an hour/,
    );
    expect(await told(undefined, 79)).toMatch(/a r5\.large would do/);
    expect(
      await told(m => ({ ...m, sized: { ...(m.sized as NonNullable<typeof m.sized>), to: null, why: 'memory-unknown', evidence: null } })),
    ).toMatch(/it stays m5\.xlarge: .*install the CloudWatch agent/);
  });

  test('how long its starts took, which type it has from us, and which one rests', async () => {
    expect(await told(m => ({ ...m, boots: [300, 600] }))).toContain(
      'Its last 2 starts took 5 minutes to 10 minutes until both status checks had passed.',
    );
    const at = '2025-05-12T12:00:00Z' as InstanceMemory['enrolledAt'];
    const retype = { at, own: 'm5.2xlarge', to: 'm5.xlarge', because: 'capacity', failing: null, back: null } as const;
    expect(await told(m => ({ ...m, retype }))).toContain(
      'It has been a m5.xlarge since 2025-05-12T12:00:00Z, and was a m5.2xlarge before us.',
    );
    const resting = { type: 'm5.large', until: at, why: 'no capacity' };
    expect(await told(m => ({ ...m, resting }))).toContain('A m5.large is not tried again before 2025-05-12T12:00:00Z: no capacity.');
  });
});
