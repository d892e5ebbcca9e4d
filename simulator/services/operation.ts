/** What a service's operation is, to the front that serves it. */
import type { Region, World } from '../world/world.ts';

export interface Call {
  readonly world: World;
  readonly region: Region;
  readonly requestId: string;
  /** The same for all attempts that the SDK makes of one call. */
  readonly invocation: string;
  /** Ids of what the call really changed: the operation adds to it. */
  readonly changed: string[];
}

export interface Operation {
  readonly writes: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the inputs and outputs of all operations meet in one table
  readonly answer: (input: any, call: Call) => any;
  /** How CloudTrail writes it down, `output` being null where the call failed; absent where nothing listens. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly trail?: (input: any, output: any) => Trail;
}

export interface Trail {
  readonly requestParameters: unknown;
  readonly responseElements: unknown;
}

/** Answers as the SDK deserialises them, less the metadata. */
type Answer<Input, Output> = (input: Input, call: Call) => Output;

export const reads = <Input, Output>(answer: Answer<Input, Output>): Operation => ({ writes: false, answer });

/** A write that CloudTrail writes down as it was asked: names with a small first letter, lists as they are. */
export const trailed = <Input, Output>(answer: Answer<Input, Output>): Operation => ({
  writes: true,
  answer,
  trail: (input, output) => ({ requestParameters: lowered(input), responseElements: output === null ? null : lowered(output) }),
});

function lowered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowered);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.charAt(0).toLowerCase() + key.slice(1), lowered(member)]));
}

export const writes = <Input, Output>(
  answer: Answer<Input, Output>,
  trail?: (input: Input, output: Output | null) => Trail,
): Operation => ({
  writes: true,
  answer,
  ...(trail !== undefined && { trail }),
});
