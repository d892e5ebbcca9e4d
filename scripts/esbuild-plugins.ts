/** Measured savings of cold start; `npm run bench:bundle` shows what they come to. */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { buildPageAssets } from './page-assets.ts';

/** ESM `import 'node:http'` evaluates lazy getters of undici, about 50 ms; getBuiltinModule gives the same module in about 5. */
export const builtinHttp: Plugin = {
  name: 'builtin-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?(http|https|http2)$/ }, ({ path }) => ({ path: path.replace('node:', ''), namespace: 'builtin-http' }));
    onLoad({ filter: /.*/, namespace: 'builtin-http' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}')`,
    }));
  },
};

/**
 * A lazy `import('@aws-sdk/client-…')` keeps the whole client, because esbuild shakes static imports only. So it is answered by a module
 * that exports just the names which our sources write somewhere, as words: half of client-ec2, and two thirds of the time to load it.
 */
export const onlyWhatIsNamed = (root: string): Plugin => ({
  name: 'only-what-is-named',
  setup({ onResolve, onLoad }) {
    const words = wordsIn(['functions', 'shared'].map(folder => join(root, folder)));
    onResolve({ filter: /^@aws-sdk\/client-/ }, ({ path, kind, importer }) =>
      kind === 'dynamic-import' && !importer.includes('node_modules') ? { path, namespace: 'named' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'named' }, async ({ path }) => {
      const all = Object.keys((await import(path)) as object);
      // `EC2` in a comment is not the client that carries every command.
      const named = all.filter(name => words.has(name) && name !== 'default' && !all.includes(`${name}Client`));
      return { contents: `export { ${named.join(', ')} } from '${path}'`, resolveDir: root };
    });
  },
});

/** Maps cover what we wrote and not what we use, since Node reads them as it loads the code: less than half of the bytes are left. */
export const mapsOfOursOnly: Plugin = {
  name: 'maps-of-ours-only',
  setup({ onLoad }) {
    const nothing = Buffer.from(JSON.stringify({ version: 3, sources: [''], mappings: 'AAAA' })).toString('base64');
    onLoad({ filter: /node_modules\/.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\n//# sourceMappingURL=data:application/json;base64,${nothing}`,
      loader: 'js',
    }));
  },
};

/** What the page is made of is made when the functions are packaged: they carry the two texts, and no bundler. */
export const pageAssets: Plugin = {
  name: 'page-assets',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^#page-assets$/ }, ({ path }) => ({ path, namespace: 'page-assets' }));
    onLoad({ filter: /.*/, namespace: 'page-assets' }, async () => ({
      contents: `export const buildPageAssets = async () => (${JSON.stringify(await buildPageAssets())})`,
    }));
  },
};

/** `EBB_PRICES=FILE npm run package`: a larger table of list prices in the place of the shipped one. */
export const pricesNamed = (path: string | undefined): Plugin => ({
  name: 'prices-named',
  setup({ onLoad }) {
    if (path === undefined || path === '') return;
    onLoad({ filter: /shared\/observe\/price-table\.json$/ }, async () => {
      const { readPriceFile } = await import('../cli/price-file.ts');
      return { contents: JSON.stringify(readPriceFile(path, new Date()).table), loader: 'json' };
    });
  },
});

function wordsIn(folders: readonly string[]): Set<string> {
  const files = folders.flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts'))
      .map(file => join(folder, file)),
  );
  return new Set(files.flatMap(file => readFileSync(file, 'utf8').match(/\w+/g) ?? []));
}
