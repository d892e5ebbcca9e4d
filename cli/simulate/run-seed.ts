/** One plot, played and judged: the stage, the house's own statement, the judges, and where it is wanted the twin without faults. */
import { resolve } from 'node:path';
import { exactTotal } from '../../shared/ledger/statement.ts';
import { verify } from '../../shared/ledger/verify.ts';
import { scopeKey } from '../../shared/model/ids.ts';
import type { LedgerRow } from '../../shared/model/ledger.ts';
import { findingText } from '../../shared/report/finding-text.ts';
import { judge } from '../../simulator/judges/judges.ts';
import type { Violation } from '../../simulator/judges/verdict.ts';
import { readWiring, type Wiring } from '../../simulator/stage/wiring.ts';
import type { Evidence } from '../../simulator/swarm/evidence.ts';
import { play, type Theatre } from '../../simulator/swarm/play.ts';
import type { Plot } from '../../simulator/swarm/plot.ts';
import { terminal } from './terminal.ts';

export interface Outcome {
  readonly evidence: Evidence;
  readonly violations: readonly Violation[];
}

const ROOT = resolve(import.meta.dirname, '../..');
let wiring: Promise<Wiring> | undefined;

/** @param withTwin whether the same story is played without faults, too: what *heals* is judged by. */
export async function runPlot(plot: Plot, withTwin: boolean): Promise<Outcome> {
  wiring ??= readWiring(resolve(ROOT, 'serverless.yml'), '123456789012');
  const theatre: Theatre = {
    serverless: await wiring,
    load: async name => (await import(`../../functions/${name}.ts`)).handler,
    terminal,
  };
  const evidence = audited(await play(plot, theatre));
  const twin = withTwin ? await play({ ...plot, spells: [] }, theatre) : null;
  return { evidence, violations: [...judge(evidence, twin), ...inTheBooks(evidence)] };
}

const rowsOf = ({ ledger }: Evidence): LedgerRow[] => ledger.map(({ pk: _pk, sk: _sk, ...row }) => row as unknown as LedgerRow);

/** The house's own audit, which is no judge's: `ebb ledger verify` finds nothing in what it left behind. */
function inTheBooks(evidence: Evidence): Violation[] {
  const { from: start, end } = evidence.plot;
  const scopes = Map.groupBy(rowsOf(evidence), ({ scope }) => scopeKey(scope));
  const findings = [...scopes.values()].flatMap(rows => verify(rows, { start, end }, end).findings);
  return findings.map(finding => ({ promise: 'conserved', at: finding.at, what: `ebb ledger verify: ${findingText(finding)}` }));
}

/** The house may be asked what it saved by stopping: its own fold of its own rows, fleets apart. */
function audited(evidence: Evidence): Evidence {
  const rows = rowsOf(evidence);
  const { from, end } = evidence.plot;
  const claimed: Evidence['claimed'] = meterIds => {
    const asked = rows.filter(row => (row.kind === 'meter-opened' || row.kind === 'meter-closed') && meterIds.has(row.meterId));
    const { realised, open } = exactTotal(asked, { start: from, end }, end);
    const [a, b] = [realised.high, open.high];
    return { numerator: a.n * b.d + b.n * a.d, denominator: a.d * b.d };
  };
  return { ...evidence, claimed };
}
