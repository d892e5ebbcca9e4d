/** Nothing lost: every write in the world's record was claimed before it was made, and is settled in the end as what it came to; no question stays open. */
import { addSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import { wishesOf } from './asked.ts';
import { isOtherwise } from './asked-back.ts';
import { asInstant, nameOf, ourChanges, rowsOf, signatures, visitOf } from './facts.ts';
import { outcomes } from './outcomes.ts';
import type { Judge } from './verdict.ts';

export const nothingLost: Judge = function* (evidence) {
  const claims = new Map(rowsOf(evidence, 'claimed').map(row => [(row['change'] as { id: string }).id, row]));
  const settled = new Set(rowsOf(evidence, 'settled').map(row => String(row['changeId'])));
  for (const write of ourChanges(evidence)) {
    const what = `${write.action} on ${write.changed.map(id => nameOf(evidence, id)).join(', ')}`;
    const ids = signatures(write);
    if (ids.length === 0) yield { at: write.at, what: `${what} bears no change id` };
    for (const id of ids) {
      const claim = claims.get(id);
      const ahead = visitOf(evidence, write)?.skew ?? 0;
      if (claim === undefined) yield { at: write.at, what: `${what}: ${id} was never claimed` };
      else if (asInstant(claim['at']) > addSeconds(write.at, Math.max(0, ahead)))
        yield { at: write.at, what: `${what}: ${id} was claimed only at ${claim['at']}` };
      if (!settled.has(id)) yield { at: write.at, what: `${what}: ${id} was never settled` };
    }
  }
  for (const item of evidence.memory) {
    if (item.sk.startsWith('pending#')) yield { at: evidence.plot.end, what: `${item.sk} is still an open question` };
  }
  yield* outcomes(evidence);
  yield* wishes(evidence);
};

/** Long enough for the doorbell to be lost, a tick, and what a fault may hold up. */
const HEARD_WITHIN = 50 * MINUTE;

/** What was asked for and accepted lies on the shelf of its pen until it is over, and what is to be done at once is done or told in time. */
function* wishes(evidence: Evidence) {
  const { plot, memory, answers } = evidence;
  for (const asked of answers) {
    const { box, at, by, wants, until } = asked;
    if (asked.heard !== 'accepted' || !asked.may || asked.again || wants === 'approve' || wants === 'why' || wants === 'tags') continue;
    const end = addSeconds(at, HEARD_WITHIN);
    if (
      wishesOf(evidence, box).some(a => a !== asked && a.at >= at) ||
      answers.some(a => a.box === box && a.again) ||
      isGone(evidence, box)
    )
      continue;
    const what = `${wants} of ${nameOf(evidence, box)}, asked for by ${by} at ${at} and accepted,`;
    const lying = memory.find(item => item.sk === `wish#${box}` && !item.pk.endsWith('#enforce-tags'))?.['value'] as Wish | undefined;
    // Of two who ask for the same by the same button the first has asked.
    if (lying === undefined || lying.want !== wants) yield { at, what: `${what} lies on no shelf` };
    else if (until !== null && (lying.until ?? '') < addSeconds(until, -SKEW))
      yield { at, what: `${what} until ${until}, lies there until ${lying.until}` };
    else if (until === null && end <= plot.end && lying.spentAt === undefined && !isOtherwise(evidence, asked, plot.end))
      yield { at: end, what: `${what} has never been answered` };
  }
}

/** A clock may be wrong by so much. */
const SKEW = 5;

interface Wish {
  readonly want: string;
  readonly until?: Instant;
  readonly spentAt?: Instant;
}

const isGone = ({ cloud }: Evidence, id: string): boolean => /^(shutting-down|terminated)$/.test(cloud.record.machine(id)?.state ?? '');
