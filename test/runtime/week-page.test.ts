import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { addSeconds, DAY, type Window } from '../../shared/model/time.ts';
import { unpacked } from '../../shared/report/page/packed.ts';
import { outside, useOutside } from '../../shared/runtime/outside.ts';
import { deliver } from '../../shared/runtime/slack.ts';
import { voice } from '../../shared/runtime/voice.ts';
import { weekPage } from '../../shared/runtime/week-page.ts';
import { onStage, QUIET } from '../functions/stage.ts';
import { weekOfTeams } from '../report/pages.ts';
import { scope } from '../report/plans.ts';
import { week } from '../report/week.ts';
import { paperLedger, paperMemory } from '../support/paper.ts';

const records = { ledger: paperLedger(), memory: paperMemory() };
const put: Record<string, unknown>[] = [];
const errors: object[] = [];
const telemetry = { error: (what: unknown, ...more: unknown[]) => void errors.push({ what, more }) };
const of = (window: Window = week) =>
  weekPage({ records, scopes: [scope], window, at: addSeconds(window.end, 9 * 3600), zone: 'UTC', telemetry });

let refused: string | null = null;
let leave = () => {};
const stage = (bucket: string) =>
  onStage({
    environment: { ...QUIET, EBB_PAGES_BUCKET: bucket },
    answer: (command, input) => {
      if (refused !== null) throw Object.assign(new Error(`${command} is not allowed`), { name: refused });
      put.push({ command, ...(input as object) });
      return {};
    },
  });

beforeEach(async () => {
  for (const row of weekOfTeams) await records.ledger.append(row);
  for (const list of [put, errors]) list.splice(0);
  refused = null;
  leave = stage('ebbtide-dev-pages');
});
afterEach(() => leave());

describe('the page of a week', () => {
  test('is kept in the bucket under the week it tells of, as the file that is handed over', async () => {
    const page = await of();
    expect(put).toEqual([
      expect.objectContaining({
        command: 'PutObjectCommand',
        Bucket: 'ebbtide-dev-pages',
        Key: 'weekly/ebbtide-2025-05-12.html',
        ContentType: 'text/html; charset=utf-8',
      }),
    ]);
    expect(page?.file).toMatchObject({ name: 'ebbtide-2025-05-12.html', text: put[0]?.['Body'] });
    const [, json = ''] = /id="data">(.*?)<\/script>/s.exec(page?.file.text ?? '') ?? [];
    const { total, actions } = unpacked(JSON.parse(json));
    expect([total.meters, actions.length]).toEqual([
      8,
      weekOfTeams.filter(row => ['claimed', 'proposed', 'noted'].includes(row.kind)).length,
    ]);
    expect(page?.says.map(({ text }) => text)).toEqual([expect.stringContaining('s3://ebbtide-dev-pages/weekly/ebbtide-2025-05-12.html')]);
  });

  test('is handed over where there is no bucket, too', async () => {
    leave();
    leave = stage('');
    const page = await of();
    expect([page?.file.text.slice(0, 15), page?.says, put]).toEqual(['<!doctype html>', [], []]);
  });

  test('that cannot be kept is handed over all the same, and the log says why', async () => {
    refused = 'AccessDenied';
    const page = await of();
    expect([page?.file.name, page?.says]).toEqual(['ebbtide-2025-05-12.html', []]);
    expect(errors).toEqual([
      {
        what: 'the page of the week could not be kept',
        more: [expect.objectContaining({ error: expect.objectContaining({ name: 'AccessDenied' }) })],
      },
    ]);
  });

  test('that cannot be made is missing, and the log says why', async () => {
    const broken = {
      ...records,
      memory: { ...records.memory, readShelf: () => Promise.reject(new Error('ProvisionedThroughputExceeded')) },
    };
    expect(await weekPage({ records: broken, scopes: [scope], window: week, at: week.end, zone: 'UTC', telemetry })).toBe(null);
    expect(errors).toEqual([expect.objectContaining({ what: 'the page of the week could not be made' })]);
  });
});

describe('who gets it', () => {
  const slack = { channel: '#costs', teams: { storefront: '#storefront' }, summary: { timeZone: 'UTC', hour: 9 } };
  const says = () => voice({ records, scopes: [scope], slack, at: addSeconds(week.end, 9 * 3600), pageOf: of });

  test('whoever gets the whole of a week: neither a team nor a day', async () => {
    const { wordsFor } = says();
    const whole = await wordsFor({ kind: 'summary', at: week.end, period: 'weekly' });
    const team = await wordsFor({ kind: 'summary', at: week.end, period: 'weekly', for: { team: 'storefront' } });
    const day = await wordsFor({ kind: 'summary', at: addSeconds(week.start, 2 * DAY), period: 'daily' });
    expect(whole?.file?.name).toBe('ebbtide-2025-05-12.html');
    expect(whole?.replies.at(-1)?.text).toContain('s3://');
    expect([team?.file, day?.file]).toEqual([null, null]);
  });

  test('and a week without a page is told without one', async () => {
    const silent = voice({ records, scopes: [scope], slack, at: addSeconds(week.end, 9 * 3600), pageOf: async () => null });
    const whole = await silent.wordsFor({ kind: 'summary', at: week.end, period: 'weekly' });
    expect(whole?.spoken.text).toContain('EC2 savings · 12 May – 18 May 2025');
    expect(whole?.file).toBe(null);
  });
});

test('an app that may not write files keeps nobody waiting: the message is told, and not told again', async () => {
  const called: string[] = [];
  const restore = useOutside({
    ...outside(),
    fetch: (async (url: string) => {
      called.push(String(url).replace('https://slack.com/api/', ''));
      return Response.json(called.length === 1 ? { ok: true, ts: '1.0', channel: 'C1' } : { ok: false, error: 'missing_scope' });
    }) as typeof fetch,
  });
  const file = { name: 'ebbtide.html', title: 'A week', text: '<!doctype html>' };
  const delivery = await deliver(
    { main: { text: 'A week', blocks: [] }, replies: [], file },
    { kind: 'bot', token: 'xoxb-1', channel: '#costs' },
  );
  restore();
  expect(called).toEqual(['chat.postMessage', 'files.getUploadURLExternal']);
  expect(delivery).toMatchObject({ kind: 'told' });
});
