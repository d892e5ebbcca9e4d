/** Elastic Beanstalk environments: what an update of ours may say, how many there may be, and what has to be theirs again in the end. */
import { addSeconds, epochSeconds, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { Evidence } from '../swarm/evidence.ts';
import type { Write } from '../world/record.ts';
import { nameOf, ourChanges, policiesAt } from './facts.ts';
import type { Standing } from './looked.ts';
import { fleetPolicyAt, sleepsAt } from './sizes.ts';

interface Option {
  readonly Namespace: string;
  readonly OptionName: string;
  readonly ResourceName?: string;
  readonly Value: string;
}

const optionsIn = ({ params }: Write): readonly Option[] => (params as { OptionSettings?: readonly Option[] }).OptionSettings ?? [];

const isMinSize = ({ Namespace, OptionName }: Option): boolean => Namespace === 'aws:autoscaling:asg' && OptionName === 'MinSize';
const isOurPair = ({ Namespace, ResourceName }: Option): boolean =>
  Namespace === 'aws:autoscaling:scheduledaction' && /^ebb-(pause|resume)$/.test(ResourceName ?? '');

/** Why an update of an environment should not have been; `null`: nothing is to be said against it. */
export function notToUpdate(evidence: Evidence, write: Write, id: string, standing: Standing) {
  const { plot, ids } = evidence;
  const fleet = plot.fleets.find(f => f.kind === 'environment' && ids.get(f.id) === id);
  const options = optionsIn(write);
  if (fleet === undefined || plot.rules.beanstalk !== true) return 'which is left to Elastic Beanstalk';
  const foreign = options.find(option => !isMinSize(option) && !isOurPair(option));
  if (foreign !== undefined) return `whose option ${foreign.OptionName} is not ours to set`;
  const [pause, resume] = [oneTime(options, 'ebb-pause'), oneTime(options, 'ebb-resume')];
  if (
    !givesBackOwn(evidence, write, id) &&
    standing(({ at }) => policiesAt(evidence, at).some(p => p.kind === 'fleets' && p.mode === 'plan'))
  )
    return 'whose policy only plans';
  const most = Math.max(fleet.minSize, plot.rules.fleetMax);
  const size = options.find(isMinSize);
  if (size !== undefined && (Number(size.Value) < fleet.minSize || Number(size.Value) > most)) return `to a MinSize of ${size.Value}`;
  if (pause !== null && resume === null) return 'with a pause that nothing ends';
  if (resume !== null && (resume.MinSize < fleet.minSize || resume.MinSize > most || resume.MaxSize !== fleet.maxSize))
    return `to come back with ${resume.MinSize} to ${resume.MaxSize}, where its own are ${fleet.minSize} to ${fleet.maxSize}`;
  return pause === null || resume === null ? null : notToSleep(evidence, pause.at, resume.at);
}

/** A floor of ours taken back, or the end of a pause. */
export function givesBackOwn({ plot, ids }: Evidence, write: Write, id: string): boolean {
  const own = plot.fleets.find(f => f.kind === 'environment' && ids.get(f.id) === id)?.minSize ?? 0;
  const options = optionsIn(write);
  return oneTime(options, 'ebb-pause') === null && options.every(option => !isMinSize(option) || Number(option.Value) <= own);
}

/** All of it in off-hours, at both ends; another action of the same minute may put it off by one. */
function notToSleep(evidence: Evidence, from: Instant, to: Instant): string | null {
  if (to <= from) return `with a pause that ends at ${to}, before it has begun`;
  const last = addSeconds(to, -6 * MINUTE);
  const isOff = last <= evidence.plot.end ? sleepsAt(evidence, from) && sleepsAt(evidence, last) : sleepsAt(evidence, from);
  return isOff ? null : `with a pause from ${from} to ${to}, which are not all off-hours`;
}

function oneTime(options: readonly Option[], name: string) {
  const mine = options.filter(option => isOurPair(option) && option.ResourceName === name);
  const value = (option: string) => mine.find(o => o.OptionName === option)?.Value ?? '';
  if (mine.length === 0) return null;
  return { at: instant(value('StartTime')), MinSize: Number(value('MinSize')), MaxSize: Number(value('MaxSize')) };
}

/** Each update locks an environment for minutes: no more floors in a day than are promised. */
export function* tooManyUpdates(evidence: Evidence) {
  const floors = ourChanges(evidence).filter(w => w.action === 'UpdateEnvironment' && optionsIn(w).some(isMinSize));
  for (const write of floors) {
    const until = addSeconds(write.at, 86_400);
    const same = floors.filter(w => w.at >= write.at && w.at < until && w.changed[0] === write.changed[0]);
    if (same.length > UPDATES_A_DAY)
      yield { at: write.at, what: `${nameOf(evidence, write.changed[0] ?? '')} was given ${same.length} floors within a day` };
  }
}

const UPDATES_A_DAY = 4;

/** In the end, and awake for long enough that a pause that was late is over, too. */
export function* environmentsBack(evidence: Evidence) {
  const { plot, cloud } = evidence;
  const isAwake = Array.from({ length: AWAKE / (5 * MINUTE) }, (_, i) => addSeconds(plot.end, -5 * MINUTE * i)).every(
    at => !sleepsAt(evidence, at),
  );
  if (!isAwake || epochSeconds(plot.end) - epochSeconds(plot.calm) < AWAKE || fleetPolicyAt(evidence, plot.end) === undefined) return;
  for (const { id, kind, minSize, maxSize } of plot.fleets) {
    if (kind !== 'environment') continue;
    const group = [...cloud.world.regions.values()].flatMap(r => r.environments.get(id)?.group ?? [])[0];
    if (group !== undefined && (group.minSize < minSize || group.maxSize !== maxSize))
      yield { at: plot.end, what: `${id} has ${group.minSize} to ${group.maxSize}, awake for long, and had ${minSize} to ${maxSize}` };
  }
}

const AWAKE = 60 * MINUTE;
