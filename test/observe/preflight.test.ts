/** What is asked only of some: announced maintenance, borrowed credits, status checks, what types offer. */
import { expect, test } from '@jest/globals';
import { observeChecks } from '../../shared/observe/checks.ts';
import { observeMaintenance, observeSurplusCredits } from '../../shared/observe/preflight.ts';
import { observeTypes } from '../../shared/observe/types.ts';
import { box, noon } from '../decide/facts.ts';
import { answering, awsError } from '../support/answering.ts';

test('maintenance: one question for all, what is over or was called off left out', async () => {
  const event = (Code: string, Description: string) => ({ Code, Description, NotBefore: new Date('2025-05-15T03:00:00Z') });
  const { clients, calls } = answering(({ input }) =>
    input.NextToken === undefined
      ? {
          InstanceStatuses: [
            { InstanceId: 'i-1', Events: [event('instance-retirement', 'The instance is running on degraded hardware')] },
            { InstanceId: 'i-2', Events: [event('system-reboot', '[Completed] The instance is scheduled for a reboot')] },
          ],
          NextToken: 'more',
        }
      : {
          InstanceStatuses: [
            { InstanceId: 'i-3', Events: [event('instance-stop', '[Canceled] …'), { Code: 'a-new-kind' }] },
            { InstanceId: 'i-4' },
          ],
        },
  );
  expect([...(await observeMaintenance(clients))]).toEqual([
    ['i-1', [{ code: 'instance-retirement', notBefore: '2025-05-15T03:00:00Z', notAfter: null }]],
  ]);
  expect(calls.map(c => c.operation)).toEqual(['DescribeInstanceStatus', 'DescribeInstanceStatus']);
  expect(calls[0]?.input.Filters).toMatchObject([{ Name: 'event.code' }]);
});

test('surplus credits: only of burstable types, the latest that was published', async () => {
  const { clients, calls } = answering(({ input }) => ({
    MetricDataResults: input.MetricDataQueries.map(({ Id }: { Id: string }) => ({
      ...{ Id, Label: 'CPUSurplusCreditBalance', StatusCode: 'Complete' },
      Timestamps: [new Date('2025-05-14T11:45:00Z'), new Date('2025-05-14T11:50:00Z')],
      Values: [100, 42],
    })),
  }));
  const { surplus, unread } = await observeSurplusCredits(clients, [box('i-1', { type: 't3.medium' }), box('i-2')], noon);
  expect([...surplus]).toEqual([['i-1', 42]]);
  expect(unread).toEqual([]);
  expect(calls).toHaveLength(1);
  const none = answering(() => ({}));
  expect((await observeSurplusCredits(none.clients, [box('i-2')], noon)).surplus.size).toBe(0);
  expect(none.calls).toHaveLength(0);
});

test('status checks: the worse of the two, a hundred ids to a call, and an error is an error', async () => {
  const status = (a: string, b: string) => ({ InstanceStatus: { Status: a }, SystemStatus: { Status: b } });
  const { clients, calls } = answering(({ input }) => ({
    InstanceStatuses: input.InstanceIds.map((InstanceId: string) => ({
      InstanceId,
      ...(InstanceId === 'i-1' ? status('ok', 'impaired') : InstanceId === 'i-2' ? status('initializing', 'ok') : status('ok', 'ok')),
    })),
  }));
  const ids = Array.from({ length: 101 }, (_, i) => `i-${i}`);
  const found = await observeChecks(clients, ids);
  expect([found.get('i-0'), found.get('i-1'), found.get('i-2'), found.size]).toEqual(['ok', 'impaired', 'initializing', 101]);
  expect(calls.map(c => c.input.InstanceIds.length)).toEqual([100, 1]);
  const refused = answering(() => {
    throw awsError('UnauthorizedOperation');
  });
  await expect(observeChecks(refused.clients, ['i-1'])).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
});

test('types: what EC2 leaves out is taken for the stricter', async () => {
  const { clients, calls } = answering(() => ({
    InstanceTypes: [
      { InstanceType: 'm5.large', VCpuInfo: { DefaultVCpus: 2 }, MemoryInfo: { SizeInMiB: 8192 }, InstanceStorageSupported: true },
      { InstanceType: 'm5.odd' },
      {
        ...{ InstanceType: 'm5.xlarge', VCpuInfo: { DefaultVCpus: 4 }, MemoryInfo: { SizeInMiB: 16384 }, BareMetal: true, GpuInfo: {} },
        NetworkInfo: { EnaSupport: 'supported', MaximumNetworkInterfaces: 4, Ipv4AddressesPerInterface: 15 },
        EbsInfo: { NvmeSupport: 'unsupported', MaximumEbsAttachments: 27, AttachmentLimitType: 'dedicated' },
        ...{ SupportedBootModes: ['uefi'], SupportedVirtualizationTypes: ['hvm'], ProcessorInfo: { SupportedArchitectures: ['arm64'] } },
      },
    ],
  }));
  const found = await observeTypes(clients, ['m5']);
  expect(found.get('m5.large')).toEqual({
    ...{ type: 'm5.large', vcpus: 2, memoryMib: 8192, architectures: [], virtualizations: [], bootModes: [], bareMetal: false },
    ...{ accelerated: false, burstable: false, instanceStoreGb: 1, ena: 'required', nvme: 'required', interfacesMax: 1 },
    ...{ ipsPerInterfaceMax: 1, attachmentsMax: null, attachmentsShared: true },
  });
  expect(found.get('m5.xlarge')).toEqual({
    ...{
      type: 'm5.xlarge',
      vcpus: 4,
      memoryMib: 16384,
      architectures: ['arm64'],
      virtualizations: ['hvm'],
      bootModes: ['uefi'],
      bareMetal: true,
    },
    ...{ accelerated: true, burstable: false, instanceStoreGb: 0, ena: 'supported', nvme: 'unsupported', interfacesMax: 4 },
    ...{ ipsPerInterfaceMax: 15, attachmentsMax: 27, attachmentsShared: false },
  });
  expect(found.size).toBe(2);
  expect(calls[0]?.input.Filters).toEqual([{ Name: 'instance-type', Values: ['m5.*'] }]);
});
