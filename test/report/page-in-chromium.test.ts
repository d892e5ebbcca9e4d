import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { buildPageAssets, type PageAssets } from '../../scripts/page-assets.ts';
import type { PageData } from '../../shared/report/page/data.ts';
import { pageHtml } from '../../shared/report/page/template.ts';
import { chromium } from '../support/chromium.ts';
import { EVIL, evilRows, folded, largeYear, weekOfTeams } from './pages.ts';

const browser = await chromium();
const folder = mkdtempSync(join(tmpdir(), 'ebb-page-'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const data = folded([...weekOfTeams, ...evilRows], { zone: 'Europe/Berlin' });

let assets: PageAssets;
beforeAll(async () => {
  assets = await buildPageAssets();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** What went wrong while a page was open: messages on its console, errors, and anything it asked the network for. */
const troubles: string[] = [];

interface Opened {
  readonly page: Page;
  close(): Promise<void>;
}

async function open(of: PageData, options: BrowserContextOptions = {}): Promise<Opened> {
  const file = join(folder, `${Math.abs(of.actions.length)}.html`);
  writeFileSync(file, pageHtml(of, assets));
  const context = await (browser as Browser).newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.on('console', message => troubles.push(`console: ${message.text()}`));
  page.on('pageerror', error => troubles.push(`error: ${error.message}`));
  page.on('dialog', dialog => troubles.push(`dialog: ${dialog.message()}`));
  page.on('request', request => {
    if (request.url() !== pathToFileURL(file).href && !request.url().startsWith('blob:')) troubles.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  await page.locator('#left').waitFor();
  return { page, close: () => context.close() };
}

const rows = (page: Page, table: string) => page.locator(`${table} tbody > tr:not(.detail)`);
const column = async (page: Page, table: string, nth: number): Promise<string[]> =>
  page.locator(`${table} tbody > tr:not(.detail) > :nth-child(${nth})`).allInnerTexts();
const status = (page: Page): Promise<string> => page.locator('#action-rows .where').innerText();
const colour = (page: Page): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');

async function downloaded(page: Page, table: string): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator(`${table} button`, { hasText: 'Download CSV' }).click()]);
  return readFileSync(await file.path(), 'utf8');
}

(browser === null ? describe.skip : describe)('the page in Chromium', () => {
  let page: Page;
  let close: Opened['close'];
  beforeAll(async () => {
    ({ page, close } = await open(data));
  });
  afterAll(() => close());

  test('shows the figures of the statement, and draws its charts', async () => {
    expect(await page.locator('h1').innerText()).toBe(data.title);
    expect(await page.locator('.figures dt').allInnerTexts()).toEqual(data.figures.map(([label]) => label));
    expect(await page.locator('.figures dd').allInnerTexts()).toEqual(data.figures.map(([, value]) => value));
    expect(await page.locator('.canvas canvas').count()).toBe(3);
    // Something is painted: not every pixel is like the first.
    expect(
      await page.evaluate(`[...document.querySelectorAll('.canvas canvas')].map(canvas => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size > 5;
    })`),
    ).toEqual([true, true, true]);
  });

  test('what somebody wrote is text: no element of theirs, no script, no title', async () => {
    await page.locator('#search').fill('onerror');
    expect(await rows(page, '#action-rows').count()).toBe(1);
    expect(await column(page, '#action-rows', 2)).toEqual([expect.stringContaining(EVIL.name.slice(0, 40))]);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe(data.title);
    await page.locator('#search').fill('');
  });

  test('sorts by a column, says so, and turns around', async () => {
    const heading = page.locator('#lines th', { hasText: 'At most' });
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    const descending = await column(page, '#lines', 3);
    await heading.getByRole('button').click();
    expect(await heading.getAttribute('aria-sort')).toBe('ascending');
    expect(await column(page, '#lines', 3)).toEqual(descending.toReversed());
    expect(await page.locator('#lines th[aria-sort=none]').count()).toBe(4);
    await heading.getByRole('button').click();
  });

  test('switches what the breakdown is by', async () => {
    for (const [by, dimension] of [
      ['By policy', 'policy'],
      ['By account', 'account'],
      ['By owner', 'owner'],
      ['By kind', 'class'],
      ['By team', 'team'],
    ] as const) {
      await page.getByRole('button', { name: by, exact: true }).click();
      expect(await rows(page, '#lines').count()).toBe(
        data.lines[dimension].filter(l => l.high !== null || l.hours !== 0 || l.unknown !== 0).length,
      );
      expect(await page.getByRole('button', { name: by, exact: true }).getAttribute('aria-pressed')).toBe('true');
    }
  });

  test('a name narrows everything to itself, and gives it back', async () => {
    const all = await rows(page, '#action-rows').count();
    await page.getByRole('button', { name: 'storefront' }).click();
    expect(await page.locator('#only-team').locator('option:checked').innerText()).toBe('storefront');
    expect(await page.locator('form .where').innerText()).toBe('Everything below shows team storefront alone.');
    expect(await rows(page, '#lines').count()).toBe(1);
    const storefront = data.names.team.indexOf('storefront');
    expect(await rows(page, '#action-rows').count()).toBe(data.actions.filter(a => a.team === storefront).length);
    expect(await page.locator('#heat td[title^="Thursday 14:00"]').getAttribute('title')).toBe('Thursday 14:00: −5 h');
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await rows(page, '#action-rows').count()).toBe(all);
  });

  test('hands over what is shown as a spreadsheet: sorted, narrowed, and without formulas', async () => {
    await page.getByRole('button', { name: 'By policy', exact: true }).click();
    const lines = (await downloaded(page, '#lines')).trimEnd().split('\r\n');
    expect(lines[0]).toBe('\ufeffPolicy,At least,At most,Hours avoided,Hours of unknown worth');
    expect(lines.slice(1).map(line => line.replace(/^"'=HYP.*click""\)"/, 'formula'))).toEqual([
      'dev-test,0,5.207333,48.67,79',
      'formula,0,1.284,12,0',
      'web,0.428,0.428,4,0',
    ]);
    await page.locator('#whose').selectOption('bad');
    expect((await downloaded(page, '#action-rows')).trimEnd().split('\r\n')).toHaveLength(1 + data.actions.filter(a => a.bad).length);
    await page.locator('#whose').selectOption('all');
    await page.getByRole('button', { name: 'By team', exact: true }).click();
  });

  test('an action opens its evidence: the rows of the ledger it rests on', async () => {
    await page.locator('#search').fill('payroll-test stop');
    const opener = page.locator('#action-rows .opener').last();
    expect(await opener.getAttribute('aria-expanded')).toBe('false');
    await opener.click();
    expect(await opener.getAttribute('aria-expanded')).toBe('true');
    const detail = page.locator('#action-rows .detail:visible');
    expect(await detail.locator('h3').allInnerTexts()).toEqual([
      expect.stringMatching(/^claimed, Mon/),
      expect.stringMatching(/^settled/),
      expect.stringMatching(/^meter opened/),
      expect.stringMatching(/^meter closed/),
    ]);
    expect(await detail.innerText()).toContain('chg-stop-0');
    await opener.click();
    expect(await detail.count()).toBe(0);
    await page.locator('#search').fill('');
  });

  test('is read with the keyboard: skip link, arrow keys in a chart, sorting by Enter', async () => {
    const { page, close } = await open(data);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');

    await page.locator('.chart').first().focus();
    const readout = page.locator('figure').first().locator('.readout');
    await page.keyboard.press('End');
    // The window is of UTC, so that it ends two hours into a Monday of Berlin.
    expect(await readout.innerText()).toBe('Mon, 19 May 2025: worth unknown.');
    await page.keyboard.press('ArrowLeft');
    expect(await readout.innerText()).toMatch(/^Sun, 18 May 2025: /);
    await page.keyboard.press('Home');
    expect(await readout.innerText()).toBe('Mon, 12 May 2025: at least $0.00, at most $0.54, 5 h avoided.');

    await page.locator('#action-rows .sort', { hasText: 'Resource' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#action-rows th', { hasText: 'Resource' }).getAttribute('aria-sort')).toBe('ascending');
    await close();
  });

  test('every chart has its figures as a table', async () => {
    for (const summary of await page.locator('.as-table summary').all()) {
      await summary.click();
      const shown = page.locator('.as-table[open]');
      await shown.locator('table').waitFor();
      expect(await shown.locator('tbody tr').count()).toBeGreaterThanOrEqual(7);
      await summary.click();
    }
  });

  test('colours follow the system until somebody chooses, and charts follow them', async () => {
    const light = await colour(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await colour(page);
    expect(dark).not.toBe(light);
    await page.locator('#theme').selectOption('light');
    expect(await colour(page)).toBe(light);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.locator('#theme').selectOption('dark');
    expect(await colour(page)).toBe(dark);
    await page.locator('#theme').selectOption('auto');
    expect(await colour(page)).toBe(light);
  });

  test('on paper it is light, and without its controls', async () => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.locator('form.filters, .choice, .bar .buttons').filter({ visible: true }).count()).toBe(0);
    const paper = await page.pdf();
    expect(paper.subarray(0, 4).toString()).toBe('%PDF');
    await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
  });

  test('nothing was asked of the network, and nothing complained', () => {
    expect(troubles).toEqual([]);
  });
});

(browser === null ? describe.skip : describe)('for everybody', () => {
  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)(
    'axe finds nothing against it: %s, %i pixels wide, with everything open',
    async (colorScheme, width) => {
      const { page, close } = await open(data, { colorScheme, viewport: { width, height: 844 }, bypassCSP: true });
      await page.evaluate('for (const closed of document.querySelectorAll("details")) closed.open = true');
      await page.locator('.as-table table').nth(2).waitFor();
      await page.locator('#action-rows .opener').first().click();
      await page.evaluate(axe);
      const { violations, passes } = (await page.evaluate('axe.run()')) as Record<
        'violations' | 'passes',
        { id: string; nodes: { html: string }[] }[]
      >;
      expect(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([]);
      // It did look: at contrast, at names of controls, at headings of tables.
      expect(passes.map(({ id }) => id)).toEqual(
        expect.arrayContaining(['color-contrast', 'label', 'button-name', 'select-name', 'th-has-data-cells']),
      );
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await close();
    },
    120_000,
  );

  test('without scripts it says what it needs', async () => {
    const { page, close } = await openPlain();
    expect(await page.locator('body').innerText()).toContain('allow scripts to read it');
    await close();
  });

  async function openPlain(): Promise<Opened> {
    const file = join(folder, 'plain.html');
    writeFileSync(file, pageHtml(data, assets));
    const context = await (browser as Browser).newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    return { page, close: () => context.close() };
  }

  test('a week in which nothing happened says so', async () => {
    const { page, close } = await open(folded([]));
    expect(await page.locator('#lines .empty').innerText()).toBe('Nothing ran on a meter in this window.');
    expect(await page.locator('#action-rows .empty').innerText()).toBe('Nothing was done, planned or seen in this window.');
    expect(await page.locator('#capacity').count()).toBe(0);
    await close();
  });

  test('a year with ten thousand actions is paged: all are searched and sorted, few are in the document', async () => {
    const { rows: all, window, at } = largeYear(10_100);
    const year = folded(all, { window, at });
    expect(year.actions.length).toBeGreaterThanOrEqual(10_000);
    expect(year.days).toHaveLength(365);
    const { page, close } = await open(year);
    expect(await page.locator('tr').count()).toBeLessThan(200);
    expect(await status(page)).toBe(`1 to 25 of ${year.actions.length.toLocaleString('en-US')} rows`);
    expect(await page.locator('#over-time .choice [aria-pressed=true]').innerText()).toBe('Week by week');
    await page.locator('.chart').first().focus();
    await page.keyboard.press('Home');
    expect(await page.locator('.readout').first().innerText()).toMatch(/^Mon, 20 May 2024 to Sun, 26 May 2024: at least /);
    await page.locator('#action-rows').getByRole('button', { name: 'Next page' }).click();
    expect(await status(page)).toMatch(/^26 to 50 of /);
    await page.locator('#search').fill('team-7-box-7 start');
    const matching = year.actions.filter(a => a.resource === 'team-7-box-7' && a.what === 'start').length;
    expect(await status(page)).toBe(`1 to 25 of ${matching} rows`);
    await page.locator('#only-team').selectOption({ label: 'team-3' });
    expect(await rows(page, '#action-rows').count()).toBe(1);
    expect(await page.locator('#action-rows .empty').innerText()).toBe('No action is like that.');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1280);
    await close();
    expect(troubles).toEqual([]);
  }, 120_000);
});
