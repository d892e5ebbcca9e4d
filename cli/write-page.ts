/** The page as a file that opens anywhere. */
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { buildPageAssets } from '../scripts/page-assets.ts';
import type { PageData } from '../shared/report/page/data.ts';
import { pageHtml } from '../shared/report/page/template.ts';
import { Refusal } from './exit.ts';

export const pageText = async (data: PageData): Promise<string> => pageHtml(data, await buildPageAssets());

/** Before minutes are spent on what could not be kept. @throws Refusal when the file's folder is not there, or closed. */
export function mustBeWritable(file: string): void {
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): Refusal {
  const { code, message } = error as { code?: string; message: string };
  return new Refusal(`${file} cannot be written (${code ?? message}); name a file in a folder that is there`);
}

/** @throws Refusal when the file cannot be written. */
export async function writePage(file: string, data: PageData): Promise<{ readonly bytes: number; readonly html: string }> {
  const html = await pageText(data);
  try {
    await writeFile(file, html);
  } catch (error) {
    throw unwritable(file, error);
  }
  return { bytes: Buffer.byteLength(html), html };
}
