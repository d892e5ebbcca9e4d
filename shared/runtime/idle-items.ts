/** How the learners of a scope lie on their shelf: one small item an instance, and one for the tolerance that they share. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Mind } from '../decide/idle/consider.ts';
import type { Tolerance } from '../decide/idle/tolerance.ts';

export const TOLERANCE_KEY = 'tolerance';
export const learnerKey = (id: string): string => `learner#${id}`;
export const busyKey = (id: string): string => `busy#${id}`;

/** Short names: ten thousand of these are read every hour, and DynamoDB charges by the kilobyte. */
interface PackedMind {
  readonly v: 1;
  /** Hours: the history's end, the rest's beginning (negative: on paper), left alone until, measured again. */
  readonly e: number;
  readonly r?: number;
  readonly n?: number;
  readonly a: number;
  readonly t: number;
  /** Both rows of the history, deflated: what repeats every day costs little. */
  readonly h: string;
}

export function packMind({ learner, askAt }: Mind): PackedMind {
  const { history, rest, notBefore, trust } = learner;
  return {
    ...{ v: 1, e: history.end, a: askAt, t: trust },
    ...(rest !== null && { r: rest.onPaper ? -rest.since : rest.since }),
    ...(notBefore > 0 && { n: notBefore }),
    h: deflateRawSync(`${history.cpu}\n${history.net}`, { level: 9 }).toString('base64'),
  };
}

/** @returns `null` for an item of another release: its past is read again. */
export function unpackMind(value: unknown): Mind | null {
  const packed = value as PackedMind;
  if (packed.v !== 1) return null;
  const [cpu = '', net = ''] = inflateRawSync(Buffer.from(packed.h, 'base64')).toString('latin1').split('\n');
  const rest = packed.r === undefined ? null : { since: Math.abs(packed.r), onPaper: packed.r < 0 };
  const history = { version: 1, end: packed.e, cpu, net } as const;
  return { learner: { version: 1, history, trust: packed.t, rest, notBefore: packed.n ?? 0 }, askAt: packed.a };
}

/** The tolerance, and the last hour whose outcomes have steered it. */
export interface HeldTolerance {
  readonly tolerance: Tolerance;
  readonly hour: number;
}
