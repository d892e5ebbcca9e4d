/** `ebb fleet …`: how fleets would be sized, without a look at any account. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { priceOf } from '../../shared/observe/prices.ts';
import { Refusal } from '../exit.ts';
import { INTERPOLATIONS } from '../fleet-replay/minutes.ts';
import { cost, type Priced, page } from '../fleet-replay/page.ts';
import { type Replay, type ReplayOptions, replayFleet } from '../fleet-replay/run.ts';
import { progress } from '../progress.ts';
import { pageWidth } from '../view.ts';

interface Options extends ReplayOptions {
  readonly type?: string;
  readonly region?: string;
  readonly day?: number;
  readonly json?: boolean;
}

export function fleet(program: Command): Command {
  const command = program.command('fleet').description('ask how a fleet would have been sized');
  command
    .command('replay')
    .description('play recorded demand: our run beside target tracking, step and predictive scaling, and the clairvoyant minimum')
    .requiredOption('--trace <file>', 'CSV with the header t,v (.gz too): epoch seconds or instants, evenly apart; any unit')
    .option('--peak <n>', 'busy instances that the 99th percentile of demand is scaled to', number(1, 10_000), 40)
    .option('--boot <seconds>', 'from launch to service', number(0, 86_400), 180)
    .option('--lag <minutes>', 'that metrics are late: 1 for minute metrics, 6 for basic monitoring', whole(0, 60), 1)
    .option('--slo <percent>', 'utilization above which a minute is under-provisioned', number(10, 100), 90)
    .addOption(
      new Option('--interp <how>', 'how samples coarser than a minute become minutes: straight lines with 4 % of noise, lines, steps')
        .choices(INTERPOLATIONS)
        .default('noise'),
    )
    .option('--warmup <days>', 'played and not counted (default: a quarter of the trace, at most 14)', number(0, 3650))
    .option('--type <type>', 'instance type to tell dollars of, with --region')
    .option('--region <region>', 'region to tell dollars of, with --type')
    .option('--day <date>', 'draw this day (UTC), not all that is counted', dayOf)
    .option('--json', 'print the figures as one value')
    .action((options: Options) => {
      const priced = pricedOf(options);
      const replay = replayFleet(options, saying());
      const shown = shownOf(replay, options);
      process.stdout.write(
        options.json
          ? `${JSON.stringify(figures(replay, options, priced), null, 2)}\n`
          : page(replay, { options, priced, shown, width: pageWidth() }),
      );
    });
  return command;
}

function pricedOf({ type, region }: Options): Priced | null {
  if (type === undefined && region === undefined) return null;
  if (type === undefined) throw new Refusal('--region alone has no price; write --type m5.large or the like beside it');
  if (region === undefined) throw new Refusal('--type alone has no price; write --region eu-west-1 or the like beside it');
  return { type, region, price: priceOf({ type, region, platform: 'linux', tenancy: 'default' }) };
}

/** Told only where one has to wait. */
function saying(): (who: string, share: number) => void {
  const busy = progress();
  const began = performance.now();
  return (who, share) => {
    if (performance.now() - began > 2000) busy.say(`${who} ${Math.round(share * 100)} %`);
  };
}

/** Minutes of the trace. */
function shownOf({ demand, start, terms }: Replay, { day }: Options): { from: number; to: number } {
  if (day === undefined) return { from: terms.warmup, to: demand.length };
  const from = Math.max(0, Math.round((day - start) / 60));
  const to = Math.min(demand.length, Math.round((day - start) / 60) + 1440);
  if (to > from) return { from, to };
  const date = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
  throw new Refusal(`--day: the trace goes from ${date(start)} to ${date(start + 60 * (demand.length - 1))}; write a day in between`);
}

function figures({ start, period, terms, days, clairvoyantHours, rows }: Replay, options: Options, priced: Priced | null) {
  const { trace, peak, interp } = options;
  const perHour = priced?.price?.perHour ?? null;
  const dollars = (hours: number) => (perHour === null ? {} : { dollars: cost(hours, perHour) / 1_000_000 });
  return {
    ...{ trace, peak, interp, start: new Date(start * 1000).toISOString(), period, days, terms },
    price:
      priced === null
        ? null
        : {
            type: priced.type,
            region: priced.region,
            perHour: perHour === null ? null : perHour / 1_000_000,
            source: priced.price?.source ?? null,
          },
    clairvoyant: { instanceHours: clairvoyantHours, ...dollars(clairvoyantHours) },
    rows: rows.map(row => ({ ...row, ...dollars(row.instanceHours) })),
  };
}

function number(min: number, max: number): (text: string) => number {
  return text => {
    const n = Number(text);
    if (text.trim() !== '' && n >= min && n <= max) return n;
    throw new InvalidArgumentError(`Write a number from ${min} to ${max}.`);
  };
}

function whole(min: number, max: number): (text: string) => number {
  const read = number(min, max);
  return text => {
    const n = read(text);
    if (Number.isInteger(n)) return n;
    throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
  };
}

/** Epoch seconds at which a day of UTC begins. */
function dayOf(text: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (new Date(at || 0).toISOString().startsWith(text)) return at / 1000;
  throw new InvalidArgumentError('Write a day such as 2025-05-14.');
}
