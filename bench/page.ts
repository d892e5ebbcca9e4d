/** How large the page is and how long it takes, for a year of so many actions: `npm run bench:page [-- ACTIONS]` */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildPageAssets } from '../scripts/page-assets.ts';
import { pageHtml } from '../shared/report/page/template.ts';
import { folded, largeYear } from '../test/report/pages.ts';
import { chromium } from '../test/support/chromium.ts';

const { rows, window, at } = largeYear(Number(process.argv[2] ?? 10_000));
const assets = await buildPageAssets();
const [data, foldMs] = timed(() => folded(rows, { window, at }));
const [html, writeMs] = timed(() => pageHtml(data, assets));
const kb = (bytes: number) => `${(bytes / 1024).toFixed(0)} KB`;
console.log(`${data.actions.length} actions over ${data.days.length} days, from ${rows.length} rows of the ledger`);
console.log(`script and style  ${kb(assets.script.length + assets.style.length)}`);
console.log(`the file          ${kb(Buffer.byteLength(html))}, gzipped ${kb(gzipSync(html).length)}`);
console.log(`fold, write       ${foldMs} ms, ${writeMs} ms of processor time`);

const browser = await chromium();
if (browser !== null) {
  const folder = mkdtempSync(join(tmpdir(), 'ebbtide-page-'));
  writeFileSync(join(folder, 'year.html'), html);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const opened = await waited(async () => {
    await page.goto(pathToFileURL(join(folder, 'year.html')).href);
    await page.locator('#left').waitFor();
  });
  const held = await page.locator('tr').count();
  const searched = await waited(() => page.locator('#search').fill('box-7 start'));
  const narrowed = await waited(() => page.locator('#only-team').selectOption({ index: 3 }));
  console.log(
    `in Chromium       opened ${opened} ms, searched ${searched} ms, narrowed ${narrowed} ms; ${held} table rows in the document`,
  );
  await browser.close();
  rmSync(folder, { recursive: true });
}

/** Milliseconds of processor time: other processes are none of it. */
function timed<T>(run: () => T): [T, number] {
  const begun = process.cpuUsage();
  const value = run();
  const { user, system } = process.cpuUsage(begun);
  return [value, Math.round((user + system) / 1000)];
}

async function waited(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await run();
  return Math.round(performance.now() - begun);
}
