/**
 * What a policy file may say, every field described. Read at package time and by the CLI only: the Lambdas get the compiled value, so
 * neither zod nor a YAML parser is paid for at a cold start. Runtime rooms import the *types* of this file, never the file
 * nor the folder beside it.
 *
 * A message says what is wrong, and after the first `; ` what to do about it: load.ts prints it behind file, line and path.
 */
import { z } from 'zod';
import { fleetPolicy } from './schema/fleets.ts';
import { instancePolicy } from './schema/instances.ts';
import { scopesSchema, slackSchema } from './schema/places.ts';
import { bareSchedule, type periodSchema, type scheduleSchema, schedulesSchema } from './schema/schedules.ts';
import type { signalSchema } from './schema/signals.ts';
import { tagPolicy } from './schema/tags.ts';
import type { breakerSchema, budgetSchema, matchSchema } from './schema/words.ts';

export { bareSchedule, schedulesSchema, scopesSchema, slackSchema };

export const policySchema = z.discriminatedUnion('kind', [instancePolicy, fleetPolicy, tagPolicy]);
export const POLICY_KINDS = { instances: instancePolicy, fleets: fleetPolicy, tags: tagPolicy } as const;

export type Match = z.output<typeof matchSchema>;
export type Policy = z.output<typeof policySchema>;
export type InstancePolicy = z.output<typeof instancePolicy>;
export type FleetPolicy = z.output<typeof fleetPolicy>;
export type SignalSpec = z.output<typeof signalSchema>;
export type TagPolicy = z.output<typeof tagPolicy>;
export type Budget = z.output<typeof budgetSchema>;
export type Breaker = z.output<typeof breakerSchema>;
export type Period = z.output<typeof periodSchema>;
/** `daysOff` is what the calendars under `holidays` say, as dates: compiled when the config is. */
export type Schedule = z.output<typeof scheduleSchema> & { readonly name: string; readonly daysOff?: readonly string[] };
export type DayException = NonNullable<Schedule['exceptions']>[number];
export type Scopes = z.output<typeof scopesSchema>;
export type SlackConfig = z.output<typeof slackSchema>;

/** The compiled value of the config folder: plain JSON, ready to be bundled with a function. */
export interface Config {
  readonly stage: string;
  readonly accounts: Scopes['accounts'];
  readonly policies: readonly Policy[];
  readonly schedules: Readonly<Record<string, Schedule>>;
  readonly slack: SlackConfig;
}
