/** `ebb demo` (= `npm start`): the main job, played in the virtual cloud. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { DemoOptions } from '../demo/run.ts';

export const demo = (program: Command): Command =>
  program
    .command('demo')
    .description('play a working week in the virtual cloud, with the functions as they are deployed')
    .option('--seed <n>', 'the same seed tells the same story', wholeNumber(0), 7)
    .option('--days <n>', 'days to play, from Monday on', wholeNumber(1, 28), 7)
    .option('--trace <file>', 'drive the web fleet by a recorded trace (CSV with the header t,v; .gz too)')
    .option('--observe-only', 'all policies in mode `plan`: the same week, and nothing is touched')
    .option('--json', 'print everything as one value')
    .option('--report <file>', 'also write the page of the week (HTML), as `ebb report` does')
    .option('--config <folder>', 'folder of policies (default: EBB_CONFIG, else ./config)')
    // Imported when called: no other command needs the virtual cloud.
    .action(async (options: DemoOptions) => (await import('../demo/run.ts')).runDemo(options));

function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const n = Number(text);
    if (/^\d+$/.test(text) && n >= min && n <= max) return n;
    throw new InvalidArgumentError(`Write a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}.`);
  };
}
