/** The coming weeks as a drawing: a line a day, half an hour a cell; an hour where the terminal is narrow. */
import { dollars } from '../../shared/model/money.ts';
import type { State } from '../../shared/policy/schedule.ts';
import type { Schedule } from '../../shared/policy/schema.ts';
import { wallMinuteAt } from '../../shared/policy/wall-clock.ts';
import { rate } from '../../shared/report/amounts.ts';
import { hours, share } from '../../shared/report/numbers.ts';
import { paint, wrap } from '../../shared/report/text.ts';
import { moment } from '../../shared/report/when.ts';
import { type Day, halfHours, type Part, type Preview, type Week } from './weeks.ts';

const CELL: Readonly<Record<State, string>> = { running: '█', any: '░', stopped: '·' };
const MARGIN = 12;
/** A day of half hours, with its hours and times beside it, is wider than eighty columns. */
const WIDE = 90;
const scale = (hours: number): string =>
  Array.from({ length: 24 / hours + 1 }, (_, i) => String(i * hours).padEnd(6))
    .join('')
    .trimEnd();

export function draw(schedule: Schedule, preview: Preview, width = WIDE): string {
  const { weeks, timeZone } = preview;
  const isWide = width >= WIDE;
  const fitted = (line: string) => (isWide || line === '' ? line : wrap(line, width));
  const open = weeks.some(week => week.days.some(day => day.parts.some(({ state }) => state === 'any')));
  const legend = `${CELL.running} running   ${CELL.stopped} stopped${open ? `   ${CELL.any} open: nobody is stopped, nobody started` : ''}`;
  const own = timeZone === schedule.timeZone ? '' : `, shown on the clock of ${timeZone}`;
  return [
    `${paint('bold', schedule.name)}  ${schedule.timeZone}${own}`,
    fitted(nowText(preview)),
    '',
    legend,
    '',
    `${' '.repeat(MARGIN)}${scale(isWide ? 3 : 6)}  runs`,
    ...weeks.map(week => weekText(week, schedule, preview, isWide)),
    ...costText(preview).map(fitted),
    ...preview.stale.map(note => `${paint('yellow', 'over')}  ${note}`),
    '',
  ].join('\n');
}

/** The state, and the two transitions that come next. */
function nowText({ now, timeZone }: Preview): string {
  const says = { running: 'running', stopped: 'stopped', any: 'open' }[now.state];
  const since = now.since === null ? '' : ` since ${moment(now.since, timeZone)}`;
  if (now.next.length === 0) return `Now ${says}${since}, and nothing will change.`;
  const verbs = { running: 'starts', stopped: 'stops', any: 'is left open from' };
  return `Now ${says}${since}; ${now.next.map(({ at, to }) => `${verbs[to]} ${moment(at, timeZone)}`).join(', ')}.`;
}

function weekText(week: Week, schedule: Schedule, { timeZone, now }: Preview, isWide: boolean): string {
  const today = Math.floor(wallMinuteAt(timeZone, now.at) / 1440);
  const days = week.days.map(day =>
    dayText(day, cellsOf(halfHours(schedule, day, timeZone), isWide), Date.parse(day.date) / 86_400_000 === today),
  );
  const spent = week.costs.map(({ type, running, all }) =>
    running === null || all === null ? `${type} of unknown price` : `${type} ${dollars(running)} of ${dollars(all)}`,
  );
  const sum = `${hours(week.running / 3600)} of ${hours(week.all / 3600)} running${spent.length === 0 ? '' : ` · ${spent.join(' · ')}`}`;
  return [...days, paint('dim', `${' '.repeat(MARGIN)}${sum}`), ''].join('\n');
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function dayText(day: Day, cells: string, isToday: boolean): string {
  const [, month = '', monthday = ''] = day.date.split('-');
  const date = `${WEEKDAYS[day.weekday]} ${String(Number(monthday)).padStart(2)} ${MONTHS[Number(month) - 1]}`;
  const clocks = day.clocks === null ? [] : [`clocks go ${day.clocks.from} → ${day.clocks.to}, ${hours(day.clocks.hours)}`];
  const remarks = [...clocks, ...day.notes].join(' · ');
  const label = `${isToday ? '▸' : ' '}${date}`.padEnd(MARGIN);
  const line = `${isToday ? paint('bold', label) : label}${cells}  ${hours(day.running / 3600).padStart(6)}  ${partsText(day.parts)}`;
  return remarks === '' ? line.trimEnd() : `${line}  ${paint('yellow', remarks)}`;
}

function cellsOf(halves: readonly (State | null)[], isWide: boolean): string {
  if (isWide) return halves.map(cell).join('');
  return Array.from({ length: halves.length / 2 }, (_, i) => hourCell(halves[2 * i] ?? null, halves[2 * i + 1] ?? null)).join('');
}

/** `null`: the clock skips it. */
const cell = (state: State | null): string => (state === null ? ' ' : CELL[state]);

function hourCell(first: State | null, second: State | null): string {
  if (first === second || second === null) return cell(first);
  if (first === null) return cell(second);
  return first === 'running' ? '▌' : second === 'running' ? '▐' : cell(first);
}

/** `07:00–19:00`, `all day`, `open 00:00–12:00`. */
function partsText(parts: readonly Part[]): string {
  const shown = parts.filter(({ state }) => state !== 'stopped');
  return shown
    .map(({ state, from, to }) => {
      const span = from === '00:00' && to === '24:00' ? 'all day' : `${from}–${to}`;
      return state === 'any' ? `open ${span}` : span;
    })
    .join(', ');
}

function costText({ weeks, costs }: Preview): string[] {
  if (costs.length === 0) return [];
  const [running, all] = [weeks.reduce((sum, w) => sum + w.running, 0), weeks.reduce((sum, w) => sum + w.all, 0)];
  const lines = costs.map(({ type, region, price }, i) => {
    if (price === null) return `${type} in ${region}: its price is not in the table, so hours are all that can be said`;
    const of = (key: 'running' | 'all') => weeks.reduce((sum, week) => sum + (week.costs[i]?.[key] ?? 0), 0);
    const [spent, ever] = [of('running'), of('all')] as Parameters<typeof dollars>[0][];
    if (spent === undefined || ever === undefined) return '';
    return `${type} in ${region}: ${dollars(spent)} instead of ${dollars(ever)} around the clock, at ${rate(price.perHour)} (${price.source}, Linux)`;
  });
  return [
    `${hours(running / 3600)} of ${hours(all / 3600)} running (${share(running / all)}).`,
    ...lines,
    ...(costs.some(({ price }) => price !== null)
      ? ['Before commitments, and without what is billed while an instance is stopped: volumes, addresses.']
      : []),
    '',
  ];
}
