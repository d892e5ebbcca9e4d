/** `ebb schedule state`: JSON lines in, a state for each out, in their order and as they come. */
import type { Readable, Writable } from 'node:stream';
import type { Command } from 'commander';
import type { Instant } from '../../shared/model/time.ts';
import { readMoment } from '../../shared/policy/dates.ts';
import { judge } from '../../shared/policy/explain.ts';
import { type State, stateOnly } from '../../shared/policy/schedule.ts';
import { bareSchedule, type Schedule } from '../../shared/policy/schema.ts';
import { linesOf } from '../lines.ts';

type Answer = { readonly id: unknown } & ({ readonly state: State } | { readonly error: string });

export const scheduleState = (schedule: Command): Command =>
  schedule
    .command('state')
    .description('tell what schedules say: {"id","schedule","at"} a line on stdin, {"id","state"} or {"id","error"} a line on stdout')
    .addHelpText(
      'after',
      `
A schedule is {"timeZone","periods":[{"weekdays","monthdays","months","begin","end"}]}, each field as in docs/schedules.md and left out at will;
"at" is an instant with its zone. The state is running, stopped, or any where the schedule leaves it open.

  echo '{"id":1,"schedule":{"timeZone":"Europe/Berlin","periods":[{"weekdays":"mon-fri","begin":"07:00","end":"19:00"}]},"at":"2025-05-14T12:00:00Z"}' | ebb schedule state
`,
    )
    .action(() => answerLines(process.stdin, process.stdout));

/** Line by line, so that any number of them fits into memory; an empty line asks nothing. */
export async function answerLines(input: Readable, output: Writable): Promise<void> {
  for await (const line of linesOf(input)) {
    if (line.trim() === '') continue;
    if (!output.write(`${JSON.stringify(answerLine(line))}\n`)) await new Promise(resolve => output.once('drain', resolve));
  }
}

/** Exported for the benchmark. */
export function answerLine(line: string): Answer {
  const asked = parse(line);
  if (asked === undefined || asked === null || typeof asked !== 'object' || Array.isArray(asked))
    return { id: null, error: 'is not a JSON object on one line; write {"id","schedule","at"}' };
  const { id = null, schedule, at, ...other } = asked as Record<string, unknown>;
  const [stray] = Object.keys(other);
  if (stray !== undefined) return { id, error: `${stray}: is not a key here; there are "id", "schedule", "at"` };
  if (typeof id !== 'string' && typeof id !== 'number')
    return { id, error: `id: ${id === null ? 'is missing' : 'is neither'}; write a text or a number` };

  const read = readSchedule(schedule);
  if (typeof read === 'string') return { id, error: read };
  if (typeof at !== 'string')
    return { id, error: `at: ${at === undefined ? 'is missing' : 'must be a text'}; write an instant such as 2025-05-14T12:00:00Z` };
  const instant = instantFrom(at);
  if (instant === null)
    return { id, error: `at: ${JSON.stringify(at)} is not an instant; write one with its zone, such as 2025-05-14T12:00:00Z` };
  return { id, state: stateOnly(read, instant) };
}

/** A time that carries its zone; one without has a meaning only where it was written. */
const instantFrom = (text: string): Instant | null => (/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? readMoment(text, 'UTC', 'begin') : null);

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Facts come in rows about the same schedules: each is read once, and what was reckoned of it is kept. */
const known = new Map<string, Schedule | string>();
const KEPT = 2_000;

/** The schedule, or all that is wrong with it in a line. */
function readSchedule(value: unknown): Schedule | string {
  const key = JSON.stringify(value) ?? '';
  const before = known.get(key);
  if (before !== undefined) return before;
  const read = compile(value);
  if (known.size >= KEPT) known.clear();
  known.set(key, read);
  return read;
}

function compile(value: unknown): Schedule | string {
  const result = judge(bareSchedule, value);
  if ('findings' in result) {
    return result.findings.map(({ path, message, remedy }) => `${pathText(['schedule', ...path])}: ${message}; ${remedy}`).join(' | ');
  }
  const { timeZone, periods } = result.ok;
  return { name: 'schedule', timeZone: timeZone ?? 'UTC', periods: periods.map(period => withoutNulls(period)) };
}

/** `schedule.periods[0].begin`. */
const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .slice(1);

const withoutNulls = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], null> } =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null)) as { [K in keyof T]: Exclude<T[K], null> };
