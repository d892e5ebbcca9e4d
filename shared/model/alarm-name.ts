/** How the alarms of a policy are called, so that an alarm leads back to its fleet: `ebb:POLICY:GROUP:SIGNAL`. */
import { fingerprint } from './ids.ts';

/** What every one of them begins with. */
export const ALARM_PREFIX = 'ebb:';

/** CloudWatch's limit for a name. */
const NAME_MAX = 255;

/** A group's name holds no colon (Auto Scaling allows none), so the parts stay apart; one that is too long is told by its hash. */
export function alarmName(policy: string, group: string, signal: string): string {
  const name = `${ALARM_PREFIX}${policy}:${group}:${signal}`;
  return name.length <= NAME_MAX ? name : `${ALARM_PREFIX}${policy}:#${fingerprint(group)}:${signal}`;
}

/** `null` for alarms that are called otherwise, or whose group had to be hashed. */
export function readAlarmName(name: string): { readonly policy: string; readonly group: string | null; readonly signal: string } | null {
  const [, policy, group, signal] = /^ebb:([a-z][a-z0-9-]*):([^:]+):([^:]+)$/.exec(name) ?? [];
  if (policy === undefined || group === undefined || signal === undefined) return null;
  return { policy, group: /^#[0-9a-f]{20}$/.test(group) ? null : group, signal };
}
