/** One evening through the whole deployment: what is told in Slack is pressed there, and comes true by the pen that owns the fact. */
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addSeconds, epochSeconds, type Instant, instant, MINUTE } from '../../shared/model/time.ts';
import { createCloud } from '../../simulator/cloud.ts';
import { type Posted, SIGNING_SECRET, VirtualSlack } from '../../simulator/slack/slack.ts';
import { openStage } from '../../simulator/stage.ts';
import { openTables, type Tables } from '../../simulator/tables.ts';
import { configOf, devTest } from '../support/policies.ts';

const ANA = 'U0ANA00000';
const START = instant('2025-05-14T18:50:00Z');
const after = (minutes: number): Instant => addSeconds(START, minutes * MINUTE);

let tables: Tables;
beforeAll(async () => {
  tables = await openTables();
});
afterAll(() => tables.close());

test('stopped at seven, wanted back by its owner from the message, running again, and the message says so', async () => {
  const cloud = createCloud({ seed: 3, at: START });
  const box = cloud.launch({ tags: { environment: 'dev', 'ebb:owner': 'ana@example.com', Name: 'payroll-test' } });
  const config = configOf({ policies: [devTest()] });
  const slack = new VirtualSlack({ now: () => epochSeconds(cloud.now()) * 1000 });
  slack.channels.set(config.slack.channel, { id: 'C0COSTS000' });
  slack.users.set(ANA, 'ana@example.com').set('U0EVE00000', 'eve@example.com');
  cloud.setParameter('/ebbtide/dev/slack/bot-token', slack.token);
  cloud.setParameter('/ebbtide/dev/slack/signing-secret', SIGNING_SECRET);
  const stage = await openStage({
    ...{ cloud, tables, config, region: 'eu-west-1', fetch: slack.fetchInProcess },
    serverless: join(resolve(import.meta.dirname, '../..'), 'serverless.yml'),
  });

  await cloud.advanceTo(after(20));
  expect(cloud.instance(box).state).toBe('stopped');
  const card = slack.posted.find(({ text }) => text.startsWith('Stopped payroll-test')) as Posted;

  await stage.invoke('answer-slack', slack.press('U0EVE00000', 'Start now', card));
  await cloud.advanceTo(after(21));
  expect(cloud.instance(box).state).toBe('stopped');
  expect(slack.whispers.at(-1)?.text).toContain('for its owner ana@example.com');

  const { answer } = await stage.invoke('answer-slack', slack.press(ANA, 'Start now', card));
  expect(answer).toMatchObject({ statusCode: 200 });
  await cloud.advanceTo(after(31));
  expect(cloud.instance(box).state).toBe('running');
  expect(slack.posted.some(({ text }) => text.startsWith('Started payroll-test'))).toBe(true);
  expect(JSON.stringify(card.blocks)).toContain('asks to start payroll-test');
  expect(JSON.stringify(card.blocks)).toMatch(/Started Wed 14 May/);
  expect(JSON.stringify(card.blocks)).not.toContain('"actions"');
  expect(stage.invocations.filter(({ outcome }) => outcome === 'threw')).toEqual([]);
});
