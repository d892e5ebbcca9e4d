/** The alarms that are there, beside those that should be. */
import type { CloudWatchClient, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { ALARM_PREFIX, readAlarmName } from '../../shared/model/alarm-name.ts';
import { type Scope, scopeKey } from '../../shared/model/ids.ts';
import type { Clients } from '../../shared/runtime/clients.ts';
import { type AlarmInput, type AlarmWanted, isOurs } from './wanted.ts';

export interface ScopeOfAlarms {
  readonly scope: Scope;
  readonly clients: Clients;
  readonly wanted: readonly (AlarmWanted & { readonly standing: 'missing' | 'different' | 'as it should be' })[];
  /** Ours of before, that no policy and no group needs any more. */
  readonly orphans: readonly { readonly name: string; readonly policy: string }[];
}

/** @param only leaves the alarms of other policies out of sight. */
export async function compare(
  { scope, clients }: Pick<ScopeOfAlarms, 'scope' | 'clients'>,
  wanted: readonly AlarmWanted[],
  { stage, only }: { readonly stage: string; readonly only?: string },
): Promise<ScopeOfAlarms> {
  const there = new Map((await ours(clients, stage)).map(alarm => [alarm.AlarmName ?? '', alarm]));
  const needed = new Set(wanted.map(({ input }) => input.AlarmName));
  const orphans = [...there.keys()]
    .filter(name => !needed.has(name))
    .map(name => ({ name, policy: readAlarmName(name)?.policy ?? '' }))
    .filter(({ policy }) => only === undefined || policy === only);
  return {
    scope,
    clients,
    orphans,
    wanted: wanted.map(alarm => {
      const found = there.get(alarm.input.AlarmName);
      return { ...alarm, standing: found === undefined ? 'missing' : isSame(alarm.input, found) ? 'as it should be' : 'different' };
    }),
  };
}

async function ours(clients: Clients, stage: string): Promise<MetricAlarm[]> {
  const [client, { paginateDescribeAlarms }] = await Promise.all([clients.cloudWatch(), import('@aws-sdk/client-cloudwatch')]);
  const found: MetricAlarm[] = [];
  for await (const page of paginateDescribeAlarms(
    { client, pageSize: 100 },
    { AlarmNamePrefix: ALARM_PREFIX, AlarmTypes: ['MetricAlarm'] },
  )) {
    found.push(...(page.MetricAlarms ?? []).filter(alarm => isOurs(alarm.AlarmName, alarm.AlarmDescription, stage)));
  }
  return found;
}

/** What we would write is there already. What CloudWatch adds of its own is not compared, nor are tags: it takes them at birth only. */
const isSame = ({ Tags: _, ...input }: AlarmInput, found: MetricAlarm): boolean =>
  Object.entries(input).every(([key, value]) => isWithin(value, found[key as keyof MetricAlarm]));

/** Lists of dimensions and metrics may come in another order. */
function isWithin(wanted: unknown, found: unknown): boolean {
  if (Array.isArray(wanted)) {
    const others = Array.isArray(found) ? found : [];
    return wanted.length === others.length && wanted.every(one => others.some(other => isWithin(one, other)));
  }
  if (wanted === null || typeof wanted !== 'object') return wanted === found;
  return Object.entries(wanted).every(([key, value]) => isWithin(value, (found as Record<string, unknown> | null | undefined)?.[key]));
}

export interface Done {
  readonly scope: string;
  readonly alarm: string;
  readonly did: 'created' | 'changed' | 'removed';
  /** Why it failed; `null` when it did not. */
  readonly failed: string | null;
}

/** One after the other: CloudWatch takes three a second, and the SDK waits when it is told to. */
export async function create({ scope, clients, wanted }: ScopeOfAlarms): Promise<Done[]> {
  const { PutMetricAlarmCommand } = await import('@aws-sdk/client-cloudwatch');
  const cloudWatch = await clients.cloudWatch();
  const done: Done[] = [];
  for (const { input, standing } of wanted) {
    if (standing === 'as it should be') continue;
    const failed = await tried(() => cloudWatch.send(new PutMetricAlarmCommand(input)));
    done.push({ scope: scopeKey(scope), alarm: input.AlarmName, did: standing === 'missing' ? 'created' : 'changed', failed });
  }
  return done;
}

/** CloudWatch's limit for names in one call. */
const DELETED_MAX = 100;

export async function prune({ scope, clients, orphans }: ScopeOfAlarms): Promise<Done[]> {
  const cloudWatch = await clients.cloudWatch();
  const done: Done[] = [];
  for (let i = 0; i < orphans.length; i += DELETED_MAX) {
    const names = orphans.slice(i, i + DELETED_MAX).map(({ name }) => name);
    const failed = await remove(cloudWatch, names);
    done.push(...names.map(alarm => ({ scope: scopeKey(scope), alarm, did: 'removed' as const, failed })));
  }
  return done;
}

async function remove(cloudWatch: CloudWatchClient, AlarmNames: string[]): Promise<string | null> {
  const { DeleteAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  return tried(() => cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames })));
}

async function tried(act: () => Promise<unknown>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}
