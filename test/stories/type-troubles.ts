/** What may go wrong while a type is changed, and a judge that knows nothing but the world's own record. */
import type { InstancePolicy } from '../../shared/policy/schema.ts';
import { putValues } from '../../simulator/world/custom-metrics.ts';
import { devTest } from '../support/policies.ts';
import type { day, Story } from '../support/story.ts';

export interface Trouble {
  readonly name: string;
  /** In the evening, before it is stopped. */
  readonly evening?: (story: Story, ids: readonly string[]) => void;
  /** Before its on-hours. */
  readonly morning?: (story: Story, ids: readonly string[]) => void;
  /** Two workers answer every tick. */
  readonly twice?: true;
  /** Whether it must have its own type again at nine. */
  readonly returns?: true;
}

const OWN = 'm5.xlarge';
const SMALLER = 'm5.large';
const lacks = (story: Story) => story.aws.lacks({ type: SMALLER, from: story.now(), to: '2025-06-30T00:00:00Z' as never });
const modify = (story: Story, options: object, error = { name: 'InternalError', message: 'oops', status: 500 }) =>
  story.cloud.faults.next('ec2:ModifyInstanceAttribute', error, options);
const refusal = { name: 'UnauthorizedOperation', message: 'no', status: 403 };

export const TROUBLES: readonly Trouble[] = [
  { name: 'nothing' },
  { name: 'two workers at once', twice: true },
  { name: 'the answer to the change is lost', evening: story => modify(story, { times: 3, after: true }) },
  { name: 'the change fails before it is made', evening: story => modify(story, { times: 3 }) },
  { name: 'the change is refused', evening: story => modify(story, { times: 99 }, refusal) },
  { name: 'no capacity for the smaller type', morning: lacks, returns: true },
  {
    name: 'no capacity, and two workers',
    morning: lacks,
    ...{ twice: true, returns: true },
  },
  {
    name: 'no capacity, and the answer to the way back is lost',
    morning: story => {
      lacks(story);
      modify(story, { times: 3, after: true });
    },
    returns: true,
  },
  {
    name: 'no capacity, and the way back fails for a while',
    morning: story => {
      lacks(story);
      modify(story, { times: 6 }, { name: 'InsufficientInstanceCapacity', message: 'busy', status: 400 });
    },
    returns: true,
  },
  {
    name: 'no capacity for half of them, nothing for the others',
    morning: (story, ids) => {
      for (const id of ids.slice(0, 2)) story.troubleStarts(id, { kind: 'capacity', times: 1 });
    },
  },
  {
    name: 'a key that may not be used with it',
    morning: (story, ids) => {
      for (const id of ids) story.troubleStarts(id, { kind: 'kms', times: 1 });
    },
    returns: true,
  },
];

const policies: InstancePolicy[] = [devTest({ resize: { mode: 'act', days: 14, cpuTo: 80, memoryTo: 80 } })];

/** Four boxes, from six in the evening to nine in the morning. @returns what was wrong, in the world's own words. */
export async function play(begin: typeof day, trouble: Trouble): Promise<string[]> {
  const story = begin('2025-05-12', 'UTC', { policies });
  const ids = [1, 2, 3, 4].map(() => story.box({ type: OWN, cpu: () => 30 }));
  for (const id of ids) publishMemory(story, id);
  await story.at('17:58');
  await story.ticksUntil('18:55');
  trouble.evening?.(story, ids);
  await pass(story, '18:55', '19:30', trouble);
  await story.at('tomorrow 06:50');
  trouble.morning?.(story, ids);
  await pass(story, 'tomorrow 06:50', 'tomorrow 09:00', trouble);
  return wrongs(story, ids, trouble);
}

async function pass(story: Story, from: string, to: string, { twice }: Trouble): Promise<void> {
  if (twice === undefined) return story.ticksUntil(to);
  const minutes = (wall: string) => Number(wall.slice(-5, -3)) * 60 + Number(wall.slice(-2));
  const day = from.slice(0, -5);
  for (let at = minutes(from); at <= minutes(to); at += 5) {
    await story.at(`${day}${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`);
    const look = at % 60 === 0 ? 'all' : 'due';
    await Promise.all([story.ring('stop-start-instances', look), story.ring('stop-start-instances', look)]);
  }
}

function wrongs(story: Story, ids: readonly string[], { returns }: Trouble): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  for (const { changed, userAgent, action, at } of story.writes()) {
    for (const target of changed) {
      for (const [change] of userAgent.matchAll(/chg-[0-9a-f]+/g)) {
        if (seen.has(`${change} ${target}`)) found.push(`${action} on ${target} for ${change} took effect twice, at ${at}`);
        seen.add(`${change} ${target}`);
      }
    }
  }
  for (const id of ids) {
    const { state, type } = story.cloud.instance(id);
    if (state !== 'running') found.push(`${id} is ${state} at nine`);
    if (type !== OWN && type !== SMALLER) found.push(`${id} is a ${type}`);
    if (returns && type !== OWN) found.push(`${id} did not come up as a ${SMALLER}, and is still one`);
  }
  return found;
}

function publishMemory(story: Story, id: string): void {
  const [region] = story.cloud.world.regions.values();
  if (region === undefined) throw new Error('no region');
  const metric = { namespace: 'CWAgent', name: 'mem_used_percent', dimensions: [{ Name: 'InstanceId', Value: id }] };
  const now = Date.parse(story.now()) / 1000;
  for (let at = now - 14 * 86_400; at < now; at += 3600) putValues(region, metric, at, [30]);
}
