/** How the played week is shown: the story, what Slack was told, what was left alone, how it really ran. */
import { HOUR, lengthSeconds } from '../../shared/model/time.ts';
import { range } from '../../shared/report/amounts.ts';
import { count, hours } from '../../shared/report/numbers.ts';
import { named } from '../../shared/report/plain.ts';
import { clause } from '../../shared/report/sentences.ts';
import { renderSlackText } from '../../shared/report/slack-text.ts';
import type { Summary } from '../../shared/report/summary.ts';
import { paint, table, wrap } from '../../shared/report/text.ts';
import { moment } from '../../shared/report/when.ts';
import type { Check } from './check.ts';
import type { Played } from './play.ts';
import type { StoryLine } from './story.ts';

export interface Shown {
  readonly played: Played;
  readonly story: readonly StoryLine[];
  readonly check: Check;
  readonly zone: string;
  readonly width: number;
}

export const show = (shown: Shown): string =>
  [
    heading('The week (● Ebbtide, ○ people and the cloud)'),
    days(shown),
    heading('What Slack was told at the end of it'),
    slack(shown),
    heading('Left alone, and why (as of the last look)'),
    left(shown),
    heading('How it really ran'),
    ran(shown),
    '',
  ].join('\n\n');

const heading = (text: string): string => paint('bold', text);

function days({ story, zone, width }: Shown): string {
  const byDay = Map.groupBy(story, line => moment(line.at, zone).replace(/ \d\d:\d\d$/, ''));
  return [...byDay]
    .map(([day, lines]) => {
      const told = lines.map(({ at, who, text }) => {
        const time = moment(at, zone).slice(-5);
        const line = wrap(text, width, '           ', `  ${time}  ${who === 'people' ? '○' : '●'} `);
        return who === 'people' ? paint('dim', line) : line;
      });
      return [paint('bold', day), ...told].join('\n');
    })
    .join('\n\n');
}

function slack({ played, width }: Shown): string {
  const last = played.told.findLast(({ reply }) => !reply);
  if (last === undefined) return '  nothing';
  const text = renderSlackText(last.message, { width: width - 4 });
  return [
    `  ${last.channel}, the last of ${count(played.told.length, 'message')}:`,
    ...text
      .trimEnd()
      .split('\n')
      .map(line => `  │ ${line}`.trimEnd()),
  ].join('\n');
}

function left({ played: { summary }, zone, width }: Shown): string {
  return summary.left
    .map(({ count: n, examples }) => {
      const [first] = examples;
      if (first === undefined) return '';
      const others = n > 1 ? ` (and ${n - 1} more)` : '';
      return wrap(`${named(first.resource)}: ${clause(first.because, zone)}${others}`, width, '      ', '  ');
    })
    .join('\n');
}

function ran({ played, check, width }: Shown): string {
  const { stage, window, week, summary } = played;
  const rows = stage.cadence.map(c => [
    c.description,
    ...(width < EXPRESSIONS_FROM ? [] : [c.expression]),
    count(c.runs, 'run'),
    c.longestGap === 0 ? '' : `at most ${minutes(c.longestGap)} apart`,
  ]);
  const threw = stage.invocations.filter(i => i.outcome === 'threw').length;
  const dead = stage.deadLetters().reduce((sum, q) => sum + q.messages.length, 0);
  const agree = check.ledgerSeconds === check.worldSeconds;
  return [
    table(rows, { indent: '  ' }),
    ...[
      `${count(stage.invocations.length, 'invocation')} of the handlers in functions/, ${threw} failed, ${count(dead, 'dead letter')}; ${count(check.writes, 'write')} took effect, ${check.unsigned} of them without a change id.`,
      `Saved, before our own cost: ${summary.total.money === null ? 'unknown' : range(summary.total.money.total)} over ${hours(lengthSeconds(window) / HOUR)}, ${savedHours(summary)} fewer instance-hours than the four weeks before would have had.`,
      `The virtual cloud's own record ${agree ? 'agrees' : 'DISAGREES'}: our stops kept boxes asleep for ${hours(check.worldSeconds / HOUR)} by its billing, ${hours(check.ledgerSeconds / HOUR)} by the ledger.`,
      `Prices: ${summary.priceSources.join('; ') || 'none needed'}. No commitments (declared for this demo).`,
      week.cloud.record.writes.length === 0 ? 'Nothing was written at all.' : '',
    ]
      .filter(line => line !== '')
      .map(line => wrap(line, width, '  ', '  ')),
  ].join('\n');
}

/** A narrower page has no room for what EventBridge is told; the description says it in words. */
const EXPRESSIONS_FROM = 106;

const minutes = (seconds: number): string => (seconds < HOUR ? `${seconds / 60} min` : `${seconds / HOUR} h`);
const savedHours = ({ total }: Summary): string => hours(total.avoidedSeconds / HOUR);
