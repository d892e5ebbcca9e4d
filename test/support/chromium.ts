/** A real Chromium, in which pages are opened as a reader opens them. */
import { execFileSync } from 'node:child_process';
import type { Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * The browser, or `null` where none is installed: said in one loud line, since what is skipped proves nothing. Its path is `EBB_CHROMIUM`,
 * else the first of the usual names in PATH.
 * @throws Error when none is there although `EBB_REQUIRE` names chromium.
 */
export async function chromium(): Promise<Browser | null> {
  const executablePath = process.env['EBB_CHROMIUM'] ?? NAMES.map(found).find(path => path !== null);
  if (executablePath !== undefined && executablePath !== null) {
    const { chromium: playwright } = await import('playwright-core');
    return playwright.launch({ executablePath, args: ['--no-sandbox'] }); // root has no sandbox; the only page opened is our own
  }
  if ((process.env['EBB_REQUIRE'] ?? '').split(',').includes('chromium')) {
    throw new Error('EBB_REQUIRE names chromium, but there is none in PATH; apt-get install chromium, or name it in EBB_CHROMIUM');
  }
  process.stderr.write('\nSKIPPED: the page in Chromium (apt-get install chromium, or EBB_CHROMIUM): nobody looked at the page\n');
  return null;
}

function found(name: string): string | null {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
