/** What all event shapes share: instants as AWS writes them, scopes from ARNs, and one plain line on why something cannot be read. */
import * as z from 'zod/mini';
import type { Scope } from '../../model/ids.ts';
import { type Instant, instant } from '../../model/time.ts';

/** One line for a log, an answer or a terminal. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly why: string;
}

export const unreadable = (why: string): Unreadable => ({ kind: 'unreadable', why });

// EventBridge writes `Z`, alarms write `.123+0000`. Date.parse alone would take `7` for a month.
const AWS_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;

/** Text to Instant, fractions of a second cut off. */
export const instantSchema = z.pipe(
  z.string(),
  z.transform((text, context): Instant => {
    if (AWS_TIME.test(text) && Number.isFinite(Date.parse(text))) return instant(text);
    context.issues.push({ code: 'custom', input: text, message: `${quoted(text)} is no instant` });
    return z.NEVER;
  }),
);

/** `undefined` for text that is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `detail.instance-id: string expected`: the first thing that is wrong, by its path. */
export function whyNot(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'not as expected';
  const path = issue.path.map(String).join('.') || 'event';
  if (issue.code === 'custom') return `${path}: ${issue.message}`;
  if (issue.code === 'invalid_type') return `${path}: ${issue.expected} expected`;
  if (issue.code === 'invalid_value') return `${path}: one of ${issue.values.map(String).join(', ')} expected`;
  return `${path}: not as expected`;
}

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d+$/;

/**
 * The scope that an ARN names, part by part; what it leaves out or garbles is taken from the envelope's own fields. (The ARN of a spot
 * warning carries an Availability Zone and no account; SNS's `Region` is a display name.) `null` when neither names an account and region.
 */
export function scopeOf(arn: string | undefined, account?: string, region?: string): Scope | null {
  const [, , , arnRegion, arnAccount] = arn?.split(':') ?? [];
  const fitting = (pattern: RegExp, ...candidates: (string | undefined)[]) => candidates.find(c => c !== undefined && pattern.test(c));
  const found = { account: fitting(ACCOUNT, arnAccount, account), region: fitting(REGION, arnRegion, region) };
  return found.account === undefined || found.region === undefined ? null : { account: found.account, region: found.region };
}

/** Names what should have named a scope. */
export const noScope = (arn: string | undefined): Unreadable =>
  unreadable(`names no account and region${arn === undefined ? '' : `: ${quoted(arn)}`}`);

/** At most 80 characters of what somebody else wrote. */
export const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
