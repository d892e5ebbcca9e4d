/**
 * One small bundle per function, and the compiled policies beside them: `dist/<function>/index.mjs`, `dist/config.json`.
 * Run as `node scripts/build.ts`; policies that do not load stop the build with their file, line and remedy.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build as bundle, type Metafile } from 'esbuild';
import { instant } from '../shared/model/time.ts';
import { builtinHttp, mapsOfOursOnly, onlyWhatIsNamed, pageAssets, pricesNamed } from './esbuild-plugins.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Bundle {
  readonly name: string;
  /** Bytes of the code that is loaded at once, and of everything in the folder without its source maps. */
  readonly entryBytes: number;
  readonly bytes: number;
  readonly metafile: Metafile;
}

/** @throws PolicyError when a policy does not load; Error when a function would pay for what only the build needs. */
export async function build(outdir = resolve(ROOT, 'dist'), functions = resolve(ROOT, 'functions')): Promise<Bundle[]> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const { compileConfig } = await import('../shared/policy/load.ts');
  await writeFile(join(outdir, 'config.json'), compileConfig(resolve(ROOT, 'config')));

  const names = (await readdir(functions)).filter(file => file.endsWith('.ts')).map(file => file.slice(0, -3));
  return Promise.all(names.sort().map(name => bundleOne(name, join(functions, `${name}.ts`), join(outdir, name))));
}

async function bundleOne(name: string, entry: string, outdir: string): Promise<Bundle> {
  const { metafile } = await bundle({ ...options, entryPoints: { index: entry }, outdir, metafile: true });
  const smuggled = notForFunctions(metafile);
  if (smuggled.length > 0)
    throw new Error(
      `${name} would bundle ${smuggled.slice(0, 5).join(', ')}: import its types only, the value is compiled at package time`,
    );

  const outputs = Object.entries(metafile.outputs).filter(([file]) => file.endsWith('.mjs'));
  const bytesOf = (files: typeof outputs) => files.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  return { name, entryBytes: bytesOf(loadedAtOnce(metafile, outputs)), bytes: bytesOf(outputs), metafile };
}

/** What must not be paid for at a cold start: the YAML parser, the policy schema with its zod, the virtual cloud. */
export const notForFunctions = ({ outputs }: Pick<Metafile, 'outputs'>): string[] => {
  const bundled = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  );
  return [...new Set(bundled.map(([path]) => path))].filter(path => BUILD_TIME.test(path));
};

const BUILD_TIME =
  /node_modules\/(yaml|dynalite|commander|zod\/v\d\/(classic|locales))\/|shared\/policy\/(schema(\/[a-z]+)?|load)\.ts|(^|\/)(simulator|scripts)\//;

/** The entry and the chunks that it imports statically, near and far. */
function loadedAtOnce({ outputs }: Metafile, all: [string, Metafile['outputs'][string]][]) {
  const entry = all.find(([file]) => file.endsWith('/index.mjs'))?.[0]; // what is imported lazily is an entry point too
  const seen = new Set<string>();
  const visit = (file: string | undefined) => {
    if (file === undefined || seen.has(file) || outputs[file] === undefined) return;
    seen.add(file);
    for (const { path, kind } of outputs[file].imports) if (kind === 'import-statement') visit(path);
  };
  visit(entry);
  return all.filter(([file]) => seen.has(file));
}

const options: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  splitting: true, // one chunk per SDK client, loaded when first asked for
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  outExtension: { '.js': '.mjs' },
  plugins: [pricesNamed(process.env['EBB_PRICES']), builtinHttp, onlyWhatIsNamed(ROOT), pageAssets, mapsOfOursOnly],
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
};

if (import.meta.main) {
  const bundles = await build().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  });
  const kb = (bytes: number) => `${(bytes / 1024).toFixed(0)} KB`.padStart(9);
  console.log(`${'bundle'.padEnd(22)}${'at once'.padStart(9)}${'in all'.padStart(10)}`);
  const { loadConfig } = await import('../shared/policy/load.ts');
  const { staleNotes } = await import('../shared/policy/stale.ts');
  const schedules = Object.values(loadConfig(resolve(ROOT, 'config')).schedules);
  for (const note of schedules.flatMap(schedule => staleNotes(schedule, instant(new Date())))) console.log(`note: ${note}`);
  for (const { name, entryBytes, bytes } of bundles) console.log(`${name.padEnd(22)}${kb(entryBytes)} ${kb(bytes)}`);
}
