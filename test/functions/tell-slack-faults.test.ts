import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Notice } from '../../shared/model/notice.ts';
import type { Memory, MemoryItem } from '../../shared/model/ports.ts';
import { addSeconds, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import type { Config, SlackConfig } from '../../shared/policy/schema.ts';
import { noticeMessage } from '../../shared/report/slack-notices.ts';
import { post, waiting } from '../../shared/runtime/outbox.ts';
import { secret, useOutside } from '../../shared/runtime/outside.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import { tellDue } from '../../shared/runtime/tell.ts';
import { breakerNotice, parameterStore } from './tell-slack-props.ts';

const START = instant('2025-05-14T10:00:00Z');
const slack: SlackConfig = { channel: '#savings', summary: { timeZone: 'UTC', hour: 9 } };
let now: Instant;
let answer: typeof fetch;
let restore: () => void;

beforeEach(() => {
  restore = useOutside({
    now: () => now,
    sleep: async () => {},
    environment: { AWS_REGION: 'eu-west-1' },
    config: () => ({ stage: 'dev' }) as Config,
    clientConfig: () => ({}),
    equip: client => parameterStore(client, { '/ebbtide/dev/slack/bot-token': 'xoxb-good' }),
    fetch: (url, init) => answer(url, init),
    secret,
  });
});
afterEach(() => restore());

test('whatever happens, in any order: once it ceases, every notice has been told and none waits', async () => {
  const fault = fc.constantFrom('well', 'ill', 'refused', 'too-long', 'busy', 'busy-long', 'cut', 'told-then-cut', 'crash-after-telling');
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fault, { maxLength: 15 }), async (notices, faults) => {
      const queue = [...faults];
      const heard: string[] = [];
      const memory = memoryInProcess(() => queue[0] === 'crash-after-telling' && queue.shift() !== undefined);
      answer = async (_url, init) => slackUnder(queue.shift() ?? 'well', heard, String(init?.body));
      for (let n = 1; n <= notices; n++) await post(memory, breakerNotice(n, START));

      now = START;
      // Fifteen faults may put one notice off fifteen times, by an hour at most.
      for (let ticks = 0; ticks < 16 * 12 && (await waiting(memory, now)).length > 0; ticks++, now = addSeconds(now, 5 * MINUTE)) {
        const wordsFor = async (notice: Notice) => ({
          spoken: noticeMessage(notice as Exclude<Notice, { kind: 'summary' }>),
          replies: [],
          file: null,
        });
        await tellDue({ memory, at: now, slack, wordsFor, remaining: () => 60_000, telemetry: silent }).catch(() => {});
      }
      expect(await waiting(memory, now)).toEqual([]);
      expect([...new Set(heard)].toSorted()).toEqual(Array.from({ length: notices }, (_, n) => `p${n + 1}`));
      // A second telling needs an answer that was lost or a crash.
      if (!faults.includes('told-then-cut') && !faults.includes('crash-after-telling')) expect(heard).toHaveLength(notices);
    }),
    { numRuns: 150 },
  );
});

const silent: Telemetry = { debug() {}, info() {}, warn() {}, error() {}, correlate() {}, count() {} };

function slackUnder(fault: string, heard: string[], body: string): Response {
  const ok = (answer: object, status = 200, headers = {}) => new Response(JSON.stringify(answer), { status, headers });
  if (fault === 'ill') return ok({}, 503);
  if (fault === 'refused') return ok({ ok: false, error: 'invalid_auth' });
  if (fault === 'too-long') return ok({ ok: false, error: 'msg_too_long' });
  if (fault === 'busy') return ok({}, 429, { 'retry-after': '2' });
  if (fault === 'busy-long') return ok({}, 429, { 'retry-after': '900' });
  if (fault === 'cut') throw new TypeError('fetch failed');
  heard.push(/policy (p\d)/.exec(body)?.[1] ?? '');
  if (fault === 'told-then-cut') throw new TypeError('terminated');
  return ok({ ok: true });
}

/** Versioned conditional writes, as the port says; `crashes` makes the next `forget` throw. */
function memoryInProcess(crashes: () => boolean): Memory {
  const items = new Map<string, MemoryItem>();
  const holds = (key: string, version: number) => (items.get(key)?.version ?? 0) === version;
  return {
    readShelf: async () => [...items.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    read: async (_shelf, key) => items.get(key) ?? null,
    write: async (_shelf, { key, value, version }) => holds(key, version) && items.set(key, { key, value, version: version + 1 }).has(key),
    forget: async (_shelf, { key, version }) => {
      if (crashes()) throw new Error('DynamoDB is away');
      return holds(key, version) && items.delete(key);
    },
  };
}
