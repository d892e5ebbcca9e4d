/** Messages that want an answer, and what may be pressed: who is asked, what happens if nobody answers, what it costs and what is lost. */
import type { About, Ask, ButtonSpec, Choice, WishTemplate } from '../model/button.ts';
import { type Pen, type ResourceRef, scopeKey } from '../model/ids.ts';
import type { Notice, NoticeLine } from '../model/notice.ts';
import type { ActionKind } from '../model/plan.ts';
import { DAY, HOUR, type Instant } from '../model/time.ts';
import { predictionPhrase } from './amounts.ts';
import { count } from './numbers.ts';
import { named, plain, plainList } from './plain.ts';
import { lossPhrase, sentence } from './sentences.ts';
import { type Context, context, paragraph, type Spoken, whoMay } from './slack-kit.ts';
import { capital, message, past } from './slack-message.ts';
import { clock } from './when.ts';

type Of<Kind extends Notice['kind']> = Extract<Notice, { kind: Kind }>;

/** Whose starts and stops people ask for. */
const INSTANCES: Pen = 'stop-start-instances';

export function idleWarning(
  { at, resource, because, stopsAt, unanswered, owner, saving, losing }: Of<'idle-warning'>,
  zone: string,
): Spoken {
  const time = clock(zone);
  const name = named(resource);
  const when = time(stopsAt);
  const says = unanswered === 'stop' ? `is idle and will be stopped ${when}` : 'is idle and could be stopped';
  const evidence = sentence(because, zone);
  const worth = saving === null ? [] : [`Stopping it ${predictionPhrase(saving)}.`];
  const lost = losing.length === 0 ? [] : [`What does not come back by itself: ${losing.map(lossPhrase).join('; ')}.`];
  const otherwise =
    unanswered === 'stop' ? 'Unless somebody answers, it is stopped then.' : `Unless somebody agrees by ${when}, it is left alone.`;
  const about = { resource, pen: INSTANCES, owner };
  return message(
    `${name} ${says}. ${evidence}`,
    () => [
      paragraph(`${name} ${says}`, `. ${[evidence, ...worth, ...lost, otherwise].join(' ')}`),
      answerable(owner),
      context(smallPrint(resource, owner, time(at))),
    ],
    [
      ...(unanswered === 'stop' ? [] : [press('Stop it', about, { want: 'stopped' }, { style: 'primary' })]),
      { label: 'Keep until…', ask: { do: 'keep-until', ...about } },
      press('Snooze 2 h', about, { want: 'snooze', for: 2 * HOUR }),
      press('Snooze 7 days', about, { want: 'snooze', for: 7 * DAY }),
      ...(unanswered === 'stop'
        ? [
            press(
              'Stop now',
              about,
              { want: 'stopped' },
              { style: 'danger', confirm: `${plain(resource.name ?? resource.id)} is stopped at once.` },
            ),
          ]
        : []),
      why([evidence, ...worth, ...lost, otherwise]),
    ],
  );
}

const STAGES = {
  birth: 'is new and lacks',
  'half-time': 'still lacks',
  'last-day': 'has one day left and lacks',
  stopped: 'was stopped, because it lacks',
} as const;

export function tagWarning({ at, resource, missing, deadline, stage, owner }: Of<'tag-warning'>, zone: string): Spoken {
  const time = clock(zone);
  const name = named(resource);
  const tags = `${missing.length === 1 ? 'the tag' : 'the tags'} ${plainList(missing)}`;
  const rest =
    stage === 'stopped'
      ? '. Add them and it may run again; nothing of it is deleted.'
      : `. To be added by ${time(deadline)}, wherever you manage it.`;
  const about = { resource, pen: INSTANCES, owner };
  const isInstance = resource.kind === 'instance';
  return message(
    `${name} ${STAGES[stage]} ${tags}`,
    () => [
      paragraph(`${stage === 'last-day' ? '🔴 ' : ''}${name} ${STAGES[stage]} ${tags}`, rest),
      answerable(owner),
      context(smallPrint(resource, owner, time(at))),
    ],
    isInstance ? [stage === 'stopped' ? startNow(about) : { label: 'Keep until…', ask: { do: 'keep-until', ...about } }] : [],
  );
}

/** The first value of each key is one button; every other value is one of its own, since a person has to choose. */
export function tagOffer({ at, resource, offers, owner }: Of<'tag-offer'>, zone: string): Spoken {
  const name = named(resource);
  const about = { resource, pen: 'enforce-tags' as const, owner };
  const firsts = [...Map.groupBy(offers, offer => offer.key).values()].flatMap(all => all.slice(0, 1));
  const others = offers.filter(offer => !firsts.includes(offer)).slice(0, OTHERS_MAX);
  const says = ({ key, value }: { key: string; value: string }) => `${plain(key, 30)} = ${plain(value, 40)}`;
  const set = (label: string, chosen: typeof offers, style?: 'primary') =>
    press(
      label,
      about,
      { want: 'tags', tags: Object.fromEntries(chosen.map(({ key, value }) => [key, value])) },
      style === undefined ? {} : { style },
    );
  const [only] = firsts;
  const first = firsts.length === 1 && only !== undefined ? `Set ${says(only)}` : `Set these ${firsts.length} tags`;
  return message(
    `${name} could be tagged ${plainList(firsts.map(says))}`,
    () => [
      paragraph(`${name} could be tagged`, `: ${offers.map(offer => `${says(offer)} (${plain(offer.because, 120)})`).join('; ')}.`),
      answerable(owner),
      context(smallPrint(resource, owner, clock(zone)(at))),
    ],
    firsts.length === 0 ? [] : [set(first, firsts, 'primary'), ...others.map(offer => set(`Set ${says(offer)}`, [offer]))],
  );
}

const OTHERS_MAX = 4;

export function startButtons(notice: Of<'start-failing'>, reason: string): ButtonSpec[] {
  const { resource, owner } = notice;
  return resource.kind === 'instance' ? [startNow({ resource, pen: INSTANCES, owner }), why([reason])] : [why([reason])];
}

/** A change that only a yes is missing for; `why` is answered from what the message says. */
export const approveButtons = ({ resource, owner }: { resource: ResourceRef; owner: string | null }, action: ActionKind): ButtonSpec[] => [
  press(
    'Approve',
    { resource, pen: INSTANCES, owner },
    { want: 'approve', action },
    { style: 'primary', confirm: 'It is done once, if its occasion comes within a day: while the instance is stopped anyway.' },
  ),
];

export const keepButtons = ({ resource, owner }: { resource: ResourceRef; owner: string | null }): ButtonSpec[] =>
  resource.kind === 'instance' ? [{ label: 'Keep until…', ask: { do: 'keep-until', resource, pen: INSTANCES, owner } }] : [];

/** What was stopped can be had back: each by a button of its own while they are few, else by choosing. */
export function returnButtons(lines: readonly NoticeLine[], zone: string): ButtonSpec[] {
  const stopped = lines.filter(({ action, outcome, resource }) => outcome === 'done' && STOPS.has(action) && resource.kind === 'instance');
  const [only] = stopped;
  if (only === undefined) return [];
  if (stopped.length === 1) {
    const about = { resource: only.resource, pen: INSTANCES, owner: only.owner };
    return [startNow(about), { label: 'Keep running until…', ask: { do: 'keep-until', ...about } }, why([sentence(only.because, zone)])];
  }
  const items = stopped.slice(0, CHOICES_MAX).map(
    ({ resource, owner }): Choice => ({
      ...{ resource, owner, pen: INSTANCES, wish: { want: 'running' } },
      label: plain(resource.name ?? resource.id, 70),
    }),
  );
  return [{ label: 'Start again…', ask: { do: 'choose', title: 'Start again', wish: 'running', items } }];
}

const STOPS: ReadonlySet<string> = new Set(['stop', 'hibernate']);
/** A dialog shows a hundred options. */
const CHOICES_MAX = 100;

const startNow = (about: About): ButtonSpec => press('Start now', about, { want: 'running' }, { style: 'primary' });
const why = (lines: readonly string[]): ButtonSpec => ({ label: 'Why?', ask: { do: 'why', lines } });

const press = (label: string, about: About, wish: WishTemplate, more: Partial<ButtonSpec> = {}): ButtonSpec => ({
  label,
  ask: { do: 'wish', ...about, wish } satisfies Ask,
  ...more,
});

const smallPrint = ({ scope }: ResourceRef, owner: string | null, at: string): string =>
  `${scopeKey(scope)} · ${at}${owner === null ? '' : ` · owner ${plain(owner)}`}`;

/** Who may press is said where it is pressed. */
const answerable = (owner: string | null): Context =>
  whoMay(owner === null ? 'It has no owner: anyone here may answer.' : `For its owner ${plain(owner)} to answer, or an approver.`);

/** What became of it, where buttons stood: `Stopped Wed 14 May 19:30 (Europe/Berlin): outside office-hours …`. */
export const closing = ({ action, because }: NoticeLine, at: Instant, zone: string): string =>
  `${capital(past(plain(action)))} ${clock(zone)(at)}. ${sentence(because, zone)}`;

/** `12 machines wait`, for a summary's own button. */
export const approvals = (title: string, items: readonly Choice[]): ButtonSpec[] =>
  items.length === 0
    ? []
    : [
        {
          label: `Approve ${count(items.length, 'proposal')}…`,
          ask: { do: 'choose', title, wish: 'approve', items: items.slice(0, CHOICES_MAX) },
        },
      ];
