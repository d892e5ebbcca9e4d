/** What EC2 and CloudWatch are asked only about instances that a rule would stop: announced maintenance, and borrowed CPU credits. */
import { measured } from '../model/metric.ts';
import type { Instance, Maintenance, Unread } from '../model/observation.ts';
import { addSeconds, floorTo, type Instant, instant, MINUTE } from '../model/time.ts';
import type { Clients } from '../runtime/clients.ts';
import { readMetrics } from './metrics.ts';

const CODES = ['instance-stop', 'instance-retirement', 'instance-reboot', 'system-reboot', 'system-maintenance'] as const;

/**
 * What is announced for running instances of the scope, by instance id: one question, however many are asked for, because few have any.
 * EC2 shows an event for up to a week after its end, with a word before its description (EC2 user guide, scheduled events).
 * @throws the SDK's error.
 */
export async function observeMaintenance(clients: Clients): Promise<Map<string, Maintenance[]>> {
  const [client, { paginateDescribeInstanceStatus }] = await Promise.all([clients.ec2(), import('@aws-sdk/client-ec2')]);
  const found = new Map<string, Maintenance[]>();
  for await (const page of paginateDescribeInstanceStatus({ client }, { Filters: [{ Name: 'event.code', Values: [...CODES] }] })) {
    for (const { InstanceId: id = '', Events = [] } of page.InstanceStatuses ?? []) {
      const ahead = Events.flatMap(({ Code, Description = '', NotBefore, NotAfter }): Maintenance[] => {
        const code = CODES.find(c => c === Code);
        if (code === undefined || NotBefore === undefined || /^\[(Completed|Canceled)\]/.test(Description)) return [];
        return [{ code, notBefore: instant(NotBefore), notAfter: NotAfter === undefined ? null : instant(NotAfter) }];
      });
      if (ahead.length > 0) found.set(id, ahead);
    }
  }
  return found;
}

/** CloudWatch has the balance every five minutes, some minutes late. */
const PERIOD = 5 * MINUTE;
const LOOKBACK = 30 * MINUTE;

export const isBurstable = (type: string): boolean => /^t\d[a-z]*\./.test(type);

export interface CreditsSeen {
  /** Borrowed and not yet earned back, by instance id; of whom it could not be read is missing. */
  readonly surplus: ReadonlyMap<string, number>;
  readonly unread: readonly Unread[];
}

/** CPUSurplusCreditBalance of those that have one: it is 0 where credits are not unlimited. */
export async function observeSurplusCredits(clients: Clients, instances: readonly Instance[], at: Instant): Promise<CreditsSeen> {
  const end = floorTo(at, PERIOD);
  const { series, unread } = await readMetrics(
    clients,
    instances
      .filter(({ type }) => isBurstable(type))
      .map(({ ref }) => ({
        key: ref.id,
        of: ref.id,
        what: 'surplus CPU credits',
        asked: { namespace: 'AWS/EC2', metric: 'CPUSurplusCreditBalance', dimensions: { InstanceId: ref.id }, statistic: 'Maximum' },
        periodSeconds: PERIOD,
        window: { start: addSeconds(end, -LOOKBACK), end },
      })),
  );
  const last = [...series].map(([id, values]) => [id, measured(values).at(-1) ?? 0] as const);
  return { surplus: new Map(last), unread };
}
