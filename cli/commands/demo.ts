/** `ebb demo` (= `npm start`): the main job, played in the virtual cloud. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { loadConfig } from '../../shared/policy/load.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { moment } from '../../shared/report/when.ts';
import { ZONE } from '../../simulator/scenarios/working-week.ts';
import { check } from '../demo/check.ts';
import { play } from '../demo/play.ts';
import { show } from '../demo/show.ts';
import { story } from '../demo/story.ts';
import { progress } from '../progress.ts';
import { configFolder } from '../real-aws.ts';
import { pageWidth } from '../view.ts';

interface DemoOptions {
  readonly seed: number;
  readonly days: number;
  readonly trace?: string;
  readonly observeOnly?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

export const demo = (program: Command): Command =>
  program
    .command('demo')
    .description('play a working week in the virtual cloud, with the functions as they are deployed')
    .option('--seed <n>', 'the same seed tells the same story', wholeNumber(0), 7)
    .option('--days <n>', 'days to play, from Monday on', wholeNumber(1, 28), 7)
    .option('--trace <file>', 'drive the web fleet by a recorded trace (CSV with the header t,v; .gz too)')
    .option('--observe-only', 'all policies in mode `plan`: the same week, and nothing is touched')
    .option('--json', 'print everything as one value')
    .option('--config <folder>', 'folder of policies (default: EBB_CONFIG, else ./config)')
    .action(async (options: DemoOptions) => {
      const { seed, days, trace, json = false, observeOnly = false } = options;
      const began = performance.now();
      const busy = progress();
      const played = await play({
        config: staged(loadConfig(configFolder(options)), observeOnly),
        serverless: resolve(import.meta.dirname, '../../serverless.yml'),
        seed,
        days,
        ...(trace !== undefined && { trace }),
        onProgress: (at, share) => busy.say(`${moment(at, ZONE)}  ${bar(share)} ${Math.round(share * 100)} %`),
      }).finally(busy.done);

      const told = story(played.rows, played.week.people, ZONE);
      const checked = check(played.week.cloud, played.rows, played.window);
      if (json) {
        const { stage, window, summary, told: slack } = played;
        process.stdout.write(
          `${JSON.stringify({ seed, days, observeOnly, window, story: told, summary, slack, cadence: stage.cadence, check: checked }, null, 2)}\n`,
        );
        return;
      }
      process.stdout.write(opening(options));
      process.stdout.write(show({ played, story: told, check: checked, zone: ZONE, width: pageWidth() }));
      process.stderr.write(
        `${days} days in ${((performance.now() - began) / 1000).toFixed(0)} s. Another week: npm start -- --seed ${seed + 1}. Hands off: npm start -- --observe-only.\n`,
      );
    });

/** The policies as they are in the folder, switched on; the virtual account has neither Savings Plans nor Reserved Instances. */
const staged = (config: Config, observeOnly: boolean): Config => ({
  ...config,
  accounts: config.accounts.map(account => ({ ...account, commitments: 'none' })),
  policies: config.policies.map(policy => ({ ...policy, mode: observeOnly ? 'plan' : 'act' })),
});

function opening({ seed, observeOnly, trace }: DemoOptions): string {
  const fleet = trace === undefined ? 'a web fleet of 12 with daily demand and one flash crowd' : `a web fleet of 12 driven by ${trace}`;
  return `A working week in the virtual cloud (seed ${seed}): ${fleet}, and 14 dev-test instances with four weeks of history.
The functions run as they are deployed; the policies are those of the config folder, ${observeOnly ? 'all in mode plan: nothing is touched' : 'all in mode act'}. Times are ${ZONE}.

`;
}

const bar = (share: number): string => '━'.repeat(Math.round(share * 24)).padEnd(24, '─');

function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const n = Number(text);
    if (/^\d+$/.test(text) && n >= min && n <= max) return n;
    throw new InvalidArgumentError(`Write a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}.`);
  };
}
