/**
 * CPU credits of T instances, worked out from what they did and never stored: earned by the minute, spent by the percent.
 * T2 forgets its balance at a stop and gets launch credits at its start; T3, T3a and T4g keep it for seven days, and surplus that was
 * borrowed is charged at the stop (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html).
 */
import { type Burstable, instanceType } from './instance-types.ts';
import type { Machine } from './machine.ts';
import { Steps } from './steps.ts';

export interface Credits {
  readonly balance: number;
  readonly surplus: number;
  /** Surplus that has been billed so far. */
  readonly charged: number;
  /** Spent in the last step. */
  readonly used: number;
}

const STEP = 300;
const DAY = 86_400;
const KEPT = 7 * DAY;
const LAUNCH_CREDITS_PER_VCPU = 30;

/** What the credits were after every five minutes until `now`. @returns `null` for a type without credits. */
export function creditsUntil(machine: Machine, cpu: (at: number) => number, origin: number, now: number): Steps<Credits> | null {
  const type = instanceType(machine.type);
  if (type?.burstable == null) return null;
  const { burstable, vcpus } = type;
  const t2 = burstable.family === 't2';
  const launchCredits = t2 ? LAUNCH_CREDITS_PER_VCPU * vcpus : 0;
  const history = new Steps<Credits>(() => EMPTY);
  let state = EMPTY;
  let until: number | null = null;
  for (const { from: start, to: end } of machine.ran) {
    // What has run for long is looked at from a day before the story, full then: a day is what a balance remembers.
    const old: boolean = until === null && start <= origin && machine.createdAt < origin - DAY;
    const from = old ? origin - DAY : start;
    if (until === null) state = { ...EMPTY, balance: old ? burstable.earnPerHour * 24 : launchCredits };
    else state = { ...state, used: 0, balance: t2 ? launchCredits : start - until > KEPT ? 0 : state.balance };
    until = end ?? now;
    for (let t = from; t + STEP <= until; t += STEP) {
      state = spent(state, burstable, (cpu(t + STEP / 2) / 100) * vcpus * (STEP / 60));
      history.set(t + STEP, state);
    }
    if (end !== null) state = { ...state, surplus: 0, charged: state.charged + state.surplus };
  }
  return history;
}

/** Five minutes later. */
function spent({ balance, surplus, charged }: Credits, { earnPerHour, unlimited }: Burstable, used: number): Credits {
  const max = earnPerHour * 24;
  const left = balance - surplus + (earnPerHour * STEP) / 3600 - used;
  if (!unlimited) return { balance: Math.min(max, Math.max(0, left)), surplus: 0, charged, used };
  const beyond = Math.max(0, -max - left); // more than a day's earnings is billed at once
  return { balance: Math.min(max, Math.max(0, left)), surplus: Math.max(0, -left - beyond), charged: charged + beyond, used };
}

const EMPTY: Credits = { balance: 0, surplus: 0, charged: 0, used: 0 };
