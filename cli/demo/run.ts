/** The demo's run: plays the week, checks it against the world's own record, and shows it. */
import { resolve } from 'node:path';
import { loadConfig } from '../../shared/policy/load.ts';
import type { Config } from '../../shared/policy/schema.ts';
import { count } from '../../shared/report/numbers.ts';
import { wrap } from '../../shared/report/text.ts';
import { moment } from '../../shared/report/when.ts';
import { ZONE } from '../../simulator/scenarios/working-week.ts';
import { progress } from '../progress.ts';
import { configFolder } from '../real-aws.ts';
import { pageWidth } from '../view.ts';
import { mustBeWritable, writePage } from '../write-page.ts';
import { check } from './check.ts';
import { play } from './play.ts';
import { show } from './show.ts';
import { story } from './story.ts';

export interface DemoOptions {
  readonly seed: number;
  readonly days: number;
  readonly trace?: string;
  readonly observeOnly?: boolean;
  readonly json?: boolean;
  /** Where to write the page. */
  readonly report?: string;
  readonly config?: string;
}

export async function runDemo(options: DemoOptions): Promise<void> {
  const { seed, days, trace, json = false, observeOnly = false } = options;
  if (options.report !== undefined) mustBeWritable(options.report);
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

  if (options.report !== undefined) await writePage(options.report, played.page);
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
    `${count(days, 'day')} in ${((performance.now() - began) / 1000).toFixed(0)} s. Another week: npm start -- --seed ${seed + 1}. Hands off: npm start -- --observe-only.\n`,
  );
}

/** The policies as they are in the folder, switched on; the virtual account has neither Savings Plans nor Reserved Instances. */
const staged = (config: Config, observeOnly: boolean): Config => ({
  ...config,
  accounts: config.accounts.map(account => ({ ...account, commitments: 'none' })),
  policies: config.policies.map(policy => ({ ...policy, mode: observeOnly ? 'plan' : 'act' })),
});

function opening({ seed, observeOnly, trace }: DemoOptions): string {
  const fleet = trace === undefined ? 'a web fleet of 12 with daily demand and one flash crowd' : `a web fleet of 12 driven by ${trace}`;
  const mode = observeOnly ? 'all in mode plan: nothing is touched' : 'all in mode act';
  const lines = [
    `A working week in the virtual cloud (seed ${seed}): ${fleet}, and 14 dev-test instances with four weeks of history.`,
    `The functions run as they are deployed; the policies are those of the config folder, ${mode}. Times are ${ZONE}.`,
  ];
  return `${lines.map(line => wrap(line, pageWidth())).join('\n')}\n\n`;
}

const bar = (share: number): string => '━'.repeat(Math.round(share * 24)).padEnd(24, '─');
