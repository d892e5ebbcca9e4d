/**
 * The idle decision as a program of lines: a replay tells it each hour of a fleet, it answers what to stop and what to bring back.
 * `npm run --silent protocol:idle`, JSON, one object a line:
 *   in   {"type":"init","startEpoch","utcOffsetHours","vms":[ids]}                                       no answer
 *   in   {"type":"hour","t":epoch of the hour that ended,"scored":bool,"vms":[{"id","running","cpuMax","netMax"}]}
 *   out  {"stop":[ids],"start":[ids]}                                                                    while not scored: both empty
 *   in   {"type":"end"}                                                                                  no answer
 * Numbers that are absent, null or not finite are not known.
 */
import { linesOf } from '../../cli/lines.ts';
import { hourly, type InstanceHour, newFleet } from '../../shared/decide/idle/fleet.ts';
import { shippedModel } from '../../shared/decide/idle/risk.ts';

let fleet = newFleet;
let utcOffset = 0;

for await (const line of linesOf(process.stdin)) {
  if (line.trim() === '') continue;
  const message = parsed(line);
  if (message['type'] === 'end') break;
  if (message['type'] === 'init') {
    fleet = newFleet;
    utcOffset = Math.round(number(message['utcOffsetHours']) ?? 0);
  } else if (message['type'] === 'hour') {
    const t = number(message['t']);
    if (t === null) fail(`an hour needs "t", the epoch second at which it began: ${line.slice(0, 120)}`);
    const seen = Array.isArray(message['vms']) ? message['vms'].flatMap(instanceHour) : [];
    const { next, stop, start } = hourly(fleet, Math.floor((t ?? 0) / 3600), seen, {
      act: message['scored'] !== false,
      utcOffsetOf: () => utcOffset,
      modelOf: () => shippedModel,
    });
    fleet = next;
    process.stdout.write(`${JSON.stringify({ stop, start })}\n`);
  } else fail(`"type" is init, hour or end: ${line.slice(0, 120)}`);
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    // Some writers say NaN for what is not known, which is not JSON.
    const message: unknown = JSON.parse(line.replace(/:\s*(NaN|-?Infinity)\b/g, ':null'));
    if (typeof message === 'object' && message !== null) return message as Readonly<Record<string, unknown>>;
  } catch {
    // told below
  }
  return fail(`not a JSON object: ${line.slice(0, 120)}`);
}

function instanceHour(vm: unknown): InstanceHour[] {
  if (typeof vm !== 'object' || vm === null) return [];
  const { id, running, cpuMax, netMax } = vm as Readonly<Record<string, unknown>>;
  return typeof id === 'string' ? [{ id, running: running !== false, cpuMax: number(cpuMax), netMax: number(netMax) }] : [];
}

function fail(why: string): never {
  process.stderr.write(`protocol:idle: ${why}\n`);
  process.exit(2);
}

function number(x: unknown): number | null {
  return typeof x === 'number' && Number.isFinite(x) ? x : null;
}
