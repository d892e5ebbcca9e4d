/** A part of a fleet bought as Spot: what is proposed, and what it would save. */
import type { MicroUsd } from './money.ts';

export interface PurchaseProposal {
  /** On demand, always. */
  readonly base: number;
  /** Percent of what is above it that stays on demand. */
  readonly onDemandPercent: number;
  /** Instances that would be Spot at the present size. */
  readonly spotInstances: number;
  readonly types: readonly string[];
  /** Types × zones that Spot capacity may come from. */
  readonly pools: number;
  /** Per instance-hour: the list price, and the dearest Spot price of all pools, `null` where EC2 tells none. */
  readonly onDemandPerHour: MicroUsd | null;
  readonly spotPerHour: MicroUsd | null;
  /** Each hour at the present size; `null`: a price is unknown, so no dollar is named. */
  readonly saves: { readonly low: MicroUsd; readonly high: MicroUsd } | null;
  /** For `aws autoscaling update-auto-scaling-group --cli-input-json`, or option settings of `aws elasticbeanstalk update-environment`. */
  readonly change: { readonly command: string; readonly input: object };
}
