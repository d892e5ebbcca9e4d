/** What wakes tell-slack: `{"tick":"outbox"}` or `{"tick":"summary","period":"daily"|"weekly"}`, with the scheduled time as `at`. */
import { type Instant, instant } from '../model/time.ts';
import type { Period } from './period.ts';

export type SlackTick =
  | { readonly tick: 'outbox' }
  /** `null`: now. */
  | { readonly tick: 'summary'; readonly period: Period; readonly at: Instant | null }
  | { readonly unreadable: string };

export function readSlackTick(input: unknown): SlackTick {
  const { tick, period, at } = (input !== null && typeof input === 'object' ? input : {}) as Record<string, unknown>;
  if (tick === 'outbox') return { tick };
  if (tick !== 'summary') return unreadable('tick', '"outbox" or "summary"', tick);
  if (period !== 'daily' && period !== 'weekly') return unreadable('period', '"daily" or "weekly"', period);
  if (at === undefined) return { tick, period, at: null };
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) return unreadable('at', 'an instant such as "2025-05-14T09:00:00Z"', at);
  return { tick, period, at: instant(at) };
}

const unreadable = (field: string, wanted: string, found: unknown): SlackTick => ({
  unreadable: `${field} must be ${wanted}, and is ${found === undefined ? 'missing' : JSON.stringify(found)?.slice(0, 80)}`,
});
