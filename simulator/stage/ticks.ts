/** EventBridge Scheduler: rings at its times, fills its placeholders, and counts how often it really rang. */
import { type Instant, instant } from '../../shared/model/time.ts';
import { parseSchedule } from '../world/schedule.ts';
import type { World } from '../world/world.ts';
import type { Lambda } from './lambda.ts';
import type { ScheduleWiring } from './wiring.ts';

/** How a schedule really ran. */
export interface Cadence {
  readonly function: string;
  readonly description: string;
  readonly expression: string;
  runs: number;
  firstAt: Instant | null;
  lastAt: Instant | null;
  /** Seconds between the two neighbouring runs that were furthest apart; 0 until there were two. */
  longestGap: number;
}

/** The schedule begins now; its first ring is at or after this instant. */
export function startSchedule(world: World, wiring: ScheduleWiring, lambda: Lambda): Cadence {
  const { expression, description, timeZone, input } = wiring;
  const cadence: Cadence = { function: lambda.wiring.name, description, expression, runs: 0, firstAt: null, lastAt: null, longestGap: 0 };
  const next = parseSchedule(expression, timeZone, world.clock.second());
  const template = typeof input === 'string' ? input : JSON.stringify(input);

  const plan = (after: number): void => {
    const at = next(after);
    if (at === null) return;
    world.clock.deliver(at, async () => {
      plan(at);
      count(cadence, instant(world.clock.now() * 1000));
      await lambda.ring(fill(world, template, at, lambda), description);
    });
  };
  plan(world.clock.second() - 1);
  return cadence;
}

function count(cadence: Cadence, at: Instant): void {
  if (cadence.lastAt !== null) cadence.longestGap = Math.max(cadence.longestGap, (Date.parse(at) - Date.parse(cadence.lastAt)) / 1000);
  cadence.runs++;
  cadence.firstAt ??= at;
  cadence.lastAt = at;
}

/** Placeholders stand in the input as they are written in the template, and are filled in as text. */
function fill(world: World, template: string, at: number, { functionName, arn }: Lambda): unknown {
  const [, , , region] = arn.split(':');
  const values: Readonly<Record<string, () => string>> = {
    'scheduled-time': () => instant(at * 1000),
    'execution-id': () => world.ids.uuid('execution'),
    'attempt-number': () => '1',
    'schedule-arn': () => `arn:aws:scheduler:${region}:${world.account}:schedule/default/${functionName}`,
  };
  const text = template.replace(/<aws\.scheduler\.([a-z-]+)>/g, (whole, name: string) => values[name]?.() ?? whole);
  try {
    return JSON.parse(text);
  } catch {
    return text; // an input may be any text
  }
}
