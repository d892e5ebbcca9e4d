/** What a stop bills at once: the CPU credits that an unlimited burstable instance has borrowed and not yet earned back. */
import { type MicroUsd, microUsd, usd } from '../model/money.ts';
import type { Instance } from '../model/observation.ts';

/** A credit is one vCPU at 100 % for a minute. */
const CREDITS_PER_VCPU_HOUR = 60;

/**
 * A vCPU-hour of surplus, the same for all sizes and in all regions (EC2 on-demand price page, "T2/T3/T4g Unlimited Mode Pricing"): T4g
 * $0.04; the others $0.05 with Linux and $0.096 with Windows. Whatever carries a licence of its own is taken for the dearest.
 */
const perVcpuHour = ({ type, platform }: Pick<Instance, 'type' | 'platform'>): MicroUsd =>
  type.startsWith('t4g.') ? usd(0.04) : platform === 'linux' ? usd(0.05) : usd(0.096);

/** @param surplus credits: CPUSurplusCreditBalance. */
export const surplusCharge = (instance: Pick<Instance, 'type' | 'platform'>, surplus: number): MicroUsd =>
  microUsd(Math.round((perVcpuHour(instance) * surplus) / CREDITS_PER_VCPU_HOUR));
