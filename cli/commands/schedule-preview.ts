/** `ebb schedule preview NAME`: the coming weeks of a schedule, drawn. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { instant } from '../../shared/model/time.ts';
import { priceOf } from '../../shared/observe/prices.ts';
import { freeDays } from '../../shared/policy/holidays.ts';
import { judgeRegion, judgeZone } from '../../shared/policy/judges.ts';
import { loadConfig } from '../../shared/policy/load.ts';
import type { Policy, Schedule } from '../../shared/policy/schema.ts';
import { suggestion } from '../../shared/policy/suggest.ts';
import { Refusal } from '../exit.ts';
import { draw } from '../preview/draw.ts';
import { preview } from '../preview/weeks.ts';
import { type AwsOptions, configFolder } from '../real-aws.ts';
import { atOption, pageWidth } from '../view.ts';

interface PreviewOptions extends Pick<AwsOptions, 'config'> {
  readonly weeks: number;
  readonly tz?: string;
  readonly type?: readonly string[];
  readonly region?: string;
  readonly at?: string;
  readonly json?: boolean;
}

export const schedulePreview = (schedule: Command): Command =>
  schedule
    .command('preview')
    .description('draw the coming weeks of a schedule: transitions, hours, holidays, changed clocks, and dollars per instance type')
    .argument('<name>', 'name of a schedule in schedules.yml, or an alias')
    .addOption(new Option('--weeks <n>', 'weeks to draw, 1 to 53').default(4).argParser(weeks))
    .addOption(new Option('--tz <zone>', 'IANA time zone to draw it in (default: its own)').argParser(zone))
    .option('--type <types...>', 'instance types whose hours to price, such as m5.large')
    .addOption(new Option('--region <region>', 'where (default: the first of scopes.yml)').argParser(region))
    .addOption(atOption())
    .option('--config <folder>', 'folder of policies (default: EBB_CONFIG, else ./config)')
    .option('--json', 'print it as a value; times in seconds, money in millionths of a dollar')
    .action((name: string, options: PreviewOptions) => {
      const folder = configFolder(options);
      const { schedules, accounts, policies } = loadConfig(folder);
      const chosen = find(name, schedules);
      const where = options.region ?? accounts[0]?.regions[0] ?? 'us-east-1';
      const costs = (options.type ?? []).map(type => ({
        type,
        region: where,
        price: priceOf({ region: where, type, platform: 'linux', tenancy: 'default' }),
      }));
      const asked = {
        ...{ at: instant(options.at ?? new Date()), weeks: options.weeks, timeZone: options.tz ?? chosen.timeZone, costs },
        freeDays: freeDays(chosen.holidays, folder).days,
      };
      const drawn = preview(chosen, asked);
      process.stdout.write(
        options.json ? `${JSON.stringify(drawn, null, 2)}\n` : `${draw(chosen, drawn, pageWidth())}${early(chosen, policies)}`,
      );
    });

/** A line on policies whose instances are started ahead of it; empty where there is none. */
function early({ name }: Schedule, policies: readonly Policy[]): string {
  const ahead = policies.filter(p => p.kind === 'instances' && p.schedule === name && p.start?.early === true).map(p => p.name);
  return ahead.length === 0
    ? ''
    : `${ahead.join(', ')}: instances start up to 15 minutes ahead, by what each has taken to be ready; ebb why tells how long.\n`;
}

function find(name: string, schedules: Readonly<Record<string, Schedule>>): Schedule {
  const byAlias = Object.values(schedules).find(({ aliases = [] }) => aliases.some(alias => alias.toLowerCase() === name.toLowerCase()));
  const found = Object.hasOwn(schedules, name) ? schedules[name] : byAlias;
  if (found === undefined)
    throw new Refusal(
      `there is no schedule ${JSON.stringify(name)}: ${suggestion(name, Object.keys(schedules), 'write one in schedules.yml')}`,
    );
  return found;
}

function weeks(text: string): number {
  const n = Number(text);
  if (!/^\d+$/.test(text) || n < 1 || n > 53) throw new InvalidArgumentError('Write a whole number from 1 to 53.');
  return n;
}

function zone(text: string): string {
  const trouble = judgeZone(text);
  if (trouble !== null) throw new InvalidArgumentError(`${trouble}.`);
  return text;
}

function region(text: string): string {
  const trouble = judgeRegion(text);
  if (trouble !== null) throw new InvalidArgumentError(`${trouble}.`);
  return text;
}
