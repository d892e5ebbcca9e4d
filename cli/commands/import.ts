/** `ebb import …`: schedules of other schedulers as ours, on stdout, with what could not be said as comments. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Document, isMap, isScalar, isSeq, YAMLMap } from 'yaml';
import { CUSTODIAN_DEFAULTS, parseCustodianTag } from '../../shared/policy/custodian-tag.ts';
import { judge } from '../../shared/policy/explain.ts';
import { schedulesSchema } from '../../shared/policy/schema.ts';
import { suggestZone, zoneTrouble } from '../../shared/policy/zones.ts';
import { Refusal } from '../exit.ts';
import { type Imported, translate, unused } from '../import/instance-scheduler.ts';
import { readDefinitions } from '../import/read-instance-scheduler.ts';

export function importing(program: Command): Command {
  const command = program.command('import').description('translate the schedules of other schedulers into ours, as YAML on stdout');
  command
    .command('instance-scheduler')
    .description('of Instance Scheduler on AWS: output of its command line, a scan of its table, or its CloudFormation template')
    .argument('<file...>', 'JSON or YAML; several are read as one, and - is stdin')
    .action((files: string[]) => {
      const read = files.map(file => readDefinitions(textOf(file), file));
      const all = { schedules: read.flatMap(r => r.schedules), periods: read.flatMap(r => r.periods) };
      if (all.schedules.length === 0)
        throw new Refusal(
          `there are periods in ${files.join(', ')}, and no schedule that names them: add the output of describe-schedules`,
        );
      const left = unused(all).map(name => `period ${name} is named by no schedule, and is left out`);
      process.stdout.write(page(translate(all), [TAGS_OF_INSTANCE_SCHEDULER, ...left]));
    });
  command
    .command('custodian-tag')
    .description("of Cloud Custodian's off-hours tags, such as 'off=(M-F,19);on=(M-F,7);tz=et'")
    .argument('<value>', 'value of the tag')
    .option('--name <name>', 'what to call the schedule', 'from-custodian')
    .option('--default-tz <zone>', 'where the tag names no zone: default_tz of its policy', CUSTODIAN_DEFAULTS.timeZone)
    .action((value: string, { name, defaultTz }: { name: string; defaultTz: string }) => {
      if (zoneTrouble(defaultTz) !== null)
        throw new Refusal(`--default-tz ${JSON.stringify(defaultTz)} ${zoneTrouble(defaultTz)}; ${suggestZone(defaultTz)}`);
      const read = parseCustodianTag(value, { ...CUSTODIAN_DEFAULTS, timeZone: defaultTz });
      if ('bad' in read) throw new Refusal(`the tag cannot be read: “${read.bad.value}”: ${read.bad.remedy}`);
      if (read.ok === 'opted-out') {
        process.stdout.write(
          '# off: opts out, of idle stops too. No schedule is needed for it; the tag ebb:policy = off says the same.\n{}\n',
        );
        return;
      }
      const named = judge(schedulesSchema, { [name]: read.ok });
      if ('findings' in named) throw new Refusal(`--name: ${named.findings.map(f => `${f.message}; ${f.remedy}`).join(' | ')}`);
      process.stdout.write(page([{ name, schedule: { ...read.ok }, notes: read.notes }], [TAGS_OF_CUSTODIAN]));
    });
  return command;
}

const TAGS_OF_INSTANCE_SCHEDULER =
  'Instances keep their tag: write `scheduleTags: [{ key: Schedule, language: names }]` in the policy that matches them.';
const TAGS_OF_CUSTODIAN =
  'Or leave the tags as they are: write `scheduleTags: [{ key: maid_offhours, language: custodian }]` in the policy that matches them.';

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new Refusal(`${file} cannot be read: ${(error as Error).message.split(',')[0]}`, { cause: error });
  }
}

/** A file that loads: each schedule under its notes, and as comments alone those that could not be translated. */
export function page(imported: readonly Imported[], remarks: readonly string[]): string {
  const good = imported.filter(({ schedule }) => schedule !== null);
  const document = new Document(Object.fromEntries(good.map(({ name, schedule }) => [name, schedule])));
  for (const [i, { notes }] of good.entries()) {
    const pair = isMap(document.contents) ? document.contents.items[i] : undefined;
    if (pair === undefined || !isScalar(pair.key)) continue;
    pair.key.spaceBefore = i > 0;
    if (notes.length > 0) pair.key.commentBefore = notes.map(comment).join('\n');
    inOneLine(pair.value);
  }
  const bad = imported
    .filter(({ schedule }) => schedule === null)
    .flatMap(({ name, notes }) => ['', `${name}:`, ...notes.map(note => `  ${note}`)]);
  const head = [...remarks, ...bad].map(line => `#${comment(line)}`.trimEnd()).join('\n');
  return `${head}\n\n${document.toString({ lineWidth: 140, singleQuote: true, flowCollectionPadding: true })}`;
}

const comment = (text: string): string => ` ${text.replaceAll(/\s*[\p{Cc}\p{Zl}\p{Zp}]\s*/gu, ' ')}`;

/** Periods one a line, as people write them, and times in quotes: to older readers of YAML 14:00 is a number. */
function inOneLine(schedule: unknown): void {
  if (!(schedule instanceof YAMLMap)) return;
  const periods = schedule.get('periods');
  for (const period of isSeq(periods) ? periods.items : []) {
    if (!isMap(period)) continue;
    period.flow = true;
    for (const key of ['begin', 'end']) {
      const time = period.get(key, true);
      if (isScalar(time)) time.type = 'QUOTE_SINGLE';
    }
  }
  const aliases = schedule.get('aliases');
  if (isSeq(aliases)) aliases.flow = true;
}
