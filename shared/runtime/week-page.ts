/** The page of a week: kept in the bucket of the stack, and handed to Slack as a file. */
import type { Scope } from '../model/ids.ts';
import { type Instant, utcDay, type Window } from '../model/time.ts';
import type { Speech } from '../report/slack-blocks.ts';
import { context, type SlackMessage } from '../report/slack-kit.ts';
import { clientsFor } from './clients.ts';
import { outside } from './outside.ts';
import { setting } from './settings.ts';
import type { Tables } from './tables.ts';
import type { Telemetry } from './telemetry.ts';

export interface WeekPage {
  readonly file: NonNullable<Speech['file']>;
  /** Where it is kept; nothing where there is no bucket. */
  readonly says: readonly SlackMessage[];
}

export interface WeekOf {
  readonly records: Tables;
  readonly scopes: readonly Scope[];
  readonly window: Window;
  readonly at: Instant;
  readonly zone: string;
  readonly telemetry: Pick<Telemetry, 'error'>;
}

/** A week that has no page is told without one: `null`, and the log says why. What cannot be kept is handed over all the same. */
export async function weekPage(week: WeekOf): Promise<WeekPage | null> {
  const { window, telemetry } = week;
  try {
    const file = await fileOf(week);
    const place = await keepPage(`weekly/${file.name}`, file.text).catch((error: unknown) => {
      telemetry.error('the page of the week could not be kept', { week: window, error });
      return null;
    });
    return { file, says: place === null ? [] : [kept(place)] };
  } catch (error) {
    telemetry.error('the page of the week could not be made', { week: window, error });
    return null;
  }
}

async function fileOf({ records, scopes, window, at, zone }: WeekOf): Promise<WeekPage['file']> {
  // Loaded on Mondays: the ticks between need none of it.
  const [{ buildPageAssets }, { readPage }, { pageHtml }] = await Promise.all([
    import('#page-assets'),
    import('./paging.ts'),
    import('../report/page/template.ts'),
  ]);
  const data = await readPage(records, { scopes, window, at, zone });
  return { name: `ebbtide-${data.days[0] ?? utcDay(window.start)}.html`, title: data.title, text: pageHtml(data, await buildPageAssets()) };
}

function kept(place: string): SlackMessage {
  const text = `The week as a page, with every action and its evidence: ${place}`;
  return { text, blocks: [context(text)] };
}

/** @returns `s3://bucket/key`, or `null` where the stack has no bucket. @throws whatever S3 answers. */
export async function keepPage(key: string, html: string): Promise<string | null> {
  const bucket = outside().environment['EBB_PAGES_BUCKET'];
  if (bucket === undefined || bucket === '') return null;
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const s3 = await clientsFor({ region: setting('AWS_REGION') }).s3();
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: html, ContentType: 'text/html; charset=utf-8' }));
  return `s3://${bucket}/${key}`;
}
