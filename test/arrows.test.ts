/** The arrows of docs/architecture.md, kept by reading imports. Each complaint says what to use instead. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '..');

/** What a room may import from, besides itself. `cli`, `bench`, `test` and `scripts` may import anything. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  'shared/model': [],
  'shared/policy': ['shared/model'],
  'shared/decide': ['shared/model', 'shared/policy'],
  'shared/observe': ['shared/model'],
  'shared/execute': ['shared/model', 'shared/observe'], // the re-read before a write sees with the eyes that saw first
  'shared/ledger': ['shared/model'],
  'shared/memory': ['shared/model'],
  'shared/report': ['shared/model', 'shared/ledger'], // a summary is told from the statement, which is the ledger's own fold
  'shared/runtime': [
    'shared/model',
    'shared/policy',
    'shared/decide',
    'shared/observe',
    'shared/execute',
    'shared/ledger',
    'shared/memory',
    'shared/report',
  ],
  functions: ['shared/runtime', 'shared/model'],
  simulator: ['shared/model'],
};

const INSTEAD: Readonly<Record<string, string>> = {
  'shared/model': 'model knows nobody: move the type there, or pass the value in',
  'shared/policy': 'policy knows the model only: pass the fact in as an argument',
  'shared/decide': 'decide is pure: let observe read it and put it into the Observation, or let runtime join the rooms',
  'shared/observe': 'put the shared type into shared/model, or let shared/runtime join the rooms',
  'shared/execute': 'put the shared type into shared/model, or let shared/runtime join the rooms',
  'shared/ledger': 'put the shared type into shared/model (ports.ts names the doors)',
  'shared/memory': 'put the shared type into shared/model (ports.ts names the doors)',
  'shared/report': 'report tells values of the model: compute them in decide or the ledger and hand them over',
  'shared/runtime': 'the runtime knows neither functions, simulator nor cli: use the seam shared/runtime/outside.ts',
  functions: 'a function is a screen: put the work into shared/runtime and call it',
  simulator: 'the virtual cloud stands behind the SDK: speak to the house through real clients and events',
};

interface Import {
  readonly file: string;
  readonly line: number;
  /** A path from the root for our own files, the specifier for packages. */
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = ['shared', 'functions', 'simulator'].flatMap(sourcesIn);
const imports = files.flatMap(importsOf);
const roomOf = (path: string): string | undefined => Object.keys(MAY).find(room => path.startsWith(`${room}/`));

describe('arrows', () => {
  test('each room imports only the rooms that its arrows point to', () => {
    const broken = imports.flatMap(({ file, line, target }) => {
      const from = roomOf(file);
      const to = roomOf(target);
      if (from === undefined || to === undefined || from === to || allowed(from, file).includes(to)) return [];
      return [`${file}:${line} imports ${target}: ${INSTEAD[from]}`];
    });
    expect(broken).toEqual([]);
  });

  test('nothing that is deployed imports the simulator, the cli or a test', () => {
    const broken = imports
      .filter(({ file, target }) => !file.startsWith('simulator/') && /^(simulator|cli|test|bench|scripts)\//.test(target))
      .map(({ file, line, target }) => `${file}:${line} imports ${target}: stand behind the seam shared/runtime/outside.ts instead`);
    expect(broken).toEqual([]);
  });

  test('no function reaches the policy schema, the YAML parser or zod itself: types only, zod/mini for events', () => {
    const reached = reachedFrom(files.filter(file => file.startsWith('functions/')));
    const broken = imports
      .filter(
        ({ file, target, typeOnly }) =>
          !typeOnly && reached.has(file) && /^(shared\/policy\/(schema(\/[a-z]+)?|load)\.ts|yaml|zod)$/.test(target),
      )
      .map(({ file, line, target }) => `${file}:${line} imports ${target}: use \`import type\`, the compiled value is outside().config()`);
    expect(broken).toEqual([]);
  });

  test('model, policy/match, policy/schedule and decide know no clock, no chance, no process, no console, no SDK', () => {
    const pure = files.filter(file => /^shared\/(model|decide)\/|^shared\/policy\/(match|schedule)\.ts$/.test(file));
    const broken = pure.flatMap(file => [
      ...importsOf(file)
        .filter(({ target, typeOnly }) => !typeOnly && /^(@aws-sdk|@smithy|@aws-lambda-powertools)\//.test(target))
        .map(({ line, target }) => `${file}:${line} imports ${target}: let observe or execute call AWS and hand the facts over`),
      ...forbiddenWords(file),
    ]);
    expect(pure.length).toBeGreaterThan(10);
    expect(broken).toEqual([]);
  });
});

/** Types of the policies may be known wherever a plan or a notice speaks of them; a type costs nothing and points nowhere at run time. */
const allowed = (from: string, file: string): readonly string[] => {
  const typesOnly = (room: string) => imports.every(i => i.file !== file || roomOf(i.target) !== room || i.typeOnly);
  return [
    ...(MAY[from] ?? []),
    ...(typesOnly('shared/policy') ? ['shared/policy'] : []),
    ...(typesOnly('shared/runtime') ? ['shared/runtime'] : []),
  ];
};

/** Every file of ours that running these would load. */
function reachedFrom(entries: readonly string[]): Set<string> {
  const reached = new Set(entries);
  for (const file of reached)
    for (const i of imports) if (i.file === file && !i.typeOnly && i.target.endsWith('.ts')) reached.add(i.target);
  return reached;
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\./, 'time is an argument: take `at` from the observation'],
  [/\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/, 'there is no chance in a plan: derive ids with fingerprint()'],
  [/\bprocess\.|\bglobalThis\.process/, 'take it as an argument: settings belong to shared/runtime'],
  [/\bconsole\./, 'return a value: telemetry belongs to shared/runtime'],
];

function forbiddenWords(file: string): string[] {
  return code(file).flatMap((text, index) =>
    WORDS.filter(([word]) => word.test(text)).map(([, instead]) => `${file}:${index + 1} ${text.trim()}: ${instead}`),
  );
}

/** Lines without their comments and strings: good enough for a search, since the formatter keeps both on their own. */
function code(file: string): string[] {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ');
  const source = readFileSync(join(ROOT, file), 'utf8');
  return source
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .split('\n')
    .map(line => line.replace(/(^|\s)\/\/.*$/, '').replace(/'(?:[^'\\]|\\.)*'/g, "''"));
}

function importsOf(file: string): Import[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const statement = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...source.matchAll(statement)].map(match => {
    const [, type, names, from, lazily] = match;
    const specifier = from ?? lazily ?? '';
    const named = names
      ?.match(/^\{([^}]*)\}$/s)?.[1]
      ?.split(',')
      .map(name => name.trim())
      .filter(Boolean);
    return {
      file,
      line: source.slice(0, match.index).split('\n').length,
      target: specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier,
      typeOnly: type !== undefined || (named !== undefined && named.length > 0 && named.every(name => name.startsWith('type '))),
    };
  });
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => join(folder, file));
}
