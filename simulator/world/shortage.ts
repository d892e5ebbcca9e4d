/** Where EC2 has no capacity: windows of time per type and availability zone. */
import type { World } from './world.ts';

export interface Shortage {
  readonly type: string;
  /** `eu-west-1a`; every zone of the cloud unless told otherwise. */
  readonly zone: string | null;
  /** Half-open, epoch seconds. */
  readonly from: number;
  readonly to: number;
}

export function isShort({ shortages, clock }: World, type: string, zone: string): boolean {
  if (shortages.length === 0) return false;
  const now = clock.now();
  return shortages.some(s => s.type === type && (s.zone === null || s.zone === zone) && now >= s.from && now < s.to);
}

export const shortageMessage = (type: string, zone: string): string =>
  `We currently do not have sufficient ${type} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity.`;
