/** What the ledger, held against itself, was found to lack: one clear line each. */
import type { Finding } from '../ledger/verify.ts';
import { named, plain } from './plain.ts';
import { clock } from './when.ts';

export function findingText(finding: Finding, zone = 'UTC'): string {
  const when = clock(zone)(finding.at);
  switch (finding.code) {
    case 'no-meter':
      return `${named(finding.resource)} was stopped by ${plain(finding.changeId)} ${when}, and no meter tells of it`;
    case 'no-claim':
      return `${finding.resource === null ? 'something' : named(finding.resource)}: ${plain(finding.what)} ${when} of ${plain(finding.changeId)}, which was never claimed`;
    case 'no-answer':
      return `${named(finding.resource)}: ${plain(finding.changeId)} was claimed ${when}, and nobody says what came of it`;
    case 'not-done':
      return `${named(finding.resource)}: a meter was opened ${when} for ${plain(finding.changeId)}, which is ${finding.outcome}`;
    case 'no-opening':
      return `${named(finding.resource)}: meter ${plain(finding.meterId)} was closed ${when}, and never opened`;
    case 'backwards':
      return `${named(finding.resource)}: meter ${plain(finding.meterId)} ends ${when}, before it begins`;
    case 'overlap':
      return `${named(finding.resource)}: meters ${plain(finding.meterId)} and ${plain(finding.other)} count the same hours from ${when} on`;
    case 'double':
      return `${named(finding.resource)}: ${plain(finding.changeId)} opened a second meter ${when}`;
    case 'sealed-differs':
      return `the sealed row of ${plain(finding.day)} (revision ${finding.revision}, ${when}) says something else than the rows of that day`;
    case 'sum-differs':
      return `realised + open is not the sum of the meters, as of ${when}`;
    default:
      return finding satisfies never;
  }
}
