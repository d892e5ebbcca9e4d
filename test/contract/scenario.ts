/** One script, played in any world through the same SDK clients: what the house would see and hear, with the world's own names taken out. */
import { perform } from '../../shared/execute/perform.ts';
import { reread } from '../../shared/execute/reread.ts';
import { fingerprint, type ResourceKind } from '../../shared/model/ids.ts';
import type { Action, Change } from '../../shared/model/plan.ts';
import { describeInstances } from '../../shared/observe/describe.ts';
import { observeFleets } from '../../shared/observe/fleets.ts';
import { observeInstances, observeStopProtection } from '../../shared/observe/instances.ts';
import { accountOf } from '../../shared/runtime/clients.ts';
import { type Answers, listenTo } from './answers.ts';
import { playGroups } from './groups.ts';
import { playMore } from './more.ts';
import type { Stage } from './stages.ts';

const NOBODY = 'i-0aaaaaaaaaaaaaaaa';
const STOP: Action = { kind: 'stop-instance', hibernate: false };
const START: Action = { kind: 'start-instance' };

/** EC2, Auto Scaling, CloudWatch, queues and parameters, as the house asks and acts. */
export async function play(stage: Stage): Promise<Answers> {
  const { clients, scope, at } = stage;
  const listener = await listenTo(clients);

  const ids = {
    plain: await stage.launch({ name: 'plain', tags: { environment: 'dev' }, cpu: [4, null, 9] }),
    second: await stage.launch({ name: 'second' }),
    guarded: await stage.launch({ name: 'guarded', stopProtection: true, monitoring: 'detailed' }),
    spot: await stage.launch({ name: 'spot', spot: true }),
    windows: await stage.launch({ name: 'windows', platform: 'windows', hibernation: true, publicIpv4: true }),
  };
  await stage.group({ name: 'web', minSize: 1, maxSize: 4, desiredCapacity: 2 });
  await stage.settle();

  const names = new Map<string, string>([...Object.entries(ids).map(([name, id]) => [id, name] as const), [NOBODY, 'nobody']]);
  const note = (question: string, answer: unknown) => listener.note(question, anonymous(answer, names));
  const act = async (question: string, action: Action, on: readonly string[], kind: ResourceKind = 'instance') => {
    const changes = on.map(id => changeOf(stage, kind, id, action));
    const performed = await perform(clients, changes);
    await stage.settle();
    note(question, Object.fromEntries(changes.map(c => [c.resource.id, verdict(performed.get(c.id))])));
  };
  const look = async (question: string) => {
    const refs = Object.values(ids).map(id => ({ kind: 'instance' as const, id, name: null, scope }));
    const fresh = await reread(clients, [...refs, { kind: 'auto-scaling-group', id: 'web', name: null, scope }]);
    for (const [id, { kind, ...facts }] of fresh)
      note(`${question}: ${names.get(id) ?? id}`, 'members' in facts ? { ...facts, members: facts.members.length } : facts);
  };

  note('account', await accountOf(clients));
  const seen = await observeInstances(clients, scope, at, {
    cpuHours: i => (i.ref.id === ids.plain ? 2 : null),
    idleSince: () => null,
    baseline: () => true,
  });
  note('unread', seen.unread);
  for (const instance of seen.instances.filter(i => i.parent === null)) note(`seen: ${instance.ref.name}`, instance);
  note(
    'members',
    seen.instances.filter(i => i.parent !== null).map(({ parent, tags, state }) => ({ parent, state, environment: tags['environment'] })),
  );
  note(
    'one that is gone is absent',
    (await describeInstances(clients, scope, [ids.plain, NOBODY])).map(i => i.ref.id),
  );
  note('stop protection', Object.fromEntries(await observeStopProtection(clients, [ids.plain, ids.guarded, NOBODY])));
  const fleets = await observeFleets(clients, scope, at, {
    signal: () => ({ period: 300, datapoints: 3 }),
    signals: () => null,
    baseline: () => true,
    terms: () => true,
  });
  note(
    'fleets',
    fleets.fleets.map(f => ({ ...f, members: f.members.map(m => ({ ...m, id: m.id.slice(0, 2) })), signal: f.signal?.values.length })),
  );

  await act('stop', STOP, [ids.plain, ids.second, ids.guarded, NOBODY]);
  await look('after stop');
  await act('stop again', STOP, [ids.plain, ids.second]);
  await act('hibernate what cannot', { kind: 'stop-instance', hibernate: true }, [ids.guarded]);
  await act('start', START, [ids.plain, ids.second, NOBODY]);
  await act('start again', START, [ids.plain]);
  await look('after start');
  await act('mark', { kind: 'create-tags', tags: { 'ebb:mark': 'stop by 2026-01-01', owner: '' } }, [ids.plain, ids.spot]);
  await act('clear', { kind: 'delete-tags', keys: ['ebb:mark', 'never-there'] }, [ids.plain, ids.spot]);
  await act('mark nobody', { kind: 'create-tags', tags: { a: '1' } }, [NOBODY]);
  await act('resize', { kind: 'set-desired-capacity', desiredCapacity: 3 }, ['web'], 'auto-scaling-group');
  await look('after all');
  await act('reserved tag', { kind: 'create-tags', tags: { 'aws:mine': '1' } }, [ids.plain]);
  await act('resize above max', { kind: 'set-desired-capacity', desiredCapacity: 9 }, ['web'], 'auto-scaling-group');
  await act('resize nobody', { kind: 'set-desired-capacity', desiredCapacity: 1 }, ['gone'], 'auto-scaling-group');

  await playMore(clients, ids, note, () => stage.settle());
  await playGroups(clients, () => stage.settle(), note);
  await stage.settle();
  await act('stop one-time spot', STOP, [ids.spot]);

  const { TerminateInstancesCommand } = await import('@aws-sdk/client-ec2');
  await (await clients.ec2()).send(new TerminateInstancesCommand({ InstanceIds: [ids.second] }));
  await stage.settle();
  const [gone] = await describeInstances(clients, scope, [ids.second]);
  note('terminated', gone);
  await act('start what is terminated', START, [ids.second]);

  return listener.answers();
}

const verdict = (performed: Awaited<ReturnType<typeof perform>> extends Map<string, infer P> ? P | undefined : never) => ({
  outcome: performed?.outcome,
  detail: performed?.detail?.split(':')[0] ?? null,
  requestId: typeof performed?.requestId,
});

const changeOf = ({ scope, at }: Stage, kind: ResourceKind, id: string, action: Action): Change => ({
  id: `chg-${fingerprint({ id, action })}`,
  pen: 'stop-start-instances',
  resource: { kind, id, name: null, scope },
  action,
  because: { code: 'off-hours', schedule: 'office', since: at, until: null },
  causeAt: at,
  expects: {},
  attempt: 1,
  policy: 'dev-test',
  mode: 'act',
  saving: null,
  losing: [],
  owner: null,
});

/** Ids become the script's names; instants, zones and volumes, which no two worlds share, become words. */
function anonymous(answer: unknown, names: ReadonlyMap<string, string>): unknown {
  const text = JSON.stringify(answer, (key, value) => {
    if (key === 'availabilityZone') return typeof value === 'string' && /^us-east-1[a-f]$/.test(value) ? 'zone' : value;
    if (key === 'volumes' && Array.isArray(value)) return value.length;
    return value;
  });
  if (text === undefined) return null;
  const named = [...names].reduce((t, [id, name]) => t.replaceAll(id, name), text);
  return JSON.parse(named.replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/g, '"instant"'));
}
