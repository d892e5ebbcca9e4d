/** `ebb tags`: how complete the tags are, whose they are, what is unattributed, and what would put it right. */
import { type Command, Option } from 'commander';
import { shelfOf, sortShelf, valuesOf } from '../../shared/memory/shelves.ts';
import type { ResourceKind, Scope } from '../../shared/model/ids.ts';
import { scopeKey } from '../../shared/model/ids.ts';
import type { Unread } from '../../shared/model/observation.ts';
import type { Instant } from '../../shared/model/time.ts';
import { inReach, policiesOf } from '../../shared/policy/match.ts';
import { suggestion } from '../../shared/policy/suggest.ts';
import { clientsFor } from '../../shared/runtime/clients.ts';
import { scopesOf } from '../../shared/runtime/doorbells.ts';
import { outside } from '../../shared/runtime/outside.ts';
import { lookAtTags } from '../../shared/runtime/pens/tags.ts';
import { tables } from '../../shared/runtime/tables.ts';
import { EXIT, Refusal } from '../exit.ts';
import { type Account, hasTables, runFor } from '../look.ts';
import { type Progress, progress } from '../progress.ts';
import { type AwsOptions, useAws, withAwsOptions } from '../real-aws.ts';
import { type Activation, activationOf, HOME } from '../tags/activation.ts';
import { type Compliance, complianceOf } from '../tags/compliance.ts';
import { besideCsv, tagsCsv } from '../tags/csv.ts';
import type { TagRow } from '../tags/row.ts';
import { tagRows } from '../tags/rows.ts';
import { tagsText } from '../tags/show.ts';
import { pageWidth, zoneOption } from '../view.ts';

interface TagsOptions extends AwsOptions {
  readonly team?: string;
  readonly kind?: ResourceKind;
  readonly costAllocation?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly zone?: string;
}

const KINDS: readonly ResourceKind[] = ['instance', 'volume', 'snapshot', 'elastic-ip', 'auto-scaling-group', 'beanstalk-environment'];

export const tags = (program: Command): Command =>
  withAwsOptions(program.command('tags'))
    .description(
      'tell how complete the tags are by team, account, region and kind, dollars a month that are unattributed, and what would put it right',
    )
    .option('--team <name>', 'only resources of this team; `none`: of no team')
    .addOption(new Option('--kind <kind>', 'only resources of this kind').choices(KINDS))
    .option(
      '--cost-allocation',
      'ask Cost Explorer which required keys are activated for cost allocation ($0.01 a request; kept for a day)',
    )
    .option('--csv', 'one line for each resource, for a spreadsheet')
    .option('--json', 'print it as a value')
    .addOption(zoneOption())
    .addHelpText('after', HELP)
    .action(async (options: TagsOptions) => {
      if (options.csv && options.json) throw new Refusal('--csv and --json are two forms of one answer; choose one');
      if (options.csv && options.costAllocation)
        throw new Refusal('--csv has a line for each resource and none for each key; ask for --cost-allocation without it, or with --json');
      const account = await useAws(options);
      const busy = progress();
      const seen = await look(account, busy).finally(busy.done);
      const rows = chosen(seen.rows, options);
      const keys = keysOf(account, seen.scopes);
      const activation = options.costAllocation ? await activated(account, keys, seen.at) : null;
      process.stdout.write(printed({ ...seen, rows, compliance: complianceOf(rows, keys), activation }, options));
      if (!hasTables() && !options.csv && !options.json) process.stderr.write(FORGETFUL);
      if (options.csv) process.stderr.write(besideCsv(seen.unread));
      if (seen.unread.length > 0 || (activation !== null && activation.why !== null)) process.exitCode = EXIT.failed;
    });

const HELP = `
Nothing is written. Dollars are list prices of 730 hours for what is there now; what has no known price is counted beside them.
Exit codes: 0 all was read, 1 something could not be read and is named, 2 bad input.
`;

const FORGETFUL = '\nWithout EBB_LEDGER_TABLE and EBB_MEMORY_TABLE nothing is remembered: marks and who made what are unknown.\n';

interface Seen {
  readonly at: Instant;
  readonly scopes: readonly Scope[];
  readonly rows: readonly TagRow[];
  readonly unread: readonly Unread[];
}

async function look(account: Account, { say }: Progress): Promise<Seen> {
  const at = outside().now();
  const scopes = scopesOf(account.config, account.account);
  const rows: TagRow[] = [];
  const unread: Unread[] = [];
  for (const scope of scopes) {
    say(`${scopeKey(scope)}: tags …`);
    const run = await runFor('enforce-tags', scope, account, at);
    const shelf = sortShelf(await run.memory.readShelf(shelfOf('enforce-tags', scope), at));
    const open = new Map([...valuesOf(shelf.pending).values()].map(question => [question.change.resource.id, question]));
    const looked = await lookAtTags({ run, look: 'all', measure: true, shelf, open });
    rows.push(...tagRows(looked, valuesOf(shelf.tags), account.config));
    unread.push(...looked.plan.unread.map(u => (scopes.length === 1 ? u : { ...u, what: `${scopeKey(scope)}: ${u.what}` })));
  }
  return { at, scopes, rows, unread };
}

function chosen(rows: readonly TagRow[], { team, kind }: TagsOptions): TagRow[] {
  const teams = [...new Set(rows.flatMap(row => row.team ?? []))];
  if (team !== undefined && team !== 'none' && !teams.includes(team))
    throw new Refusal(
      `--team: there is no team ${JSON.stringify(team)}; ${suggestion(team, [...teams, 'none'], 'write none for what has no team')}`,
    );
  return rows.filter(
    row => (kind === undefined || row.resource.kind === kind) && (team === undefined || row.team === (team === 'none' ? null : team)),
  );
}

/** In the order of the policies; each once. */
const keysOf = ({ config }: Account, scopes: readonly Scope[]): string[] => [
  ...new Set(
    policiesOf(config.policies, 'tags')
      .filter(({ match }) => scopes.some(scope => inReach(match, scope)))
      .flatMap(policy => policy.required.map(({ key }) => key)),
  ),
];

/** Of the account whose credentials are used: cost allocation is the payer's. */
async function activated(account: Account, keys: readonly string[], at: Instant): Promise<Activation> {
  const memory = hasTables() ? (await tables()).memory : null;
  return activationOf(keys, { clients: clientsFor({ region: HOME }), account: account.account, memory, at });
}

interface Shown extends Seen {
  readonly compliance: Compliance;
  readonly activation: Activation | null;
}

function printed(shown: Shown, { csv, json, zone = 'UTC' }: TagsOptions): string {
  if (csv) return tagsCsv(shown.rows);
  if (!json) return tagsText(shown, { zone, width: pageWidth() });
  const { at, scopes, compliance, activation, unread, rows } = shown;
  const { offenders: _offenders, marked: _marked, offers: _offers, ...figures } = compliance;
  const costAllocation = activation && { ...activation, keys: Object.fromEntries(activation.keys) };
  return `${JSON.stringify({ at, scopes, compliance: figures, costAllocation, resources: rows, unread }, null, 2)}\n`;
}
