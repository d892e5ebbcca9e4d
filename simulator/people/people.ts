/** People at work: each deed at its second, also while a function is in the middle of its run. What EC2 refuses them, they let be. */
import { epochSeconds, type Instant, MINUTE } from '../../shared/model/time.ts';
import type { Config, FleetPolicy } from '../../shared/policy/schema.ts';
import type { Cloud } from '../cloud.ts';
import { ServiceError } from '../services/errors.ts';
import type { Deed } from '../swarm/plot.ts';
import { idle } from '../workloads.ts';
import { regionOf } from '../world/world.ts';
import { type Answer, asking, commanding, type Ears, pressing, type Way } from './answers.ts';
import { befall } from './befall.ts';
import type { Haste } from './haste.ts';
import { shield } from './shield.ts';

export interface Done {
  readonly deed: Deed;
  /** When they began; a release waits until everything is back. */
  readonly began: Instant;
  readonly at: Instant;
  /** Why it came to nothing; `null` where it was done. */
  readonly refused: string | null;
}

export interface Stagehands {
  readonly cloud: Cloud;
  /** Instance ids by the names of the plot; people add to it. */
  readonly ids: Map<string, string>;
  readonly haste: Haste;
  readonly pauseParameter: string;
  /** What a deploy changes. */
  readonly deploy: (change: (config: Config) => Config) => void;
  readonly ears: Ears;
  /** `ebb release`, to its end. @throws whatever it ends with. */
  readonly release: () => Promise<void>;
}

export interface Deeds {
  /** What was done, and what was answered, filled as the story goes on. */
  readonly done: readonly Done[];
  readonly answers: readonly Answer[];
}

/** @param calm nobody waits longer for a message that shows what they would press. */
export function letPeople(deeds: readonly Deed[], calm: Instant, hands: Stagehands): Deeds {
  const done: Done[] = [];
  const answers: Answer[] = [];
  const { clock } = hands.cloud.world;
  const note = (deed: Deed, refused: string | null, began = hands.cloud.now()) =>
    done.push({ deed, began, at: hands.cloud.now(), refused });
  const talk = (deed: Talk, at: number): void =>
    clock.deliver(at, async () => {
      const way = await wayOf(deed, hands);
      const began = hands.cloud.now();
      if (way !== null) answers.push(...(await goneTwice(deed, way, answers, hands)));
      if (way !== null) note(deed, null, began);
      else if (at + MINUTE < epochSeconds(calm)) talk(deed, at + MINUTE);
      else note(deed, 'nothing there to press');
    });
  const isCalm = () => hands.cloud.now() > calm;
  for (const deed of deeds) {
    if (isTalk(deed)) talk(deed, epochSeconds(deed.at));
    else clock.schedule(epochSeconds(deed.at), () => inTime(deed, hands, () => isCalm() || note(deed, attempt(deed, hands))));
  }
  return { done, answers };
}

/** At once; or, of whom it is said so, in the middle of a run from now on. */
function inTime(deed: Exclude<Deed, Talk>, { ids, haste }: Stagehands, act: () => void): void {
  const about = 'box' in deed ? ids.get(deed.box) : 'fleet' in deed && typeof deed.fleet === 'string' ? deed.fleet : undefined;
  if (deed.call === undefined || about === undefined) act();
  else haste.arm({ about, call: deed.call, act });
}

/** Deeds that are told to the house: whoever it is brought to answers when their turn comes. */
type Talk = Extract<Deed, { does: 'presses' | 'commands' | 'asks' | 'releases' }>;
const TALK: ReadonlySet<Deed['does']> = new Set(['presses', 'commands', 'asks', 'releases']);
const isTalk = (deed: Deed): deed is Talk => TALK.has(deed.does);

/** `null`: there is nothing yet to be pressed. */
async function wayOf(deed: Talk, { ears, release }: Stagehands): Promise<Way | null> {
  if (deed.does === 'presses') return pressing(deed, ears);
  if (deed.does === 'commands') return commanding(deed, ears);
  if (deed.does === 'asks') return asking(deed, ears);
  return async () => {
    await release().catch(() => {}); // somebody at a terminal sees that it failed, and can do no more than say it again
    return [];
  };
}

/** What is asked once more is asked once more later; meanwhile somebody may have done the opposite by hand. */
async function goneTwice(deed: Talk, way: Way, all: Answer[], { cloud }: Stagehands): Promise<readonly Answer[]> {
  const first = await way();
  const again = 'again' in deed ? deed.again : null;
  if (again === null) return first;
  const now = cloud.world.clock.now();
  if (again.meanwhile) {
    cloud.world.clock.schedule(now + again.after / 2, () => {
      for (const { box, wants } of first) opposite(cloud, box, wants);
    });
  }
  cloud.world.clock.deliver(now + again.after, async () => void all.push(...(await way()).map(one => ({ ...one, again: true }))));
  return first;
}

function opposite({ human }: Cloud, box: string, wants: Answer['wants']): void {
  try {
    if (wants === 'running') human.stops(box);
    if (wants === 'stopped') human.starts(box);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
  }
}

function attempt(deed: Exclude<Deed, Talk>, hands: Stagehands): string | null {
  try {
    act(deed, hands);
    return null;
  } catch (error) {
    if (error instanceof ServiceError) return `${error.name}: ${error.message}`;
    throw error;
  }
}

function act(deed: Exclude<Deed, Talk>, { cloud, ids, pauseParameter, deploy }: Stagehands): void {
  const { human } = cloud;
  const id = 'box' in deed ? (ids.get(deed.box) ?? '') : '';
  if ('box' in deed && deed.does !== 'launches' && id === '') return; // it is not part of this story
  if ('fleet' in deed && typeof deed.fleet === 'string' && !regionOf(cloud.world, region(cloud)).groups.has(deed.fleet)) return;
  switch (deed.does) {
    case 'starts':
      human.starts(id);
      return;
    case 'stops':
      human.stops(id);
      return;
    case 'terminates':
      human.terminates(id);
      return;
    case 'tags':
      human.tags(id, deed.tags);
      return;
    case 'untags':
      human.untags(id, deed.keys);
      return;
    case 'guards':
      human.calls('ec2', 'ModifyInstanceAttribute', { InstanceId: id, DisableApiStop: { Value: deed.on } });
      return;
    case 'shields':
      shield(cloud, deed.fleet, deed.members);
      return;
    case 'launches':
      ids.set(deed.box, human.launches({ type: deed.type, tags: deed.tags, cpu: idle({ seed: cloud.world.seed }) }));
      return;
    case 'troubles':
      cloud.troubleStarts(id, { kind: deed.trouble, times: deed.times });
      return;
    case 'sets-desired':
      human.setsDesiredCapacity(deed.fleet, deed.desiredCapacity);
      return;
    case 'sets-sizes':
      human.setsSizes(deed.fleet, deed);
      return;
    case 'deletes-group':
      human.calls('autoscaling', 'DeleteAutoScalingGroup', { AutoScalingGroupName: deed.fleet, ForceDelete: true });
      return;
    case 'suspends':
    case 'unsuspends':
      human.calls('autoscaling', deed.does === 'suspends' ? 'SuspendProcesses' : 'ResumeProcesses', {
        ...{ AutoScalingGroupName: deed.fleet, ScalingProcesses: deed.processes },
      });
      return;
    case 'tags-group':
      human.calls('autoscaling', 'CreateOrUpdateTags', {
        Tags: Object.entries(deed.tags).map(([Key, Value]) => groupTag(deed.fleet, Key, Value)),
      });
      return;
    case 'interrupts':
    case 'lacks':
    case 'impairs':
    case 'announces':
      befall(cloud, deed, id);
      return;
    case 'pauses':
      cloud.setParameter(pauseParameter, 'yes, by a person');
      return;
    case 'resumes':
      cloud.setParameter(pauseParameter, null);
      return;
    case 'deploys':
      deploy(config => deployed(config, deed));
      return;
    default:
      deed satisfies never;
  }
}

const groupTag = (ResourceId: string, Key: string, Value: string) => ({
  ...{ ResourceId, ResourceType: 'auto-scaling-group', Key, Value, PropagateAtLaunch: false },
});

const region = (cloud: Cloud): string => cloud.regions[0] ?? '';

/** A fleet that follows signals goes on doing so: only its sizes are edited. */
function edited(policy: FleetPolicy, { target, ...rest }: Partial<FleetPolicy>): FleetPolicy {
  return { ...policy, ...rest, ...(policy.signals === undefined && target !== undefined && { target }) };
}

const deployed = (config: Config, { mode, fleet }: Deed & { does: 'deploys' }): Config => ({
  ...config,
  policies: config.policies.map(policy => {
    const next = mode === undefined || policy.name === 'staging' ? policy : { ...policy, mode };
    return next.kind === 'fleets' && fleet !== undefined ? edited(next, fleet) : next;
  }),
});
