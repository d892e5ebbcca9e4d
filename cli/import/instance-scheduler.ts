/** Schedules of Instance Scheduler on AWS as ours, each with notes on what a schedule cannot say here. Pure. */
import { judge } from '../../shared/policy/explain.ts';
import { schedulesSchema } from '../../shared/policy/schema.ts';
import { zoneTrouble } from '../../shared/policy/zones.ts';
import { type Definitions, type Fields, said } from './read-instance-scheduler.ts';

export interface Imported {
  readonly name: string;
  /** As schedules.yml would have it; `null` where it cannot be one of ours, and the notes say why. */
  readonly schedule: Readonly<Record<string, unknown>> | null;
  readonly notes: readonly string[];
}

export function translate({ schedules, periods }: Definitions): Imported[] {
  const known = new Map(periods.map(period => [said(period['name']), period]));
  const names = new Set<string>();
  const named = schedules.map(fields => {
    const original = said(fields['name'] ?? 'schedule');
    return { fields, original, name: uniqueName(original, names) };
  });
  const words = new Set(names);
  return named.map(({ fields, original, name }) => {
    const notes: string[] = [];
    const word = original.toLowerCase();
    const taken = word !== name && words.has(word);
    words.add(word);
    const translated = {
      ...{ timeZone: zoneOf(fields, notes), periods: periodsOf(fields, known, notes) },
      ...(name === original || taken ? {} : { aliases: [original] }),
    };
    if (typeof fields['description'] === 'string') notes.unshift(fields['description']);
    if (taken) notes.push(`was called ${original}, as another is: tags that say so mean that one`);
    else if (name !== original) notes.push(`was called ${original}; tags that say so are still understood, by its alias`);
    if (fields['template'] === true && fields['name'] !== undefined && said(fields['nostackprefix']).toLowerCase() !== 'true')
      notes.push(`its stack put its own name before it, as in my-stack-${original}: add that to aliases if tags say so`);
    notes.push(...elsewhere(fields));
    const result = judge(schedulesSchema, { [name]: translated });
    if ('ok' in result) return { name, schedule: translated, notes };
    return {
      name,
      schedule: null,
      notes: [...result.findings.map(f => `cannot be translated: ${f.path.slice(1).join('.')}: ${f.message}; ${f.remedy}`), ...notes],
    };
  });
}

/** Periods that no schedule names are told, not lost in silence. */
export function unused({ schedules, periods }: Definitions): string[] {
  const named = new Set(schedules.flatMap(fields => listOf(fields['periods']).map(p => said(p).split('@')[0])));
  return periods.map(({ name }) => said(name)).filter(name => !named.has(name));
}

/** `Uk Office_Hours` → `uk-office-hours`. */
function uniqueName(original: string, taken: Set<string>): string {
  const slug = original
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 60);
  const base = slug === '' ? 'schedule' : slug;
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
  taken.add(name);
  return name;
}

function zoneOf({ timezone }: Fields, notes: string[]): string {
  if (timezone === undefined) {
    notes.push('named no time zone: UTC, which is the default of the stack unless somebody chose another');
    return 'UTC';
  }
  const zone = said(timezone);
  return zoneTrouble(zone) === null ? zone : (FIXED[zone] ?? zone);
}

/** Names that IANA keeps for what never follows summer time, by the zone that says so. */
const FIXED: Readonly<Record<string, string>> = { EST: 'Etc/GMT+5', MST: 'Etc/GMT+7', HST: 'Etc/GMT+10', GMT: 'Etc/GMT' };

function periodsOf(fields: Fields, known: ReadonlyMap<string, Fields>, notes: string[]): Record<string, unknown>[] {
  return listOf(fields['periods']).flatMap(entry => {
    if (entry !== null && typeof entry === 'object') return periodOf(lowered(entry as Record<string, unknown>), '', notes);
    const [name = '', type] = said(entry).split('@');
    if (type !== undefined) notes.push(`period ${name} asked for the instance type ${type}: a schedule does not resize`);
    const period = known.get(name);
    if (period === undefined) notes.push(`period ${name} is not in the file: add it by hand, or import its definition too`);
    return period === undefined ? [] : periodOf(period, name, notes);
  });
}

const lowered = (fields: Record<string, unknown>): Fields =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key.toLowerCase().replaceAll(/[_-]/g, ''), value]));

const listOf = (value: unknown): unknown[] =>
  value === undefined
    ? []
    : Array.isArray(value)
      ? value
      : said(value)
          .split(',')
          .map(v => v.trim());

function periodOf(fields: Fields, name: string, notes: string[]): Record<string, unknown>[] {
  const { begintime: begin, endtime: end, instancetype } = fields;
  const called = name === '' ? 'a period' : `period ${name}`;
  if (instancetype !== undefined) notes.push(`${called} asked for the instance type ${said(instancetype)}: a schedule does not resize`);
  if (begin !== undefined && begin === end) {
    notes.push(`${called} from ${said(begin)} to ${said(end)} was empty, and is left out`);
    return [];
  }
  const dates = Object.fromEntries(
    ['weekdays', 'monthdays', 'months'].flatMap(key => (fields[key] === undefined ? [] : [[key, textOf(fields[key])]])),
  );
  for (const step of Object.values(dates).flatMap(text => [...text.matchAll(/\S*\/\d\d+/g)]))
    notes.push(`${called}: ${step[0]} is what it says here; Instance Scheduler since 3.0 reads the last digit of its step only`);
  return [
    {
      ...(name === '' ? {} : { name }),
      ...dates,
      ...(begin === undefined ? {} : { begin: said(begin) }),
      ...(end === undefined ? {} : { end: said(end) }),
    },
  ];
}

/** A set has no order; a list of one is a text. */
const textOf = (value: unknown): string =>
  listOf(value)
    .map(v => said(v).trim())
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .join(', ');

/** What Instance Scheduler keeps with a schedule and is said elsewhere here, or not at all. */
function elsewhere(fields: Fields): string[] {
  const on = (key: string): boolean => said(fields[key]).toLowerCase() === 'true';
  const override = fields['overridestatus'];
  return [
    ...(override === undefined
      ? []
      : [
          `override_status ${said(override)} held until somebody removed it; here an override has an end: overrides: [{ state: ${said(override)}, to: DATE }]`,
        ]),
    ...(on('enforced') && on('retainrunning')
      ? [
          'enforced and retain_running contradict each other: write one of `enforced: true` and `retainRunning: true` in the policy of these instances',
        ]
      : []),
    ...(on('enforced') && !on('retainrunning') ? ['enforced: write `enforced: true` in the policy of these instances'] : []),
    ...(on('retainrunning') && !on('enforced') ? ['retain_running: write `retainRunning: true` in the policy of these instances'] : []),
    ...(on('hibernate') ? ['hibernate: write `hibernate: true` in the policy of these instances'] : []),
    ...(said(fields['stopnewinstances']).toLowerCase() === 'false'
      ? ['stop_new_instances false: what was started after the last boundary is left until the next one anyway']
      : []),
    ...(on('usemaintenancewindow') || fields['ssmmaintenancewindow'] !== undefined
      ? ['maintenance windows are not read: write them as periods']
      : []),
  ];
}
