/** The page as a file that opens anywhere. */
import { writeFile } from 'node:fs/promises';
import { buildPageAssets } from '../scripts/page-assets.ts';
import type { PageData } from '../shared/report/page/data.ts';
import { pageHtml } from '../shared/report/page/template.ts';
import { Refusal } from './exit.ts';

export const pageText = async (data: PageData): Promise<string> => pageHtml(data, await buildPageAssets());

/** @throws Refusal when the file cannot be written. */
export async function writePage(file: string, data: PageData): Promise<{ readonly bytes: number; readonly html: string }> {
  const html = await pageText(data);
  try {
    await writeFile(file, html);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new Refusal(`${file} cannot be written (${code ?? message}); name a file in a folder that is there`);
  }
  return { bytes: Buffer.byteLength(html), html };
}
