/** Protected, of tags: nothing is written but what the policy says of the tags that stand there, and nothing of what is others' to write. */
import { addSeconds, type Instant, instant } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { TagWays } from '../swarm/plot.ts';
import type { Write } from '../world/record.ts';
import { policiesAt, tagsBefore, tagsIn, visitOf } from './facts.ts';
import { knownTo, type Moment, type Standing } from './looked.ts';
import { heritages, isMade, isOrphan, kindOf, lacking, MARK, markedSince, putRight, sourceOf, type Tags, waysOf } from './tags.ts';

export function notToTag(evidence: Evidence, write: Write, id: string, standing: Standing) {
  const { written, removed } = tagsIn(write, id);
  const reserved = [...Object.keys(written), ...removed].find(key => /^(aws|elasticbeanstalk):/i.test(key));
  if (reserved !== undefined) return `whose tag ${reserved} is nobody's to write`;
  // A mark of ours that is taken away is no longer in anybody's way.
  if (Object.keys(written).length === 0 && removed.every(key => key === MARK)) return null;
  const ways = waysOf(evidence.plot);
  // What was offered, and is set by whoever it was offered to, is for them to say; what hangs on it inherits that.
  const above = [...sourcesOf(evidence, id)];
  const isAccepted = evidence.answers.some(
    a => above.includes(a.box) && a.wants === 'tags' && a.may && a.heard !== 'refused' && a.at <= write.at,
  );
  const isMute = ({ at }: Moment) => policiesAt(evidence, at).every(p => p.kind !== 'tags' || (p.mode === 'plan' && !isAccepted));
  if (ways === null || standing(isMute)) return 'and no policy acts on tags';
  if (!ways.resources.includes(kindOf(evidence, id))) return 'of which no policy speaks';
  if (standing(m => isItself(evidence, id, m))) return 'whose tags are those of whoever made it';
  if (standing(({ before }) => tagsBefore(evidence, id, before)['ebb:policy'] === 'off')) return 'which opts out';
  const seen = looks(evidence, ways, write, id);
  const foreign = Object.entries(written).find(([key, value]) => key !== MARK && seen.every(l => !mayWrite(l, key, value)));
  if (foreign !== undefined && !isAccepted) return `whose tag ${foreign[0]} is not ours to set to ${foreign[1]}`;
  const gone = removed.find(key => key !== MARK && seen.every(({ tags, right }) => right[key] !== undefined && tags[key] !== undefined));
  if (gone !== undefined) return `whose tag ${gone} is not ours to take away`;
  if (seen.every(({ tags }) => ownKeys({ ...tags, ...written }) > TAGS_MAX)) return `which has ${TAGS_MAX} tags already`;
  return written[MARK] === undefined ? null : notToMark(evidence, ways, write, id, seen);
}

/** By its own tags; what hangs on it may inherit. */
const isItself = (evidence: Evidence, id: string, { before }: Moment): boolean =>
  evidence.cloud.record.machine(id)?.group != null || tagsBefore(evidence, id, before)['aws:cloudformation:stack-name'] !== undefined;

interface Look {
  readonly tags: Tags;
  /** As the policy would have them. */
  readonly right: Tags;
}

/** What the run saw when it looked for the last time, and what stood there when it wrote; what it hangs on is looked at once, when a run begins. */
function looks(evidence: Evidence, ways: TagWays, write: Write, id: string): Look[] {
  const moments = [knownTo(evidence, write, id).before, write.sequence];
  const began = (visitOf(evidence, write)?.writes.from ?? write.sequence - 1) + 1;
  const sources = [began, ...moments].flatMap(before => heritages(evidence, ways, id, source => tagsBefore(evidence, source, before)));
  return moments
    .map(before => tagsBefore(evidence, id, before))
    .flatMap(tags => sources.map(source => ({ tags, right: putRight(ways, tags, source) })));
}

const mayWrite = ({ tags, right }: Look, key: string, value: string): boolean => value === tags[key] || value === right[key];

const TAGS_MAX = 50;
const ownKeys = (tags: Tags): number => Object.keys(tags).filter(key => !/^aws:/i.test(key)).length;

function notToMark(evidence: Evidence, ways: TagWays, write: Write, id: string, seen: readonly Look[]): string | null {
  if (seen.every(({ right }) => lacking(ways, right).length === 0)) return 'which lacks nothing that it could be marked for';
  if (isMade(evidence, id, write.at) && !isOrphan(evidence, id)) return 'which goes with whoever made it';
  const settled = addSeconds(bornAt(evidence, id), ways.settle - SKEW);
  if (markedSince(evidence, id, write.sequence) === null && write.at < settled) return 'which was born just before';
  return null;
}

/** A function whose clock is ahead sees a boundary that many seconds early. */
const SKEW = 5;

function bornAt(evidence: Evidence, id: string): Instant {
  const machine = evidence.cloud.record.machine(id) ?? evidence.cloud.record.machine(sourceOf(evidence, id) ?? '');
  if (machine !== undefined && !id.startsWith('snap-')) return instant(machine.createdAt * 1000);
  return evidence.plot.things?.some(thing => evidence.ids.get(thing.id) === id) ? evidence.plot.from : instant(0); // groups were there long before
}

/** Itself, and what it hangs on. */
function* sourcesOf(evidence: Evidence, id: string): Generator<string> {
  yield id;
  const source = sourceOf(evidence, id);
  if (source !== null) yield* sourcesOf(evidence, source);
}
