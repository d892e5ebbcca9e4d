/** Script and style of the page that `ebb report` writes, bundled of shared/report/page/browser: plain text, so that the page needs no network. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BROWSERS = ['chrome111', 'edge111', 'firefox113', 'safari16.4'];

export async function buildPageAssets(): Promise<PageAssets> {
  const folder = 'shared/report/page/browser';
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { page: `${folder}/main.ts`, style: `${folder}/page.css` },
    outdir: 'never-written',
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: BROWSERS,
    mainFields: ['module', 'main'],
    charset: 'ascii',
    legalComments: 'none',
  });
  const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? '';
  const licence = (await readFile(fileURLToPath(new URL('../node_modules/uplot/LICENSE', import.meta.url)), 'utf8')).trim();
  return { script: `/* Charts: uPlot (github.com/leeoniya/uPlot). ${licence} */\n${textOf('page.js')}`, style: textOf('style.css') };
}
